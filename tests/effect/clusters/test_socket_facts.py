"""The mode of TLS of a cluster, as a rule names it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from meshscope.effect.clusters.socket_facts import socket_facts
from meshscope.xds.cluster import Cluster
from meshscope.xds.message import decode

from ..recorded import Json

_TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"
RAW = {"name": "envoy.transport_sockets.raw_buffer"}

WRAPPER = "type.googleapis.com/envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport"


def typed(body: Json) -> Cluster:
    found = decode(msgspec.json.encode(body), Cluster)
    assert isinstance(found, Cluster)
    return found


def tls(**common: Any) -> Json:
    return {"name": "tls", "typed_config": {"@type": _TLS, "sni": "a.example", "common_tls_context": common}}


def wrapped(socket: Json) -> Json:
    body = {"@type": WRAPPER, "transport_socket": socket}
    return {"name": "envoy.transport_sockets.upstream_proxy_protocol", "typed_config": body}


MESH = tls(tls_certificate_sds_secret_configs=[{"name": "default"}])
OWN = tls(tls_certificate_sds_secret_configs=[{"name": "file-cert:/a~/b"}])


@pytest.mark.parametrize(
    ("socket", "mode"), [(MESH, "ISTIO_MUTUAL"), (OWN, "MUTUAL"), (tls(), "SIMPLE"), (None, "DISABLE")]
)
def test_the_mode_is_that_of_the_certificates(socket: Json, mode: str) -> None:
    plain = dict(socket_facts(typed({"transport_socket": socket})))
    assert (plain["tls"], plain["proxy_protocol"]) == (mode, "")
    inside = dict(socket_facts(typed({"transport_socket": wrapped(socket or RAW)})))
    assert (inside["tls"], inside["proxy_protocol"]) == (mode, "V1")
    assert inside.get("tls.sni") == plain.get("tls.sni")


def test_of_two_sockets_by_endpoint_both_count() -> None:
    held = [{"name": "tlsMode-istio", "transport_socket": MESH}, {"name": "tlsMode-disabled", "transport_socket": RAW}]
    assert dict(socket_facts(typed({"transport_socket_matches": held})))["tls"] == "auto"
    beside = [{"name": "hbone", "transport_socket": MESH}, {"name": "user", "transport_socket": OWN}]
    assert dict(socket_facts(typed({"transport_socket_matches": beside})))["tls"] == "MUTUAL"
