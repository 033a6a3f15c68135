"""Envoy's `/clusters` as JSON: each cluster's live hosts with their health.

Read as Envoy writes it (`{"cluster_statuses": [...]}`) and as `istioctl proxy-config endpoints -o json` does (a bare
array, lowerCamelCase). A host or cluster that cannot be read is a problem and costs no other.
https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/clusters.proto
"""

from __future__ import annotations

from msgspec import Raw, Struct

from meshscope.envoy import dialect
from meshscope.location import Location
from meshscope.path import path_text
from meshscope.snapshot.snapshot import Problem
from meshscope.xds.address import Address
from meshscope.xds.endpoint import Locality
from meshscope.xds.message import Message, Undecodable, decode

EDS_FLAGS = {"DRAINING": "eds_status_draining", "UNHEALTHY": "failed_eds_health", "DEGRADED": "degraded_eds_health"}
"""The control plane's status of a host -> the flag that Envoy sets for it."""


class Thresholds(Message, frozen=True):
    """The circuit breakers of one priority (DEFAULT or HIGH); None where the answer has no value."""

    priority: str = "DEFAULT"
    max_connections: int | None = None
    max_pending_requests: int | None = None
    max_requests: int | None = None
    max_retries: int | None = None


class HostStatus(Struct, frozen=True, kw_only=True):
    """One host of a cluster.

    `address` is `1.2.3.4:80`, `[v6]:80`, a pipe's path or `envoy://LISTENER/ENDPOINT_ID`. `health` is the control
    plane's status (HEALTHY, UNHEALTHY, DEGRADED, DRAINING, TIMEOUT), UNKNOWN where the answer has none; `health_flags` are the
    flags of the text form, in its order and without slashes, empty for a healthy host. `canary` is None in JSON, which leaves
    it out. Success rates are percentages, None where Envoy has none. `stats` are counters and gauges by name, sorted.
    """

    address: str
    location: Location
    hostname: str = ""
    health: str = "UNKNOWN"
    health_flags: tuple[str, ...] = ()
    weight: int = 1
    priority: int = 0
    region: str = ""
    zone: str = ""
    sub_zone: str = ""
    canary: bool | None = None
    success_rate: float | None = None
    local_origin_success_rate: float | None = None
    stats: tuple[tuple[str, int], ...] = ()

    @property
    def outlier_check(self) -> str:
        """istioctl's column OUTLIER CHECK: FAILED for an ejected host, else OK."""
        return "FAILED" if "failed_outlier_check" in self.health_flags else "OK"


class ClusterStatus(Struct, frozen=True, kw_only=True):
    """One active cluster; warming clusters are not in `/clusters`. Ejection thresholds are percentages or None."""

    name: str
    location: Location
    added_via_api: bool = False
    eds_service_name: str = ""
    observability_name: str = ""
    thresholds: tuple[Thresholds, ...] = ()
    success_rate_ejection_threshold: float | None = None
    local_origin_success_rate_ejection_threshold: float | None = None
    hosts: tuple[HostStatus, ...] = ()


class _Stat(Message, frozen=True):
    name: str = ""
    value: int = 0


class _Percent(Message, frozen=True):
    value: float = 0.0


class _Health(Message, frozen=True):
    failed_active_health_check: bool = False
    failed_outlier_check: bool = False
    eds_health_status: str = "UNKNOWN"
    failed_active_degraded_check: bool = False
    pending_dynamic_removal: bool = False
    pending_active_hc: bool = False
    excluded_via_immediate_hc_fail: bool = False
    active_hc_timeout: bool = False
    failed_degraded_outlier_detection: bool = False

    def flags(self) -> tuple[str, ...]:
        eds = eds_flag(self.eds_health_status)
        flags = (
            ("failed_active_hc", self.failed_active_health_check),
            ("failed_outlier_check", self.failed_outlier_check),
            ("failed_eds_health", eds == "failed_eds_health"),
            ("degraded_active_hc", self.failed_active_degraded_check),
            ("degraded_eds_health", eds == "degraded_eds_health"),
            ("pending_dynamic_removal", self.pending_dynamic_removal),
            ("pending_active_hc", self.pending_active_hc),
            ("excluded_via_immediate_hc_fail", self.excluded_via_immediate_hc_fail),
            ("active_hc_timeout", self.active_hc_timeout),
            ("eds_status_draining", eds == "eds_status_draining"),
            ("degraded_outlier_detection", self.failed_degraded_outlier_detection),
        )
        return tuple(flag for flag, is_set in flags if is_set)


