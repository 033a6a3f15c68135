"""What does not read is not absent: a trace that meets it is unknown and says why, and one that does not goes on."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from meshscope import Mesh, Request, trace
from meshscope.location import Document
from meshscope.simulation.trace import Trace
from meshscope.snapshot.snapshot import Captured, ProxyId, Snapshot

TYPE = "type.googleapis.com/envoy."
ADMIN = TYPE + "admin.v3."
NETWORK, HTTP = TYPE + "extensions.filters.network.", TYPE + "extensions.filters.http."
NODE = {"id": "sidecar~10.0.0.1~a-1.default~default.svc.cluster.local"}
ROUTER = {"name": "router", "typed_config": {"@type": HTTP + "router.v3.Router"}}
Json = dict[str, Any]


def socket(address: str, port: int) -> Json:
    return {"socket_address": {"address": address, "port_value": port}}


def manager(*hosts: Json, filters: Any = (ROUTER,), **more: Any) -> Json:
    inline = {"route_config": {"name": "r", "virtual_hosts": list(hosts) or [to("c")]}}
    config = {"@type": NETWORK + "http_connection_manager.v3.HttpConnectionManager", "http_filters": list(filters)}
    return {"name": "hcm", "typed_config": {**config, **(more or inline)}}


def to(cluster: str, *domains: str, **more: Any) -> Json:
    routes = [{"match": {"prefix": "/"}, "route": {"cluster": cluster}}]
    return {"name": f"to {cluster}", "domains": list(domains or ("*",)), "routes": routes, **more}


def listener(name: str, *chains: Json, at: Json | None = None, **more: Any) -> Json:
    return {
        "name": name,
        "address": at or socket("10.0.0.9", 80),
        "filter_chains": list(chains or ({"filters": [manager()]},)),
        **more,
    }


def static(name: str, **more: Any) -> Json:
    host = {"endpoint": {"address": socket("10.0.0.7", 80)}}
    return {"name": name, "type": "STATIC", "load_assignment": {"endpoints": [{"lb_endpoints": [host]}]}, **more}


def traced(
    listeners: list[Json], *clusters: Json, dest: str = "http://x/", port: int = 80, tables: Any = (), **more: Any
) -> Trace:
    sections = [
        {"@type": ADMIN + "BootstrapConfigDump", "bootstrap": {"node": NODE}},
        {"@type": ADMIN + "ListenersConfigDump", "static_listeners": [{"listener": one} for one in listeners]},
        {"@type": ADMIN + "ClustersConfigDump", "static_clusters": [{"cluster": one} for one in clusters or (static("c"),)]},
        {"@type": ADMIN + "RoutesConfigDump", "static_route_configs": [{"route_config": one} for one in tables]},
    ]  # fmt: skip
    body = json.dumps({"configs": sections}).encode()
    snapshot = Snapshot((Captured(Document.of("dump", body), "config_dump", ProxyId("", "default", "a-1")),))
    return trace(Mesh(snapshot), Request(dest=dest, to=f"10.0.0.9:{port}", **more))


def is_unknown(found: Trace, *words: str) -> bool:
    (path,) = found.paths
    return path.disposition == "unknown" and any(all(word in line for word in words) for line in path.assuming)


def ends(found: Trace) -> tuple[str, tuple[str, ...]]:
    (path,) = found.paths
    return path.disposition, path.assuming


BROKEN_CHAIN: Json = {"filters": "oops"}


def test_a_healthy_configuration_has_no_problem() -> None:
    found = traced([listener("l")])
    assert ends(found) == ("delivered", ())
    assert found.problems == ()


@pytest.mark.parametrize(
    "broken",
    [
        listener("l", listener_filters=[7]),
        listener("l", BROKEN_CHAIN),
        {**listener("l"), "filter_chains": 7},
        {**listener("l"), "use_original_dst": "maybe"},
    ],
)
def test_a_listener_that_does_not_read_is_a_problem_and_makes_its_traces_unknown(broken: Json) -> None:
    found = traced([broken])
    assert is_unknown(found, "listener l", "does not read", "Expected")
    (problem,) = found.problems
    assert problem.document == "dump"
    assert problem.message.startswith("listener l of a-1.default does not read: ")


@pytest.mark.parametrize("broken", [listener("l", BROKEN_CHAIN), listener("l", listener_filters=[7])])
def test_its_address_is_still_read(broken: Json) -> None:
    found = traced([broken, listener("other", at=socket("10.0.0.9", 81))], port=81)
    assert ends(found) == ("delivered", ())
    assert ends(traced([broken], port=82)) == ("no_listener", ())
    assert [problem.message.partition(" of ")[0] for problem in found.problems] == ["listener l"]


def test_without_an_address_it_may_be_the_one_that_nothing_else_is() -> None:
    lost = listener("l", at={"socket_address": 7})
    assert is_unknown(traced([lost]), "listener l", "another address", "does not read")
    assert ends(traced([lost, listener("exact")])) == ("delivered", ())
    assert is_unknown(traced([lost, listener("wild", at=socket("0.0.0.0", 80))]), "listener l")  # noqa: S104  # written


def test_a_listener_that_does_not_read_takes_over_by_original_destination() -> None:
    entry = listener("entry", at=socket("10.0.0.9", 15001), use_original_dst=True)
    broken, whole = listener("l", BROKEN_CHAIN, bind_to_port=False), listener("l", bind_to_port=False)
    assert is_unknown(traced([entry, broken], listener="entry"), "filter chain 0", "listener l")
    assert is_unknown(traced([entry, {**whole, "listener_filters": 7}], listener="entry"), "listener l")
    assert ends(traced([entry, whole], listener="entry")) == ("delivered", ())


def test_one_filter_chain_leaves_the_others_as_they_are() -> None:
    other = {"filter_chain_match": {"destination_port": 81}, **BROKEN_CHAIN, "name": "broken"}
    assert ends(traced([listener("l", other, {"filters": [manager()]})])) == ("delivered", ())
    mine = {**other, "filter_chain_match": {"destination_port": 80}}
    assert is_unknown(traced([listener("l", mine, {"filters": [manager()]})]), "filter chain 0 broken", "does not read")


def test_a_default_chain_that_does_not_read_counts_where_it_is_needed() -> None:
    port = {"filters": [manager()], "filter_chain_match": {"destination_port": 80}}
    assert ends(traced([listener("l", port, default_filter_chain=[])])) == ("delivered", ())
    at_any: Json = {"use_original_dst": True, "at": socket("10.0.0.9", 15001)}
    elsewhere = {**port, "filter_chain_match": {"destination_port": 81}}
    assert ends(traced([listener("l", elsewhere, **at_any)], listener="l")) == ("no_filter_chain", ())
    found = traced([listener("l", elsewhere, default_filter_chain=[], **at_any)], listener="l")
    assert is_unknown(found, "filter chain default", "does not read")


def test_a_filter_chain_whose_match_does_not_read_may_be_any() -> None:
    broken = {"filter_chain_match": {"destination_port": "http"}, "filters": [manager()], "name": "broken"}
    found = traced([listener("l", broken, {"filters": [manager()]})])
    assert {path.disposition for path in found.paths} == {"unknown"}
    assert any("broken" in line for path in found.paths for line in path.assuming)


def rbac(rules: Any) -> Json:
    return {"name": "rbac", "typed_config": {"@type": NETWORK + "rbac.v3.RBAC", "rules": rules}}


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ([rbac(7), manager()], ("rbac", "lets the connection pass")),
        ([manager(route_config="oops", rds=7)], ("hcm", "does not read")),
        (
            [{"name": "tcp", "typed_config": {"@type": NETWORK + "tcp_proxy.v3.TcpProxy", "cluster": 7}}],
            ("tcp", "read"),
        ),
        (
            [
                manager(
                    filters=[{"name": "f", "typed_config": {"@type": HTTP + "fault.v3.HTTPFault", "abort": 7}}, ROUTER]
                )
            ],
            ("f",),
        ),
        ([manager(filters=["oops"])], ("hcm", "does not read")),
    ],
)
def test_a_filter_that_does_not_read_is_unknown(filters: list[Json], words: tuple[str, ...]) -> None:
    assert is_unknown(traced([listener("l", {"filters": filters})]), *words)


def test_rules_of_the_network_filter_that_read_decide() -> None:
    assert ends(traced([listener("l", {"filters": [rbac({}), manager()]})]))[0] == "denied"


BROKEN_CLUSTER = static("c", lb_policy=7)
AGGREGATE = {
    "name": "all", "lb_policy": "CLUSTER_PROVIDED", "connect_timeout": "1s",
    "cluster_type": {"name": "aggregate", "typed_config": {
        "@type": TYPE + "extensions.clusters.aggregate.v3.ClusterConfig", "clusters": ["c", "d"]}},
}  # fmt: skip


def test_a_cluster_that_does_not_read_is_a_problem_and_unknown() -> None:
    found = traced([listener("l")], BROKEN_CLUSTER, static("d"))
    assert is_unknown(found, "cluster c", "does not read", "Expected")
    assert [problem.message.partition(" does")[0] for problem in found.problems] == ["cluster c of a-1.default"]
    tcp = {"name": "tcp", "typed_config": {"@type": NETWORK + "tcp_proxy.v3.TcpProxy", "cluster": "c"}}
    assert is_unknown(traced([listener("l", {"filters": [tcp]})], BROKEN_CLUSTER), "cluster c", "does not read")


def test_a_cluster_that_is_not_there_and_one_that_nobody_asks_for_change_nothing() -> None:
    assert ends(traced([listener("l")], static("d"))) == ("no_cluster", ())
    found = traced([listener("l")], static("c"), {**BROKEN_CLUSTER, "name": "d"})
    assert ends(found) == ("delivered", ())
    assert found.problems == ()


def test_a_member_of_an_aggregate_that_does_not_read_is_unknown() -> None:
    with_all = [listener("l", {"filters": [manager(to("all"))]})]
    assert is_unknown(traced(with_all, AGGREGATE, BROKEN_CLUSTER, static("d")), "no cluster c", "does not read")
    assert ends(traced(with_all, AGGREGATE, static("d"))) == ("delivered", ())


NEAR = to("c", "x")
BROKEN_TABLES: list[tuple[Json, tuple[str, ...]]] = [
    ({"name": "r", "virtual_hosts": 7}, ("route configuration r", "does not read")),
    (
        {"name": "r", "virtual_hosts": [{"name": "v", "domains": ["*"], "routes": 7}]},
        ("virtual host r/v", "does not read"),
    ),
    ({"name": "r", "virtual_hosts": [{"name": "v", "domains": 7}, to("c")]}, ("virtual host 0", "does not read")),
]


@pytest.mark.parametrize(("table", "words"), BROKEN_TABLES)
@pytest.mark.parametrize("inline", [True, False])
def test_a_route_table_that_does_not_read_is_a_problem_and_unknown(
    table: Json, words: tuple[str, ...], inline: bool
) -> None:
    config = {"route_config": table} if inline else {"rds": {"route_config_name": "r"}}
    by_table = [listener("l", {"filters": [manager(**config)]})]
    found = traced(by_table, tables=() if inline else (table,))
    assert is_unknown(found, *words)
    assert len(found.problems) == 1


def test_an_exact_domain_is_certain_whatever_else_does_not_read() -> None:
    broken = {"name": "v", "domains": 7}
    hosts = (deepcopy(NEAR), broken)
    assert ends(traced([listener("l", {"filters": [manager(*hosts)]})])) == ("delivered", ())
    assert is_unknown(traced([listener("l", {"filters": [manager(*hosts)]})], dest="http://y/"), "virtual host 1")


def test_scopes_of_route_configurations_that_were_not_captured_are_not_absent() -> None:
    builder = {"fragments": [{"header_value_extractor": {"name": ":path", "index": 0}}]}
    scoped = {"name": "scopes", "scope_key_builder": builder, "rds_config_source": {}, "scoped_rds": {}}
    assert is_unknown(
        traced([listener("l", {"filters": [manager(scoped_routes=scoped)]})]), "scope of scopes", "captured"
    )
