from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.effect.answer import RuleEffect, State
from meshscope.effect.kinds.envoy_filter import contains
from meshscope.effect.patches.matching import is_member
from meshscope.istio.objects.envoy_filter import EnvoyConfigObjectMatch, RouteConfigurationMatch

from .. import recorded
from ..recorded import Json

NAME = "EnvoyFilter default/tag-responses"
REST = "outbound|8000||rest.team-a.svc.cluster.local"


def judged(change: Json, proxy: str = "sleep") -> RuleEffect:
    """Of one patch for the proxies of the recorded mesh that its workloadSelector no longer restricts."""

    def edit(body: Json) -> None:
        body["spec"] = {"configPatches": [change]}

    mesh = recorded.rewritten(recorded.mesh("services"), NAME, edit)
    (found,) = recorded.of(mesh, NAME, proxy)
    return found


def patch(apply_to: str, operation: str, value: Any = None, **match: Any) -> Json:
    return {"applyTo": apply_to, "match": match, "patch": {"operation": operation, "value": value}}


def cluster(**match: Any) -> Json:
    return {"context": "SIDECAR_OUTBOUND", "cluster": match}


MANAGER = {"name": "envoy.filters.network.http_connection_manager"}


@pytest.mark.parametrize(
    ("change", "state", "because"),
    [
        (patch("CLUSTER", "MERGE", {"connect_timeout": "10s"}, **cluster(service="rest.team-a.svc.cluster.local")),
         State.IN_EFFECT, "its value is in 1 of 1 clusters that it matches"),
        (patch("CLUSTER", "MERGE", {"connectTimeout": "10.000s"}, **cluster(service="rest.team-a.svc.cluster.local")),
         State.IN_EFFECT, "its value is in 1 of 1 clusters that it matches"),
        (patch("CLUSTER", "MERGE", {"connect_timeout": "9s"}, **cluster(service="rest.team-a.svc.cluster.local")),
         State.NOT_IN_EFFECT, "its value is in 0 of 1 clusters that it matches"),
        (patch("CLUSTER", "MERGE", {"connect_timeout": "9s"}, **cluster(service="rset.team-a.svc.cluster.local")),
         State.NOT_IN_EFFECT, "it matches none of"),
        (patch("CLUSTER", "MERGE", {"lb_policy": "ROUND_ROBIN"}, **cluster(service="app.default.svc.cluster.local")),
         State.NOT_IN_EFFECT, "clusters that it matches"),
        (patch("CLUSTER", "REMOVE", None, **cluster(name="outbound|1||gone")), State.IN_EFFECT, "nothing of it is there"),
        (patch("CLUSTER", "REMOVE", None, **cluster(service="rest.team-a.svc.cluster.local")),
         State.NOT_IN_EFFECT, "1 of"),
        (patch("CLUSTER", "ADD", {"name": "new"}, context="ANY"), State.NOT_IN_EFFECT, "0 of 1 lists of clusters"),
        (patch("CLUSTER", "ADD", {"name": "PassthroughCluster"}, context="ANY"), State.IN_EFFECT, "1 of 1"),
        (patch("HTTP_FILTER", "INSERT_BEFORE", {"name": "lab.header"}, context="SIDECAR_INBOUND",
               listener={"filterChain": {"filter": {**MANAGER, "subFilter": {"name": "envoy.filters.http.router"}}}}),
         State.NOT_IN_EFFECT, "its value is in 0 of"),
        (patch("HTTP_FILTER", "MERGE", {"name": "envoy.filters.http.router"}, context="SIDECAR_OUTBOUND",
               listener={"portNumber": 80, "filterChain": {"filter": {**MANAGER, "subFilter": {"name": "envoy.router"}}}}),
         State.IN_EFFECT, "http filters that it matches"),
        (patch("HTTP_FILTER", "INSERT_BEFORE", {"name": "x"}, context="SIDECAR_OUTBOUND", listener={"portNumber": 1}),
         State.NOT_IN_EFFECT, "no list of http filters is one that it is for"),
        (patch("VIRTUAL_HOST", "MERGE", {"include_request_attempt_count": True}, context="SIDECAR_OUTBOUND",
               routeConfiguration={"name": "80", "vhost": {"name": "app.default.svc.cluster.local:80"}}),
         State.IN_EFFECT, "its value is in 1 of 1 virtual hosts that it matches"),
        (patch("HTTP_ROUTE", "MERGE", {"route": {"timeout": "1s"}}, context="SIDECAR_OUTBOUND",
               routeConfiguration={"portNumber": 80, "vhost": {"route": {"name": "pinned", "action": "ROUTE"}}}),
         State.NOT_IN_EFFECT, "its value is in 0 of 1 http routes that it matches"),
        (patch("HTTP_ROUTE", "MERGE", {"route": {"timeout": "0s"}}, context="GATEWAY"),
         State.NOT_IN_EFFECT, "its context is GATEWAY"),
        (patch("CLUSTER", "MERGE", {"lb_policy": "RANDOM"}, proxy={"proxyVersion": "^1\\.4.*"}),
         State.NOT_IN_EFFECT, "its proxy match is not this proxy"),
        (patch("BOOTSTRAP", "MERGE", {"admin": {}}), State.UNKNOWN, "what applies to BOOTSTRAP is not in dumps"),
    ],
)  # fmt: skip
def test_a_patch_is_for_what_it_matches_and_its_value_is_there_or_not(change: Json, state: State, because: str) -> None:
    found = judged(change)
    assert (found.state, because in found.because) == (state, True), found.because


def test_it_is_for_proxies_of_its_namespace_that_it_selects() -> None:
    found = judged(patch("CLUSTER", "MERGE", {"lb_policy": "RANDOM"}), "db-0")
    assert found.because == "it is for proxies of namespace default"
    mesh = recorded.mesh("services")
    (one,) = recorded.of(mesh, "EnvoyFilter default/matches-nothing", "sleep")
    assert one.because == "its workloadSelector asks for app=nobody-has-this"


JSON = st.recursive(
    st.booleans() | st.integers(1, 9) | st.text("ab", min_size=1, max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from("xyz"), JSON), st.data())
def test_a_message_contains_each_part_of_itself(message: Json, data: st.DataObject) -> None:
    kept = {key: value for key, value in message.items() if data.draw(st.booleans())}
    assert contains(message, kept)


@given(st.dictionaries(st.sampled_from("xyz"), JSON, min_size=1), st.data())
def test_a_message_does_not_contain_a_field_that_it_lacks(message: Json, data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(message)))
    assert not contains({name: value for name, value in message.items() if name != key}, {key: "c"})


@pytest.mark.parametrize(("port", "is_meant"), [(80, True), (8080, False), (443, False)])
def test_the_port_of_a_gateways_table_is_that_of_its_servers(port: int, is_meant: bool) -> None:
    table = {"name": "http.8080", "virtual_hosts": [{"name": "shop.example:80"}, {"name": "blackhole:80"}]}
    wanted = EnvoyConfigObjectMatch(route_configuration=RouteConfigurationMatch(port_number=port))
    assert is_member(wanted, "ROUTE_CONFIGURATION", table) is is_meant
    assert is_member(wanted, "ROUTE_CONFIGURATION", {**table, "name": str(port)})  # of a sidecar
