from __future__ import annotations

import pytest
from msgspec.structs import replace

from meshscope.simulation.cluster.hosts import Host
from meshscope.simulation.cluster.transport_socket import rejected_matches, transport_socket
from meshscope.xds.cluster import Cluster

from ..reading import read
from .balancing import hosts

TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"
MTLS = {"name": "mtls", "typed_config": {"@type": TLS}}
OWN = {"name": "own", "typed_config": {"@type": TLS}}
ISTIO = {"name": "mesh", "match": {"tlsMode": "istio"}, "transport_socket": MTLS}
RAW = {"name": "plain", "match": {}, "transport_socket": {"name": "raw"}}


def host(socket: object, locality: object = None) -> Host:
    return replace(hosts("HEALTHY")[0], socket=socket, locality_socket=locality)


def selected(matches: list[object], endpoint_host: Host) -> tuple[str, str]:
    """The names of the match and of the transport socket."""
    cluster = read(Cluster, {"transport_socket_matches": matches, "transport_socket": OWN})
    socket = transport_socket(cluster, endpoint_host)
    assert socket.extension is not None
    return socket.match, socket.extension.name


@pytest.mark.parametrize(
    ("matches", "socket", "locality", "expected"),
    [
        ([ISTIO, RAW], {"tlsMode": "istio"}, None, ("mesh", "mtls")),
        ([ISTIO, RAW], {"tlsMode": "disabled"}, {"tlsMode": "istio"}, ("plain", "raw")),
        ([RAW, ISTIO], {"tlsMode": "istio"}, None, ("plain", "raw")),
        ([ISTIO], {"tlsMode": "no"}, {"tlsMode": "istio"}, ("mesh", "mtls")),
        ([ISTIO], {"tlsMode": "no"}, {}, ("", "own")),
        ([], {"tlsMode": "istio"}, None, ("", "own")),
    ],
)
def test_the_first_match_on_the_endpoint_then_one_on_the_locality_then_the_clusters_own(
    matches: list[object], socket: object, locality: object, expected: tuple[str, str]
) -> None:
    assert selected(matches, host(socket, locality)) == expected


def test_a_value_of_another_kind_is_no_match() -> None:
    assert selected([{**ISTIO, "match": {"tls": 1}}], host({"tls": "1"}, {})) == ("", "own")
    assert selected([{**ISTIO, "match": {"tls": 1}}], host({"tls": 1.0}, {})) == ("mesh", "mtls")


def test_locality_metadata_that_is_not_captured_is_an_assumption() -> None:
    cluster = read(Cluster, {"transport_socket_matches": [ISTIO]})
    assert "locality metadata" in transport_socket(cluster, host({}, None)).assuming[0]
    assert transport_socket(cluster, host({}, {})).assuming == ()
    assert transport_socket(read(Cluster, {"transport_socket_matches": [ISTIO, RAW]}), host({}, None)).assuming == ()


def test_a_match_that_does_not_fit_has_a_reason() -> None:
    cluster = read(Cluster, {"transport_socket_matches": [ISTIO, RAW]})
    assert list(rejected_matches(cluster, host({}))) == [("mesh", "metadata tlsMode is absent; 'istio' was asked")]
    assert list(rejected_matches(cluster, host({"tlsMode": "istio"}))) == []


UPSTREAM = "type.googleapis.com/envoy.extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport"


@pytest.mark.parametrize("inner", [OWN, {"name": "raw"}, None])
def test_the_socket_to_an_internal_listener_is_the_one_inside(inner: dict[str, object] | None) -> None:
    config = {"@type": UPSTREAM, **({"transport_socket": inner} if inner else {})}
    cluster = read(Cluster, {"transport_socket": {"name": "internal", "typed_config": config}})
    socket = transport_socket(cluster, host({}, {}))
    assert (socket.extension and socket.extension.name) == (inner and inner["name"])
    assert socket.assuming == ()


@pytest.mark.parametrize(
    ("kind", "assumed"),
    [
        ("proxy_protocol.v3.ProxyProtocolUpstreamTransport", ["PROXY protocol (V2)"]),
        ("tcp_stats.v3.Config", []),
        ("http_11_proxy.v3.Http11ProxyUpstreamTransport", []),
    ],
)
def test_a_wrapped_socket_makes_the_connection(kind: str, assumed: list[str]) -> None:
    type_url = f"type.googleapis.com/envoy.extensions.transport_sockets.{kind}"
    config = {"@type": type_url, "transport_socket": OWN, "config": {"version": "V2"}}
    twice = {"@type": UPSTREAM, "transport_socket": {"name": "wraps", "typed_config": config}}
    for typed in (config, twice):
        cluster = read(Cluster, {"transport_socket": {"name": "outer", "typed_config": typed}})
        socket = transport_socket(cluster, host({}, {}))
        assert socket.extension is not None
        assert socket.extension.name == OWN["name"]
        assert [part in one for one, part in zip(socket.assuming, assumed, strict=True)] == [True] * len(assumed)


def test_metadata_that_goes_with_the_connection_is_an_assumption() -> None:
    config = {"@type": UPSTREAM, "passthrough_metadata": [{"kind": {"host": {}}, "name": "tunnel"}]}
    cluster = read(Cluster, {"transport_socket": {"name": "internal", "typed_config": config}})
    (assumption,) = transport_socket(cluster, host({}, {})).assuming
    assert "tunnel" in assumption
