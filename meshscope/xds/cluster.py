"""Clusters.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/cluster.proto
"""

from __future__ import annotations

from typing import Any

from msgspec import Raw

from meshscope.xds.endpoint import ClusterLoadAssignment
from meshscope.xds.extension import Extension
from meshscope.xds.message import Message
from meshscope.xds.metadata import Metadata


class EdsClusterConfig(Message, frozen=True):
    eds_config: Raw = Raw()
    service_name: str = ""


class AggregateClusterConfig(Message, frozen=True):
    """https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/clusters/aggregate/v3/cluster.proto"""

    clusters: tuple[str, ...] = ()


class CompositeEntry(Message, frozen=True):
    name: str = ""


class CompositeClusterConfig(Message, frozen=True):
    """https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/clusters/composite/v3/cluster.proto"""

    clusters: tuple[CompositeEntry, ...] = ()


class Percent(Message, frozen=True):
    value: float = 0.0


class RuntimeDouble(Message, frozen=True):
    default_value: float = 0.0


class RetryBudget(Message, frozen=True):
    """None means Envoy's default: 20 % of the requests that are under way, and 3."""

    budget_percent: Percent | None = None
    min_retry_concurrency: int | None = None
    budget_interval: str = ""


class Thresholds(Message, frozen=True):
    """None means Envoy's default: 1024 connections, pending requests and requests, 3 retries."""

    priority: str = "DEFAULT"
    max_connections: int | None = None
    max_pending_requests: int | None = None
    max_requests: int | None = None
    max_retries: int | None = None
    max_connection_pools: int | None = None
    retry_budget: RetryBudget | None = None
    track_remaining: bool = False


class CircuitBreakers(Message, frozen=True):
    thresholds: tuple[Thresholds, ...] = ()
    per_host_thresholds: tuple[Thresholds, ...] = ()


class OutlierDetection(Message, frozen=True):
    consecutive_5xx: int | None = None
    consecutive_gateway_failure: int | None = None
    consecutive_local_origin_failure: int | None = None
    interval: str = "10s"
    base_ejection_time: str = "30s"
    max_ejection_time: str = "300s"
    max_ejection_percent: int = 10
    enforcing_consecutive_5xx: int | None = None
    enforcing_consecutive_gateway_failure: int | None = None
    enforcing_success_rate: int | None = None
    split_external_local_origin_errors: bool = False


class HealthCheck(Message, frozen=True):
    timeout: str = ""
    interval: str = ""
    unhealthy_threshold: int = 0
    healthy_threshold: int = 0
    http_health_check: Raw = Raw()
    tcp_health_check: Raw = Raw()
    grpc_health_check: Raw = Raw()
    custom_health_check: Raw = Raw()


class HealthStatusSet(Message, frozen=True):
    statuses: tuple[str, ...] = ()


class CommonLbConfig(Message, frozen=True):
    healthy_panic_threshold: Percent | None = None
    zone_aware_lb_config: Raw = Raw()
    locality_weighted_lb_config: Raw = Raw()
    update_merge_window: str = ""
    ignore_new_hosts_until_first_hc: bool = False
    close_connections_on_host_set_change: bool = False
    override_host_status: HealthStatusSet | None = None


class LbSubsetSelector(Message, frozen=True):
    keys: tuple[str, ...] = ()
    single_host_per_subset: bool = False
    fallback_policy: str = "NOT_DEFINED"
    fallback_keys_subset: tuple[str, ...] = ()


class LbSubsetConfig(Message, frozen=True):
    fallback_policy: str = "NO_FALLBACK"
    default_subset: dict[str, Any] = {}
    subset_selectors: tuple[LbSubsetSelector, ...] = ()
    locality_weight_aware: bool = False
    scale_locality_weight: bool = False
    panic_mode_any: bool = False
    list_as_any: bool = False
    allow_redundant_keys: bool = False
    metadata_fallback_policy: str = "METADATA_NO_FALLBACK"


class OriginalDstLbConfig(Message, frozen=True):
    use_http_header: bool = False
    http_header_name: str = ""
    upstream_port_override: int | None = None
    metadata_key: Raw = Raw()


class TransportSocketMatch(Message, frozen=True):
    name: str = ""
    match: dict[str, Any] = {}
    transport_socket: Extension | None = None


class TcpKeepalive(Message, frozen=True):
    """Times are in seconds."""

    keepalive_probes: int | None = None
    keepalive_time: int | None = None
    keepalive_interval: int | None = None


