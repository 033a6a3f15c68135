from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.connection import Connection, Envoy, HttpRequest, Peer
from meshscope.simulation.connection_manager.ingress_headers import IngressHeaders
from meshscope.simulation.endings import End
from meshscope.xds.http_connection_manager import HttpConnectionManager
from meshscope.xds.node import Node

from ..reading import asking, read

PEER = Connection(source_ip="9.9.9.9", destination_ip="10.0.0.1", destination_port=80)
EDGE: dict[str, Any] = {"use_remote_address": True}
INTERNAL = {**EDGE, "internal_address_config": {"cidr_ranges": [{"address_prefix": "9.0.0.0", "prefix_len": 8}]}}


def arrived(
    config: dict[str, Any],
    *headers: tuple[str, str],
    peer: Connection = PEER,
    envoy: Envoy | None = None,
    **fields: Any,
) -> HttpRequest:
    ingress = IngressHeaders(read(HttpConnectionManager, config), ("x-secret",), "192.0.2.2")
    request = asking("/", *headers, **{"scheme": "", **fields})
    outcome = ingress.apply(peer, request, envoy or Envoy(), terminates_tls=fields.get("scheme") == "tls" or None)
    assert isinstance(outcome.value, HttpRequest)
    return outcome.value


def value(request: HttpRequest, name: str) -> str | None:
    return ",".join(request.values(name)) if request.values(name) else None


@pytest.mark.parametrize(
    ("config", "sent_value", "peer", "result"),
    [
        ({}, None, PEER, None),
        ({}, "1.1.1.1", PEER, "1.1.1.1"),
        (EDGE, None, PEER, "9.9.9.9"),
        (EDGE, "1.1.1.1", PEER, "1.1.1.1,9.9.9.9"),
        (EDGE, None, Connection(source_ip="127.0.0.1"), "192.0.2.2"),
        (EDGE, None, Connection(source_ip="127.0.0.9"), "127.0.0.9"),
        ({**EDGE, "skip_xff_append": True}, None, PEER, None),
        ({**EDGE, "skip_xff_append": True}, "1.1.1.1", PEER, "1.1.1.1"),
    ],
)
def test_the_edge_appends_its_peer(
    config: dict[str, Any], sent_value: str | None, peer: Connection, result: str | None
) -> None:
    headers = (("x-forwarded-for", sent_value),) if sent_value else ()
    assert value(arrived(config, *headers, peer=peer), "x-forwarded-for") == result


@pytest.mark.parametrize(
    ("config", "sent_value", "proto", "scheme"),
    [
        ({}, None, "http", "http"),
        ({}, "https", "https", "https"),
        ({}, "HTTPS", "HTTPS", "https"),
        ({}, "ftp", "ftp", "http"),
        (EDGE, "https", "http", "http"),
        ({**EDGE, "xff_num_trusted_hops": 1}, "https", "https", "https"),
        ({**EDGE, "xff_num_trusted_hops": 1}, None, "http", "http"),
        ({"scheme_header_transformation": {"scheme_to_overwrite": "https"}}, "http", "https", "https"),
    ],
)
def test_the_scheme_is_that_of_a_trusted_x_forwarded_proto(
    config: dict[str, Any], sent_value: str | None, proto: str, scheme: str
) -> None:
    request = arrived(config, *((("x-forwarded-proto", sent_value),) if sent_value else ()))
    assert (value(request, "x-forwarded-proto"), request.scheme) == (proto, scheme)


def test_a_scheme_from_the_client_stays_and_tls_is_https() -> None:
    assert arrived({}, ("x-forwarded-proto", "http"), scheme="HTTPS").scheme == "https"
    over_tls = arrived({}, peer=Connection(source_ip="9.9.9.9", tls=True))
    assert (over_tls.scheme, value(over_tls, "x-forwarded-proto")) == ("https", "https")


def test_tls_that_only_passes_through_is_http() -> None:
    ingress = IngressHeaders(HttpConnectionManager())
    request = ingress.apply(Connection(tls=True), asking(scheme=""), terminates_tls=False).value
    assert isinstance(request, HttpRequest)
    assert request.scheme == "http"


RETRY, EDGE_ONLY = ("x-envoy-retry-on", "5xx"), ("x-envoy-decorator-operation", "x")
EVERYONES = ("x-envoy-attempt-count", "1")


@pytest.mark.parametrize(
    ("config", "kept"),
    [
        ({}, {EDGE_ONLY, EVERYONES}),
        (EDGE, {EVERYONES}),
        (INTERNAL, {RETRY, EDGE_ONLY, EVERYONES, ("x-secret", "1")}),
    ],
)
def test_only_internal_clients_may_control_retries(config: dict[str, Any], kept: set[tuple[str, str]]) -> None:
    sent = (RETRY, EDGE_ONLY, EVERYONES, ("x-secret", "1"))
    request = arrived(config, *sent)
    assert {header for header in request.headers if header in sent} == kept


