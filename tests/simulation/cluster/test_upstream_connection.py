from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from meshscope.simulation.cluster.hosts import Host, hosts_of
from meshscope.simulation.cluster.transport_socket import transport_socket
from meshscope.simulation.cluster.upstream_connection import UpstreamConnection, alpn_override, upstream_connection
from meshscope.simulation.connection import HttpRequest
from meshscope.xds.cluster import Cluster
from meshscope.xds.endpoint import ClusterLoadAssignment
from meshscope.xds.istio_filters import IstioAlpn
from meshscope.xds.upstream_http_options import HttpProtocolOptions, http_protocol_options

from ..reading import asking, read
from .balancing import endpoint, hosts

PROXIES = Path(__file__).parents[2] / "data" / "small" / "proxies" / "default"
TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"


def options(**fields: Any) -> HttpProtocolOptions:
    return read(HttpProtocolOptions, fields)


H2: dict[str, Any] = {"http2_protocol_options": {}}


def connected(
    tls: dict[str, Any], http: HttpProtocolOptions, request: HttpRequest | None = None, name: str = "", **more: Any
) -> UpstreamConnection:
    cluster = read(Cluster, {"transport_socket": {"name": "tls", "typed_config": {"@type": TLS, **tls}}})
    (one,) = hosts_of((endpoint("10.0.0.1", hostname=name),), None, coarse=False, inline=True)
    return upstream_connection(transport_socket(cluster, one), http, request=request, **more)


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
def test_the_protocol_decides_the_alpn_where_none_is_configured(
    http: dict[str, Any], downstream: str, protocols: tuple[str, ...], alpn: tuple[str, ...]
) -> None:
    connection = connected({}, options(**http), asking(), downstream=downstream)
    assert (connection.protocols, connection.alpn) == (protocols, alpn)


def test_a_configured_alpn_counts_and_a_filters_list_overrides_it() -> None:
    tls = {"common_tls_context": {"alpn_protocols": ["x"]}}
    assert connected(tls, options(), asking()).alpn == ("x",)
    assert connected(tls, options(), asking(), alpn_override=("istio-h2",)).alpn == ("istio-h2",)


def test_tcp_has_the_configured_alpn_alone() -> None:
    connection = connected({}, options(), None)
    assert (connection.protocols, connection.alpn) == (("tcp",), ())


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
def test_the_mode_is_istios_name_for_what_is_presented(common: object, mode: str, presents: bool) -> None:
    connection = connected({"common_tls_context": common}, options())
    assert (connection.shown.mode, connection.client_certificate) == (mode, presents)


def test_the_server_must_have_a_listed_or_requested_name() -> None:
    assert connected({"common_tls_context": SANS}, options()).server_names == ("spiffe://a", "^=b")
    auto = options(upstream_http_protocol_options={"auto_san_validation": True})
    assert connected({"common_tls_context": SANS}, auto, asking(authority="req.example:80")).server_names == (
        "req.example",
    )


def test_a_socket_that_is_not_modelled_is_an_assumption() -> None:
    cluster = read(
        Cluster, {"transport_socket": {"name": "mine", "typed_config": {"@type": "type.googleapis.com/acme.Socket"}}}
    )
    connection = upstream_connection(transport_socket(cluster, hosts("HEALTHY")[0]), options())
    assert not connection.tls
    assert "acme.Socket" in connection.assuming[0]


@cache
def recorded() -> tuple[Cluster, Host]:
    """A cluster of a real sidecar with mTLS by match, and one of its endpoints."""
    dump = json.loads(next(PROXIES.rglob("config_dump.json")).read_text())
    assignments: dict[str, Any] = {}
    cluster: Cluster | None = None
    for section in dump["configs"]:
        for entry in section.get("dynamic_endpoint_configs", ()):
            assignments[entry["endpoint_config"]["cluster_name"]] = entry["endpoint_config"]
        for entry in section.get("dynamic_active_clusters", ()):
            if cluster is None and entry["cluster"].get("transport_socket_matches"):
                cluster = read(Cluster, entry["cluster"])
    assert cluster is not None
    assignment = read(ClusterLoadAssignment, assignments[cluster.assignment_name])
    address = assignment.endpoints[0].lb_endpoints[0].endpoint.address
    one = replace(endpoint("x"), address=str(address))
    return cluster, hosts_of((one,), assignment, coarse=True, inline=False)[0]


def test_a_recorded_sidecar_uses_mtls_to_an_endpoint_with_the_label_and_plain_text_otherwise() -> None:
    cluster, one = recorded()
    http = http_protocol_options(cluster)
    assert isinstance(http, HttpProtocolOptions)
    connection = upstream_connection(
        transport_socket(cluster, replace(one, socket={"tlsMode": "istio"})), http, request=asking()
    )
    assert connection.shown.mode == "ISTIO_MUTUAL"
    assert connection.sni == f"outbound_.{cluster.name.split('|')[1]}_._.{cluster.name.split('|')[3]}"
    assert "istio" in connection.alpn
    plain = upstream_connection(transport_socket(cluster, replace(one, socket={})), http, request=asking())
    assert (plain.tls, plain.shown.mode, plain.alpn) == (False, "DISABLE", ())


ALPN_FILTER = {
    "alpn_override": [
        {"alpn_override": ["istio-http/1.0", "istio", "http/1.0"]},
        {"upstream_protocol": "HTTP11", "alpn_override": ["istio-http/1.1", "istio", "http/1.1"]},
        {"upstream_protocol": "HTTP2", "alpn_override": ["istio-h2", "istio", "h2"]},
    ]
}


@pytest.mark.parametrize(
    ("protocols", "first"),
    [
        (("http1",), ("istio-http/1.1",)),
        (("http2",), ("istio-h2",)),
        (("http2", "http1"), ("istio-h2",)),
        (("http3",), ()),
        ((), ()),
    ],
)
def test_the_first_upstream_protocol_selects_the_list(protocols: tuple[str, ...], first: tuple[str, ...]) -> None:
    assert alpn_override(read(IstioAlpn, ALPN_FILTER), Cluster(), protocols)[:1] == first


@pytest.mark.parametrize(("value", "kept"), [("false", True), ("true", False), (False, False)])
def test_a_cluster_may_keep_its_own_list(value: object, kept: bool) -> None:
    cluster = read(Cluster, {"metadata": {"filter_metadata": {"istio": {"alpn_override": value}}}})
    assert (alpn_override(read(IstioAlpn, ALPN_FILTER), cluster, ("http1",)) == ()) == kept
