"""The filter `istio.alpn`: the ALPN list towards the upstream, by the protocol that is spoken there.

https://github.com/istio/proxy/blob/master/source/extensions/filters/http/alpn/alpn_filter.cc
It lets the receiving sidecar tell a mesh client's HTTP from TCP by `istio-http/1.1` and `istio-h2`.
"""

from __future__ import annotations

from meshscope.xds.cluster import Cluster
from meshscope.xds.istio_filters import IstioAlpn

_PROTOCOLS = {"http10": "HTTP10", "http1": "HTTP11", "http2": "HTTP2"}


def alpn_override(config: IstioAlpn, cluster: Cluster, upstream_protocols: tuple[str, ...]) -> tuple[str, ...]:
    """The list that replaces the cluster's, () where it stays. The first protocol counts where ALPN may yet choose.

    A cluster whose metadata says `alpn_override: "false"` (a destination rule with TLS of its own) keeps its list.
    """
    if cluster.metadata.value("istio", "alpn_override") == "false" or not upstream_protocols:
        return ()
    wanted = _PROTOCOLS.get(upstream_protocols[0], "")
    # later entries for the same protocol replace earlier ones
    found = [entry.alpn_override for entry in config.alpn_override if entry.upstream_protocol == wanted]
    return found[-1] if found else ()