def test_only_envoy_itself_sets_x_envoy_internal() -> None:
    forged = ("x-envoy-internal", "true")
    assert value(arrived({}, forged), "x-envoy-internal") is None
    assert value(arrived(INTERNAL), "x-envoy-internal") == "true"
    assert (arrived(INTERNAL).internal, arrived(EDGE).internal) == (True, False)


def test_the_edge_adds_the_external_address_and_internal_clients_have_none() -> None:
    assert value(arrived(EDGE, ("x-envoy-external-address", "1")), "x-envoy-external-address") == "9.9.9.9"
    assert value(arrived(INTERNAL), "x-envoy-external-address") is None


@pytest.mark.parametrize(
    ("envoy", "kept"),
    [
        (Envoy(), False),
        (Envoy((1, 39, 1)), True),
        (Envoy(runtime={"envoy.reloadable_features.sanitize_upstream_stream_duration_header": False}), True),
    ],
)
def test_the_stream_duration_header_is_for_internal_clients_in_new_releases(envoy: Envoy, *, kept: bool) -> None:
    name = "x-envoy-upstream-stream-duration-ms"
    assert (value(arrived({}, (name, "1"), envoy=envoy), name) is not None) is kept


@pytest.mark.parametrize(
    ("config", "kept"),
    [
        ({}, True),
        (EDGE, False),
        ({**EDGE, "preserve_external_request_id": True}, True),
        ({**EDGE, "generate_request_id": False}, True),
        (INTERNAL, True),
    ],
)
def test_the_edge_replaces_the_request_id(config: dict[str, Any], *, kept: bool) -> None:
    assert (value(arrived(config, ("x-request-id", "1")), "x-request-id") is not None) is kept


def test_headers_of_the_connection_end_here_unless_it_is_upgraded() -> None:
    hop = (("connection", "close"), ("keep-alive", "1"), ("proxy-connection", "x"), ("transfer-encoding", "chunked"))
    assert {name for name, _ in arrived({}, *hop, ("upgrade", "x")).headers} == {"x-forwarded-proto"}
    upgrade = (("connection", "upgrade"), ("upgrade", "websocket"))
    assert set(upgrade) <= set(arrived({}, *upgrade).headers)


@pytest.mark.parametrize(
    ("sent", "left"),
    [("trailers, deflate", "trailers"), ("deflate", None), ("trailers;q=0.5", None), ("Trailers", None)],
)
def test_te_is_trailers_or_absent(sent: str, left: str | None) -> None:
    assert value(arrived({}, ("te", sent)), "te") == left


@pytest.mark.parametrize(("connection", "left"), [("close, TE", "trailers"), ("close", None)])
def test_the_case_of_te_matters_unless_connection_names_it(connection: str, left: str | None) -> None:
    assert value(arrived({}, ("te", "Trailers"), ("connection", connection)), "te") == left


def test_via_and_the_forwarded_port_are_added_where_they_are_configured() -> None:
    assert value(arrived({"via": "me"}, ("via", "x"), ("via", "y")), "via") == "x,y, me"
    assert value(arrived({"via": "me"}), "via") == "me"
    assert value(arrived({}, ("via", "x")), "via") == "x"
    port = {"append_x_forwarded_port": True}
    assert value(arrived({**EDGE, **port}, ("x-forwarded-port", "9")), "x-forwarded-port") == "80"
    assert value(arrived(port, ("x-forwarded-port", "9")), "x-forwarded-port") == "9"
    assert value(arrived(port), "x-forwarded-port") == "80"


def test_early_mutations_are_an_assumption() -> None:
    ingress = IngressHeaders(read(HttpConnectionManager, {"early_header_mutation_extensions": [{"name": "x"}]}))
    assert ingress.apply(PEER, asking()).assuming


MUTUAL = Connection(source_ip="9.9.9.9", tls=True, peer=Peer(presented=True, validated=True))


@pytest.mark.parametrize(
    ("mode", "peer", "kept"),
    [
        (None, MUTUAL, False),
        ("SANITIZE", MUTUAL, False),
        ("SANITIZE_SET", MUTUAL, False),
        ("FORWARD_ONLY", MUTUAL, True),
        ("FORWARD_ONLY", PEER, False),
        ("APPEND_FORWARD", PEER, False),
        ("ALWAYS_FORWARD_ONLY", PEER, True),
    ],
)
def test_the_clients_own_certificate_header_is_kept_only_in_a_forwarding_mode(
    mode: str | None, peer: Connection, *, kept: bool
) -> None:
    config = {"forward_client_cert_details": mode} if mode else {}
    request = arrived(config, ("x-forwarded-client-cert", "By=a"), peer=peer)
    assert ("By=a" in "".join(request.values("x-forwarded-client-cert"))) is kept


