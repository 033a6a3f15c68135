from __future__ import annotations

import pytest

from meshscope.simulation.cluster.transport_socket import alpn_override
from meshscope.xds.cluster import Cluster
from meshscope.xds.istio_filters import IstioAlpn

from ..reading import read

FILTER = {
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
def test_the_first_protocol_spoken_upstream_chooses_the_list(
    protocols: tuple[str, ...], first: tuple[str, ...]
) -> None:
    assert alpn_override(read(IstioAlpn, FILTER), Cluster(), protocols)[:1] == first


@pytest.mark.parametrize(("value", "kept"), [("false", True), ("true", False), (False, False)])
def test_a_cluster_may_keep_its_own_list(value: object, kept: bool) -> None:
    cluster = read(Cluster, {"metadata": {"filter_metadata": {"istio": {"alpn_override": value}}}})
    assert (alpn_override(read(IstioAlpn, FILTER), cluster, ("http1",)) == ()) == kept