class UpstreamConnectionOptions(Message, frozen=True):
    tcp_keepalive: TcpKeepalive = TcpKeepalive()


class SlowStart(Message, frozen=True):
    """None means Envoy's default: 1, which is linear, and 10 %."""

    slow_start_window: str = ""
    aggression: RuntimeDouble | None = None
    min_weight_percent: Percent | None = None


class LbConfig(Message, frozen=True):
    """What the settings of round robin and of least requests share."""

    slow_start_config: SlowStart | None = None


class RingHashLbConfig(Message, frozen=True):
    minimum_ring_size: int | None = None


class MaglevLbConfig(Message, frozen=True):
    table_size: int | None = None


class Cluster(Message, frozen=True):
    name: str = ""
    alt_stat_name: str = ""
    type: str = "STATIC"
    cluster_type: Extension | None = None
    eds_cluster_config: EdsClusterConfig | None = None
    load_assignment: ClusterLoadAssignment | None = None
    connect_timeout: str = "5s"
    lb_policy: str = "ROUND_ROBIN"
    load_balancing_policy: Raw = Raw()
    common_lb_config: CommonLbConfig = CommonLbConfig()
    lb_subset_config: LbSubsetConfig | None = None
    original_dst_lb_config: OriginalDstLbConfig | None = None
    ring_hash_lb_config: RingHashLbConfig = RingHashLbConfig()
    maglev_lb_config: MaglevLbConfig = MaglevLbConfig()
    least_request_lb_config: LbConfig = LbConfig()
    round_robin_lb_config: LbConfig = LbConfig()
    health_checks: tuple[HealthCheck, ...] = ()
    circuit_breakers: CircuitBreakers = CircuitBreakers()
    outlier_detection: OutlierDetection | None = None
    http2_protocol_options: Raw = Raw()
    upstream_http_protocol_options: Raw = Raw()
    protocol_selection: str = "USE_CONFIGURED_PROTOCOL"
    typed_extension_protocol_options: dict[str, Raw] = {}
    transport_socket: Extension | None = None
    transport_socket_matches: tuple[TransportSocketMatch, ...] = ()
    transport_socket_matcher: Raw = Raw()
    filters: tuple[Extension, ...] = ()
    metadata: Metadata = Metadata()
    dns_lookup_family: str = "AUTO"
    respect_dns_ttl: bool = False
    upstream_bind_config: Raw = Raw()
    upstream_connection_options: UpstreamConnectionOptions = UpstreamConnectionOptions()
    max_requests_per_connection: int | None = None
    ignore_health_on_host_removal: bool = False
    wait_for_warm_on_init: bool | None = None

    @property
    def discovery_type(self) -> str:
        """EDS, STATIC, STRICT_DNS, LOGICAL_DNS, ORIGINAL_DST, or the name of a custom cluster type."""
        return self.cluster_type.name if self.cluster_type else self.type

    @property
    def assignment_name(self) -> str:
        """The ClusterLoadAssignment that EDS is asked for: `service_name`, else the cluster's own name."""
        return (self.eds_cluster_config.service_name if self.eds_cluster_config else "") or self.name

    @property
    def members(self) -> tuple[str, ...]:
        """The member clusters of an aggregate, in order of priority; those of a composite, in the order of its attempts."""
        config = self.cluster_type.config if self.cluster_type else None
        if isinstance(config, CompositeClusterConfig):
            return tuple(entry.name for entry in config.clusters)
        return config.clusters if isinstance(config, AggregateClusterConfig) else ()

    @property
    def is_composite(self) -> bool:
        return self.cluster_type is not None and isinstance(self.cluster_type.config, CompositeClusterConfig)

    @property
    def is_of_unknown_type(self) -> bool:
        """Whether where its hosts come from is not modelled."""
        custom = self.cluster_type
        return custom is not None and not custom.name.startswith("envoy.cluster.") and not self.members

    def sockets(self) -> tuple[tuple[tuple[str | int, ...], Extension], ...]:
        """Every transport socket with its path: the matches in order, then the cluster's own."""
        found: list[tuple[tuple[str | int, ...], Extension]] = [
            (("transport_socket_matches", index, "transport_socket"), match.transport_socket)
            for index, match in enumerate(self.transport_socket_matches)
            if match.transport_socket
        ]
        if self.transport_socket:
            found.append((("transport_socket",), self.transport_socket))
        return tuple(found)
