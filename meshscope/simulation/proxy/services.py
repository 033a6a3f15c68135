"""Services that filters ask: whether one can be reached at all."""

from __future__ import annotations

from meshscope.envoy.resource import CLUSTER
from meshscope.simulation.endings import End
from meshscope.simulation.proxy.compiled_proxy import CompiledProxy
from meshscope.simulation.proxy.missing import assumed_missing


def why_unreachable(proxy: CompiledProxy, name: str) -> str:
    """Why no request reaches the cluster, in words: it is not there, or has no host. "" where one may."""
    cluster = proxy.upstream.cluster(name)
    if cluster is None:
        because = f"there is no cluster {name}"
        unread = proxy.captured.resource(CLUSTER, name) is not None
        return "" if unread or assumed_missing(proxy.captured, CLUSTER, because) else because
    if cluster.cluster.cluster_type or cluster.cluster.discovery_type == "ORIGINAL_DST":
        return ""
    outcomes = cluster.choose(None)
    certain = all(isinstance(one.value, End) and not one.assuming for one in outcomes)
    return f"cluster {name} has no host that may be chosen" if certain else ""
