"""Live counters of a proxy's clusters and listeners, from the best that was captured; None where they are unknown."""

from __future__ import annotations

from msgspec.structs import astuple

from meshscope.envoy.counters import ClusterCounters, ListenerCounters, host_counters
from meshscope.mesh.proxy import Proxy
from meshscope.xds.cluster import Cluster
from meshscope.xds.listener import Listener


def cluster_counters(proxy: Proxy, name: str, cluster: Cluster) -> ClusterCounters:
    """The cluster's own statistics, which outlive its hosts; else those of its hosts, which Istio's proxies list too."""
    live = (proxy.live_clusters or {}).get(name)
    hosts = host_counters(live.hosts) if live and live.hosts else ClusterCounters()
    if proxy.statistics is None:
        return hosts
    pairs = zip(astuple(proxy.statistics.cluster(cluster, name)), astuple(hosts), strict=True)
    return ClusterCounters(*(there if here is None else here for here, there in pairs))


def listener_counters(proxy: Proxy, listener: Listener) -> ListenerCounters:
    return proxy.statistics.listener(listener) if proxy.statistics else ListenerCounters()
