"""What is decided when the request is on its way; each row was seen on a real Envoy 1.40 (tests/oracle)."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.journey.simulator import Simulator
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Path
from tests.mesh.meshes import clusters, dump, listener, listeners, mesh_of, static

TYPES = "type.googleapis.com/envoy.extensions."
OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"


def http(kind: str, name: str = "it", **config: Any) -> dict[str, Any]:
    return {"name": name, "typed_config": {"@type": TYPES + "filters.http." + kind, **config}}


DENY = http("rbac.v3.RBAC", "rbac", rules={"action": "DENY", "policies": {
    "p": {"permissions": [{"any": True}], "principals": [{"any": True}]}}})  # fmt: skip
ADDS = http("header_mutation.v3.HeaderMutation", mutations={"request_mutations": [
    {"append": {"header": {"key": "x-up", "value": "1"}}}]})  # fmt: skip


def paths(
    *headers: tuple[str, str], filters: Any = (), upstream: Any = (), said: Any = None, subset: bool = False
) -> tuple[Path, ...]:
    route = {"name": "r", "match": {"prefix": "/x"}, "route": {"cluster": "up"}, "typed_per_filter_config": said or {}}
    manager = {
        "@type": TYPES + "filters.network.http_connection_manager.v3.HttpConnectionManager",
        "route_config": {"name": "t", "virtual_hosts": [{"name": "v", "domains": ["*"], "routes": [route]}]},
        "http_filters": [*filters, http("router.v3.Router", "router")],
    }
    cluster = static("up", "10.0.0.7:80", "10.0.0.8:80")
    if upstream:
        codec = http("upstream_codec.v3.UpstreamCodec", "codec")
        options = {"@type": f"type.googleapis.com/{OPTIONS}", "http_filters": [*upstream, codec]}
        cluster["typed_extension_protocol_options"] = {OPTIONS: options}
    if subset:
        cluster["lb_subset_config"] = {"subset_selectors": [{"keys": ["v"]}]}
        hosts = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"]
        for number, host in enumerate(hosts):
            host["metadata"] = {"filter_metadata": {"envoy.lb": {"v": str(number)}}}
    simulator = Simulator(mesh_of(dump(listeners(listener("http", manager)), clusters(cluster))))
    asking = Request(
        to="10.0.0.1:80", listener="http", authority="a", path="/x", method="POST", protocol="http1", headers=headers
    )
    return simulator.trace(asking).paths


def logs(found: tuple[Path, ...]) -> list[tuple[str, int, str]]:
    return [(str(one.disposition), one.response.code if one.response else 0, one.response.details if one.response else "")
            for one in found]  # fmt: skip


TEXT = (("content-type", "application/grpc-web-text"), ("content-length", "4"))


def test_a_text_body_of_grpc_web_is_refused_only_where_the_request_would_be_delivered() -> None:
    web = http("grpc_web.v3.GrpcWeb")
    assert sorted(logs(paths(*TEXT, filters=[web]))) == [
        ("delivered", 0, ""),
        ("protocol_error", 400, "grpc_base_64_decode_failed"),
        ("protocol_error", 400, "grpc_base_64_decode_failed_bad_size"),
    ]
    assert logs(paths(*TEXT, filters=[web, DENY])) == [("denied", 403, "rbac_access_denied_matched_policy[p]")]
    assert [one[0] for one in logs(paths(("content-type", "application/grpc-web"), filters=[web]))] == ["delivered"]


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        ("9", [("delivered", 0, ""), ("protocol_error", 200, "grpc_bridge_content_type_wrong")]),
        ("4", [("protocol_error", 200, "grpc_bridge_content_type_wrong")]),
    ],
)
def test_what_a_reverse_bridge_makes_of_the_answer(length: str, expected: Any) -> None:
    kind = "grpc_http1_reverse_bridge.v3.FilterConfig"
    bridge = http(kind, content_type="application/x-protobuf", withhold_grpc_frames=True)
    headers = (("content-type", "application/grpc"), ("content-length", length))
    assert sorted(logs(paths(*headers, filters=[bridge]))) == expected
    assert logs(paths(*headers, filters=[bridge, DENY])) == [("denied", 200, "grpc_bridge_content_type_wrong")]


def test_filters_of_the_cluster_run_when_a_host_is_chosen() -> None:
    body = ("content-length", "9")
    small = http("buffer.v3.Buffer", max_request_bytes=3)
    (refused,) = paths(body, upstream=[small])
    assert logs((refused,)) == [("protocol_error", 413, "request_payload_too_large")]
    assert refused.hops[-1].endpoints
    assert [one[0] for one in logs(paths(("content-length", "3"), upstream=[small]))] == ["delivered"]
    assert [one[0] for one in logs(paths(upstream=[DENY]))] == ["denied"]
    (changed,) = paths(upstream=[ADDS])
    assert ("x-up", "1") in (changed.hops[-1].request_headers or ())
    off = {"it": {"@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", "disabled": True}}
    (same,) = paths(upstream=[ADDS], said=off)
    assert ("x-up", "1") not in (same.hops[-1].request_headers or ())


def test_a_filter_of_the_cluster_that_is_not_modelled_is_unknown_by_name() -> None:
    (path,) = paths(upstream=[http("ext_proc.v3.ExternalProcessor", "processor")])
    assert path.disposition == "unknown"
    assert any("processor" in text for text in path.assuming)


def test_metadata_of_a_filter_chooses_the_subset() -> None:
    rule = {"header": "x-v", "on_header_present": {"metadata_namespace": "envoy.lb", "key": "v"}}
    writes = http("header_to_metadata.v3.Config", request_rules=[rule])
    (chosen,) = paths(("x-v", "1"), filters=[writes], subset=True)
    assert [one.address for one in chosen.hops[-1].endpoints or ()] == ["10.0.0.8:80"]
    assert [one[0] for one in logs(paths(("x-v", "9"), filters=[writes], subset=True))] == ["no_healthy_upstream"]
