from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from meshscope.simulation.cluster.hosts import Host, hosts_of
from meshscope.simulation.cluster.transport_socket import (
    UpstreamConnection,
    rejected_matches,
    transport_socket,
    upstream_connection,
)
from meshscope.simulation.connection import HttpRequest
from meshscope.xds.cluster import Cluster
from meshscope.xds.endpoint import ClusterLoadAssignment
from meshscope.xds.upstream_http_options import HttpProtocolOptions, http_protocol_options

from ..reading import asking, read
from .balancing import endpoint, hosts

PROXIES = Path(__file__).parents[2] / "data" / "small" / "proxies" / "default"
TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"
MTLS = {"name": "tls", "typed_config": {"@type": TLS, "sni": "mesh"}}
OWN = {"name": "tls", "typed_config": {"@type": TLS, "sni": "own"}}
ISTIO = {"name": "mesh", "match": {"tlsMode": "istio"}, "transport_socket": MTLS}
RAW = {"name": "plain", "match": {}, "transport_socket": {"name": "envoy.transport_sockets.raw_buffer"}}


def host(socket: object, locality: object = None) -> Host:
    return replace(hosts("HEALTHY")[0], socket=socket, locality_socket=locality)


def chosen(matches: list[object], among: Host, **cluster: Any) -> tuple[str, str]:
    """Which match hits, and the SNI that comes of it (plain text has none)."""
    made = read(Cluster, {"transport_socket_matches": matches, "transport_socket": OWN, **cluster})
    socket = transport_socket(made, among)
    return socket.match, upstream_connection(socket, HttpProtocolOptions()).sni


@pytest.mark.parametrize(
    ("matches", "socket", "locality", "expected"),
    [
        ([ISTIO, RAW], {"tlsMode": "istio"}, None, ("mesh", "mesh")),
        ([ISTIO, RAW], {"tlsMode": "disabled"}, {"tlsMode": "istio"}, ("plain", "")),
        ([RAW, ISTIO], {"tlsMode": "istio"}, None, ("plain", "")),
        ([ISTIO], {"tlsMode": "no"}, {"tlsMode": "istio"}, ("mesh", "mesh")),
        ([ISTIO], {"tlsMode": "no"}, {}, ("", "own")),
        ([], {"tlsMode": "istio"}, None, ("", "own")),
    ],
)
def test_the_first_match_on_the_endpoint_then_one_on_the_locality_then_the_clusters_own(
    matches: list[object], socket: object, locality: object, expected: tuple[str, str]
) -> None:
    assert chosen(matches, host(socket, locality)) == expected


def test_a_value_of_another_kind_is_no_match() -> None:
    assert chosen([{**ISTIO, "match": {"tls": 1}}], host({"tls": "1"}, {})) == ("", "own")
    assert chosen([{**ISTIO, "match": {"tls": 1}}], host({"tls": 1.0}, {})) == ("mesh", "mesh")


def test_metadata_of_the_locality_that_nobody_captured_is_an_assumption() -> None:
    made = read(Cluster, {"transport_socket_matches": [ISTIO]})
    assert "locality metadata" in transport_socket(made, host({}, None)).assuming[0]
    assert transport_socket(made, host({}, {})).assuming == ()
    assert transport_socket(read(Cluster, {"transport_socket_matches": [ISTIO, RAW]}), host({}, None)).assuming == ()


def test_a_match_that_is_passed_over_says_what_was_asked() -> None:
    made = read(Cluster, {"transport_socket_matches": [ISTIO, RAW]})
    assert list(rejected_matches(made, host({}))) == [("mesh", "metadata tlsMode is absent; 'istio' was asked")]
    assert list(rejected_matches(made, host({"tlsMode": "istio"}))) == []


def options(**fields: Any) -> HttpProtocolOptions:
    return read(HttpProtocolOptions, fields)


H2: dict[str, Any] = {"http2_protocol_options": {}}


def connected(
    tls: dict[str, Any], http: HttpProtocolOptions, request: HttpRequest | None = None, name: str = "", **more: Any
) -> UpstreamConnection:
    made = read(Cluster, {"transport_socket": {"name": "tls", "typed_config": {"@type": TLS, **tls}}})
    (one,) = hosts_of((endpoint("10.0.0.1", hostname=name),), None, coarse=False, inline=True)
    return upstream_connection(transport_socket(made, one), http, request=request, **more)


@pytest.mark.parametrize(
    ("tls", "up", "authority", "name", "sni"),
    [
        ({}, {}, "req.example:80", "", ""),
        ({"sni": "cfg"}, {}, "req.example:80", "", "cfg"),
        ({"sni": "cfg"}, {"auto_sni": True}, "req.example:80", "", "req.example"),
        ({"sni": "cfg"}, {"auto_sni": True}, "10.1.2.3:80", "", "cfg"),
        ({"sni": "cfg"}, {"auto_sni": True}, "[::1]:80", "", "cfg"),
        ({"sni": "cfg", "auto_host_sni": True}, {}, "req.example", "ep", "ep"),
        ({"sni": "cfg", "auto_host_sni": True}, {}, "req.example", "", "cfg"),
        ({"auto_host_sni": True}, {"auto_sni": True}, "req.example", "ep", "req.example"),
        ({"auto_host_sni": True}, {"auto_sni": True}, "10.1.2.3", "ep", "ep"),
        ({}, {"auto_sni": True, "override_auto_sni_header": "x-sni"}, "req.example", "", "hdr"),
    ],
)
def test_the_sni_is_the_requests_the_endpoints_or_the_configured_one(
    tls: dict[str, Any], up: object, authority: str, name: str, sni: str
) -> None:
    request = asking("/", ("x-sni", "hdr:99"), authority=authority)
    assert connected(tls, options(upstream_http_protocol_options=up), request, name).sni == sni