@pytest.mark.parametrize(
    ("node", "config", "sent_value", "agent", "cluster", "name"),
    [
        (("node-1", "svc"), {}, {}, "svc", "svc", "node-1"),
        (("node-1", "svc"), EDGE, {}, "svc", "svc", "node-1"),
        (("node-1", "svc"), {}, {"user-agent": "curl"}, "curl", "svc", "node-1"),
        (("node-1", "svc"), {}, {"user-agent": ""}, "svc", "svc", "node-1"),
        (("node-1", "svc"), {}, {"x-envoy-downstream-service-cluster": "c"}, "svc", "svc", "node-1"),
        (("", "svc"), {}, {"x-envoy-downstream-service-node": "n"}, "svc", "svc", "n"),
        (("", "svc"), EDGE, {"x-envoy-downstream-service-node": "n"}, "svc", "svc", None),
        (("node-1", ""), {}, {"x-envoy-downstream-service-cluster": "c"}, "", "", "node-1"),
        (("", ""), {}, {"user-agent": "curl"}, "curl", "", None),
    ],
)
def test_add_user_agent_adds_the_nodes_cluster_and_id(  # noqa: PLR0913, PLR0917  # a row of the table
    node: tuple[str, str],
    config: dict[str, Any],
    sent_value: dict[str, str],
    agent: str,
    cluster: str,
    name: str | None,
) -> None:
    manager = read(HttpConnectionManager, {"add_user_agent": True, **config})
    ingress = IngressHeaders(manager, node=Node(id=node[0], cluster=node[1]))
    outcome = ingress.apply(PEER, asking("/", *sent_value.items()))
    assert isinstance(outcome.value, HttpRequest)
    headers = "user-agent", "x-envoy-downstream-service-cluster", "x-envoy-downstream-service-node"
    assert tuple(value(outcome.value, header) for header in headers) == (agent, cluster, name)
    assert not outcome.assuming


def test_without_it_the_edge_removes_such_headers_and_a_sidecar_keeps_them() -> None:
    claims = tuple((f"x-envoy-downstream-service-{what}", "x") for what in ("cluster", "node"))
    assert not any(value(arrived(EDGE, *claims), name) for name, _ in claims)
    assert all(value(arrived({}, *claims), name) == "x" for name, _ in claims)


def test_a_node_that_is_not_in_the_input_is_an_assumption() -> None:
    outcome = IngressHeaders(read(HttpConnectionManager, {"add_user_agent": True})).apply(PEER, asking())
    assert outcome.assuming
    assert isinstance(outcome.value, HttpRequest)
    assert value(outcome.value, "user-agent") is None


@pytest.mark.parametrize(
    ("config", "sent", "kept"),
    [
        ({}, "100-continue", None),
        ({}, "100-Continue", None),
        ({}, "something", "something"),
        ({"proxy_100_continue": True}, "100-continue", "100-continue"),
    ],
)
def test_envoy_answers_an_expectation_itself(config: dict[str, Any], sent: str, kept: str | None) -> None:
    assert value(arrived(config, ("expect", sent)), "expect") == kept


@pytest.mark.parametrize(
    ("ports", "sent", "proto"),
    [
        ({"https_destination_ports": [80]}, None, "https"),
        ({"https_destination_ports": [81]}, None, "http"),
        ({"http_destination_ports": [80], "https_destination_ports": [443]}, None, "http"),
        ({"https_destination_ports": [80]}, "http", "http"),
    ],
)
def test_the_destination_port_may_decide_the_protocol(ports: dict[str, Any], sent: str | None, proto: str) -> None:
    headers = (("x-forwarded-proto", sent),) if sent else ()
    assert value(arrived({"forward_proto_config": ports}, *headers), "x-forwarded-proto") == proto


def test_a_request_whose_client_is_not_found_may_be_refused() -> None:
    kind = "type.googleapis.com/envoy.extensions.http.original_ip_detection.custom_header.v3.CustomHeaderConfig"
    config = {"@type": kind, "header_name": "x-ip", "reject_with_status": {"code": "Forbidden"}}
    manager = read(HttpConnectionManager, {"original_ip_detection_extensions": [{"name": "x", "typed_config": config}]})
    refused = IngressHeaders(manager).apply(Connection(source_ip="10.0.0.1"), asking())
    assert isinstance(refused.value, End)
    assert refused.value.response is not None
    assert (refused.value.response.code, refused.value.response.details) == (403, "rejecting_because_detection_failed")
    found = IngressHeaders(manager).apply(Connection(source_ip="10.0.0.1"), asking("/", ("x-ip", "10.1.1.1")))
    assert not isinstance(found.value, End)
