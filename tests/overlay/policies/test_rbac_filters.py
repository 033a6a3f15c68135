from __future__ import annotations

from typing import Any

from meshscope.overlay.policies.rbac_filters import HTTP, TCP, action_of, with_policies

RBAC = "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC"


def rbac(action: str, field: str = "rules") -> dict[str, Any]:
    return {"name": HTTP, "typed_config": {"@type": RBAC, field: {"action": action, "policies": {"old": {}}}}}


def named(*names: str) -> list[Any]:
    return [{"name": f"envoy.filters.http.{name}", "typed_config": {"@type": f"x.{name}"}} for name in names]


def order(filters: list[Any]) -> list[str]:
    return [action_of(one) or one["name"].rpartition(".")[2] for one in filters]


def test_a_filter_is_put_where_istiod_puts_it() -> None:
    filters = named("peer_metadata", "jwt_authn", "grpc_stats", "fault", "router")
    with_allow = with_policies(filters, "ALLOW", {"new": {}}, HTTP)
    assert order(with_allow) == ["peer_metadata", "jwt_authn", "ALLOW", "grpc_stats", "fault", "router"]
    both = with_policies(with_allow, "DENY", {"new": {}}, HTTP)
    assert order(both)[1:5] == ["jwt_authn", "DENY", "ALLOW", "grpc_stats"]
    assert order(with_policies(both, "LOG", {"new": {}}, HTTP))[1:5] == ["jwt_authn", "LOG", "DENY", "ALLOW"]
    assert order(with_policies(named("router"), "DENY", {}, HTTP)) == ["DENY", "router"]


def test_a_filter_that_only_counts_keeps_its_place() -> None:
    filters = [rbac("DENY", "shadow_rules"), *named("router")]
    assert order(with_policies(filters, "LOG", {"new": {}}, HTTP)) == ["LOG", "rbac", "router"]


def test_a_filter_without_policies_goes_and_one_that_also_counts_stays() -> None:
    assert with_policies([rbac("DENY"), *named("router")], "DENY", None, HTTP) == named("router")
    counting = rbac("DENY")
    counting["typed_config"]["shadow_rules"] = {"action": "DENY"}
    kept = with_policies([counting], "DENY", None, HTTP)
    assert [sorted(one["typed_config"]) for one in kept] == [["@type", "shadow_rules"]]


def test_connections_have_a_filter_of_their_own() -> None:
    tcp = [{"name": "envoy.filters.network.tcp_proxy", "typed_config": {"@type": "x.TcpProxy"}}]
    made = with_policies(tcp, "ALLOW", {"a": {}}, TCP)
    assert [one["name"] for one in made] == [TCP, "envoy.filters.network.tcp_proxy"]
    assert made[0]["typed_config"]["rules"] == {"policies": {"a": {}}}


def test_the_filters_given_are_not_changed() -> None:
    filters = [rbac("ALLOW"), *named("router")]
    with_policies(filters, "ALLOW", {"new": {}}, HTTP)
    assert filters[0]["typed_config"]["rules"]["policies"] == {"old": {}}