class _Host(Message, frozen=True):
    address: Address = Address()
    hostname: str = ""
    stats: tuple[_Stat, ...] = ()
    health_status: _Health = _Health()
    success_rate: _Percent | None = None
    local_origin_success_rate: _Percent | None = None
    weight: int = 1
    priority: int = 0
    locality: Locality = Locality()


class _CircuitBreakers(Message, frozen=True):
    thresholds: tuple[Thresholds, ...] = ()


class _Cluster(Message, frozen=True):
    name: str = ""
    added_via_api: bool = False
    eds_service_name: str = ""
    observability_name: str = ""
    circuit_breakers: _CircuitBreakers = _CircuitBreakers()
    success_rate_ejection_threshold: _Percent | None = None
    local_origin_success_rate_ejection_threshold: _Percent | None = None
    host_statuses: tuple[Raw, ...] = ()


class _Clusters(Message, frozen=True):
    cluster_statuses: tuple[Raw, ...] = ()
    clusterStatuses: tuple[Raw, ...] = ()  # noqa: N815  # as protobuf's JSON spells it


def cluster_statuses(value: Raw, location: Location) -> tuple[tuple[ClusterStatus, ...], tuple[Problem, ...]]:
    """The clusters of one answer in its order; `location` is the place of `value` in its document."""
    is_array = bytes(memoryview(value)[:64]).lstrip().startswith(b"[")
    answer = decode(value, tuple[Raw, ...]) if is_array else decode(value, _Clusters)
    if isinstance(answer, Undecodable):
        return (), (Problem(location.document.name, f"/clusters: {answer.why}"),)
    items, others = (answer.cluster_statuses, answer.clusterStatuses) if isinstance(answer, _Clusters) else ((), answer)
    place = location if is_array else location / "cluster_statuses"
    problems: list[Problem] = []
    clusters = []
    for index, item in enumerate((*items, *map(_canonical, others))):
        cluster = decode(item, _Cluster)
        if isinstance(cluster, Undecodable):
            problems.append(_problem(place / index, cluster))
        else:
            clusters.append(_cluster(cluster, place / index, problems))
    return tuple(clusters), tuple(problems)


def _canonical(value: Raw) -> bytes:
    return dialect.canonical(value, "cluster_statuses", api_v2=False)


def _cluster(cluster: _Cluster, location: Location, problems: list[Problem]) -> ClusterStatus:
    hosts = []
    for index, raw in enumerate(cluster.host_statuses):
        host, place = decode(raw, _Host), location.below(("host_statuses", index))
        if isinstance(host, Undecodable):
            problems.append(_problem(place, host))
        else:
            hosts.append(_host(host, place))
    return ClusterStatus(
        name=cluster.name,
        location=location,
        added_via_api=cluster.added_via_api,
        eds_service_name=cluster.eds_service_name,
        observability_name=cluster.observability_name,
        thresholds=cluster.circuit_breakers.thresholds,
        success_rate_ejection_threshold=_percentage(cluster.success_rate_ejection_threshold),
        local_origin_success_rate_ejection_threshold=_percentage(cluster.local_origin_success_rate_ejection_threshold),
        hosts=tuple(hosts),
    )


def _host(host: _Host, location: Location) -> HostStatus:
    return HostStatus(
        address=str(host.address),
        location=location,
        hostname=host.hostname,
        health=host.health_status.eds_health_status,
        health_flags=host.health_status.flags(),
        weight=host.weight,
        priority=host.priority,
        region=host.locality.region,
        zone=host.locality.zone,
        sub_zone=host.locality.sub_zone,
        success_rate=_percentage(host.success_rate),
        local_origin_success_rate=_percentage(host.local_origin_success_rate),
        stats=tuple(sorted((stat.name, stat.value) for stat in host.stats)),
    )


def _percentage(percent: _Percent | None) -> float | None:
    return percent.value if percent else None


def eds_flag(health: str) -> str:
    """The flag that Envoy sets for a status of the control plane, "" for HEALTHY and UNKNOWN."""
    return EDS_FLAGS.get("UNHEALTHY" if health == "TIMEOUT" else health, "")


def _problem(location: Location, failure: Undecodable) -> Problem:
    return Problem(location.document.name, f"{path_text(location.path)}: {failure.why}")
