"""The TCP proxy filter.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/tcp_proxy/v3/tcp_proxy.proto
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.xds.message import Message
from meshscope.xds.metadata import Metadata


class TcpWeight(Message, frozen=True):
    name: str = ""
    weight: int = 0
    metadata_match: Metadata | None = None


class TcpWeightedClusters(Message, frozen=True):
    clusters: tuple[TcpWeight, ...] = ()


class TcpProxy(Message, frozen=True):
    stat_prefix: str = ""
    cluster: str = ""
    weighted_clusters: TcpWeightedClusters | None = None
    metadata_match: Metadata | None = None
    idle_timeout: str = "3600s"
    max_connect_attempts: int = 1
    hash_policy: tuple[Raw, ...] = ()
    tunneling_config: Raw = Raw()
    max_downstream_connection_duration: str = ""
    access_log: tuple[Raw, ...] = ()
    upstream_connect_mode: str = "IMMEDIATE"

    @property
    def cluster_names(self) -> tuple[str, ...]:
        """The clusters that the filter may choose, in the order of the configuration."""
        if self.weighted_clusters:
            return tuple(choice.name for choice in self.weighted_clusters.clusters)
        return (self.cluster,) if self.cluster else ()