def test_an_empty_override_header_leaves_the_authority() -> None:
    up = options(upstream_http_protocol_options={"auto_sni": True, "override_auto_sni_header": "x-sni"})
    assert connected({}, up, asking(authority="req.example")).sni == "req.example"


@pytest.mark.parametrize(
    ("http", "downstream", "protocols", "alpn"),
    [
        ({}, "http2", ("http1",), ("http/1.1",)),
        ({"explicit_http_config": H2}, "http1", ("http2",), ("h2",)),
        ({"use_downstream_protocol_config": {}}, "http1", ("http1",), ("http/1.1",)),
        ({"use_downstream_protocol_config": H2}, "http2", ("http2",), ("h2",)),
        ({"auto_config": {}}, "http1", ("http2", "http1"), ("h2", "http/1.1")),
    ],
)
def test_the_protocol_makes_the_alpn_where_none_is_configured(
    http: dict[str, Any], downstream: str, protocols: tuple[str, ...], alpn: tuple[str, ...]
) -> None:
    found = connected({}, options(**http), asking(), downstream=downstream)
    assert (found.protocols, found.alpn) == (protocols, alpn)


def test_a_configured_alpn_wins_and_a_filters_list_wins_over_it() -> None:
    tls = {"common_tls_context": {"alpn_protocols": ["x"]}}
    assert connected(tls, options(), asking()).alpn == ("x",)
    assert connected(tls, options(), asking(), alpn_override=("istio-h2",)).alpn == ("istio-h2",)


def test_tcp_has_the_configured_alpn_alone() -> None:
    found = connected({}, options(), None)
    assert (found.protocols, found.alpn) == (("tcp",), ())


CERTIFICATE = {"tls_certificate_sds_secret_configs": [{"name": "default"}]}
SANS = {
    "combined_validation_context": {
        "default_validation_context": {"match_subject_alt_names": [{"exact": "spiffe://a"}, {"prefix": "b"}]}
    }
}


@pytest.mark.parametrize(
    ("common", "mode", "presents"),
    [
        ({}, "SIMPLE", False),
        ({"tls_certificates": [{}]}, "MUTUAL", True),
        ({"tls_certificate_sds_secret_configs": [{"name": "file-cert:x"}]}, "MUTUAL", True),
        (CERTIFICATE, "MUTUAL", True),
        ({**CERTIFICATE, "alpn_protocols": ["istio"]}, "ISTIO_MUTUAL", True),
        ({**CERTIFICATE, "alpn_protocols": ["h2"]}, "MUTUAL", True),
    ],
)
def test_the_mode_is_istios_word_for_what_is_presented(common: object, mode: str, presents: bool) -> None:
    found = connected({"common_tls_context": common}, options())
    assert (found.shown.mode, found.client_certificate) == (mode, presents)


def test_the_server_has_to_prove_the_names_that_are_listed_or_asked_for() -> None:
    assert connected({"common_tls_context": SANS}, options()).server_names == ("spiffe://a", "^=b")
    auto = options(upstream_http_protocol_options={"auto_san_validation": True})
    assert connected({"common_tls_context": SANS}, auto, asking(authority="req.example:80")).server_names == (
        "req.example",
    )


def test_a_socket_that_is_not_modelled_is_an_assumption() -> None:
    made = read(
        Cluster, {"transport_socket": {"name": "mine", "typed_config": {"@type": "type.googleapis.com/acme.Socket"}}}
    )
    found = upstream_connection(transport_socket(made, host({})), options())
    assert not found.tls
    assert "acme.Socket" in found.assuming[0]


@cache
def recorded() -> tuple[Cluster, Host]:
    """A cluster of a real sidecar with mTLS by match, and one of its endpoints."""
    dump = json.loads(next(PROXIES.rglob("config_dump.json")).read_text())
    found: dict[str, Any] = {}
    made: Cluster | None = None
    for section in dump["configs"]:
        for entry in section.get("dynamic_endpoint_configs", ()):
            found[entry["endpoint_config"]["cluster_name"]] = entry["endpoint_config"]
        for entry in section.get("dynamic_active_clusters", ()):
            if made is None and entry["cluster"].get("transport_socket_matches"):
                made = read(Cluster, entry["cluster"])
    assert made is not None
    assignment = read(ClusterLoadAssignment, found[made.assignment_name])
    address = assignment.endpoints[0].lb_endpoints[0].endpoint.address
    one = replace(endpoint("x"), address=str(address))
    return made, hosts_of((one,), assignment, coarse=True, inline=False)[0]


def test_a_recorded_sidecar_speaks_mtls_to_an_endpoint_that_says_so_and_plain_text_else() -> None:
    cluster, one = recorded()
    http = http_protocol_options(cluster)
    assert isinstance(http, HttpProtocolOptions)
    found = upstream_connection(
        transport_socket(cluster, replace(one, socket={"tlsMode": "istio"})), http, request=asking()
    )
    assert found.shown.mode == "ISTIO_MUTUAL"
    assert found.sni == f"outbound_.{cluster.name.split('|')[1]}_._.{cluster.name.split('|')[3]}"
    assert "istio" in found.alpn
    plain = upstream_connection(transport_socket(cluster, replace(one, socket={})), http, request=asking())
    assert (plain.tls, plain.shown.mode, plain.alpn) == (False, "DISABLE", ())
