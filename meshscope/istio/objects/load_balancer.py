"""How a request chooses among a host's endpoints.

https://istio.io/latest/docs/reference/config/networking/destination-rule/#LoadBalancerSettings
"""

from __future__ import annotations

from msgspec import field

from meshscope.typed import Typed


class CookieAttribute(Typed, frozen=True):
    name: str = ""
    value: str = ""


class HTTPCookie(Typed, frozen=True):
    """`ttl` is a duration; without one Envoy makes no cookie."""

    name: str = ""
    path: str = ""
    ttl: str | None = None
    attributes: tuple[CookieAttribute, ...] = ()


class RingHash(Typed, frozen=True, rename="camel"):
    minimum_ring_size: int = 0


class MagLev(Typed, frozen=True, rename="camel"):
    table_size: int = 0


class ConsistentHashLB(Typed, frozen=True, rename="camel"):
    """One of the first four, and one of `ring_hash` and `maglev`. `minimum_ring_size` is an old form of `ring_hash`."""

    http_header_name: str | None = None
    http_cookie: HTTPCookie | None = None
    use_source_ip: bool | None = None
    http_query_parameter_name: str | None = None
    ring_hash: RingHash | None = None
    maglev: MagLev | None = None
    minimum_ring_size: int = 0


class BackendUtilization(Typed, frozen=True, rename="camel"):
    """Times are durations."""

    weight_update_period: str = ""
    weight_expiration_period: str = ""
    weight_stabilization_period: str = ""
    error_utilization_penalty_percent: int = 0
    metric_names_for_computing_utilization: tuple[str, ...] = ()


class Distribute(Typed, frozen=True):
    """Traffic of one locality, in percent by target locality (`region/zone/*`)."""

    from_: str = field(default="", name="from")
    to: dict[str, int] = {}


class Failover(Typed, frozen=True):
    """Regions."""

    from_: str = field(default="", name="from")
    to: str = ""


class LocalityLoadBalancerSetting(Typed, frozen=True, rename="camel"):
    distribute: tuple[Distribute, ...] = ()
    failover: tuple[Failover, ...] = ()
    failover_priority: tuple[str, ...] = ()
    enabled: bool | None = None


class ZoneAwareLoadBalancerSetting(Typed, frozen=True, rename="camel"):
    enabled: bool | None = None
    min_cluster_size: int | None = None
    failover: tuple[Failover, ...] = ()
    failover_priority: tuple[str, ...] = ()


class WarmupConfiguration(Typed, frozen=True, rename="camel"):
    """`duration` is a duration."""

    duration: str = ""
    minimum_percent: float | None = None
    aggression: float | None = None


class LoadBalancerSettings(Typed, frozen=True, rename="camel"):
    """One of the first three. `warmup_duration_secs`, a duration, is the old form of `warmup`."""

    simple: str | None = None
    consistent_hash: ConsistentHashLB | None = None
    backend_utilization: BackendUtilization | None = None
    locality_lb_setting: LocalityLoadBalancerSetting | None = None
    warmup_duration_secs: str = ""
    warmup: WarmupConfiguration | None = None
    zone_aware_lb_setting: ZoneAwareLoadBalancerSetting | None = None
