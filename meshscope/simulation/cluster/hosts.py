"""The hosts of a cluster as a load balancer sees them: health class, weight, priority, locality, metadata.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/overview
A host is healthy, degraded or unhealthy. Excluded hosts (draining, or before the first check) are not in any denominator.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from meshscope.mesh.endpoints import Endpoint
from meshscope.simulation.dynamic_metadata import LB
from meshscope.xds.endpoint import ClusterLoadAssignment, LbEndpoint, LocalityLbEndpoints

_UNHEALTHY = ("failed_active_hc", "failed_outlier_check", "failed_eds_health", "eds_status_draining")
_DEGRADED = ("degraded_active_hc", "degraded_eds_health", "degraded_outlier_detection")
_EXCLUDED = ("pending_active_hc", "excluded_via_immediate_hc_fail", "eds_status_draining")
_NO_METADATA: Mapping[str, Any] = {}


class Host(Struct, frozen=True, kw_only=True):
    """`may_drain`: it is UNHEALTHY in evidence that shows DRAINING as UNHEALTHY too. `locality_weight` None: unknown.

    `lb` is the metadata for subsets, `socket` that for transport socket matches; `locality_socket` is the locality's, None
    where it is not captured.
    """

    endpoint: Endpoint
    health: str = "healthy"
    excluded: bool = False
    may_drain: bool = False
    locality_weight: int | None = None
    lb: Mapping[str, Any] = _NO_METADATA
    socket: Mapping[str, Any] = _NO_METADATA
    locality_socket: Mapping[str, Any] | None = None

    @property
    def weight(self) -> int:
        return max(1, self.endpoint.weight)

    @property
    def because(self) -> str:
        """Why a load balancer does not select it, in the words of the evidence."""
        if self.endpoint.health_flags:
            return f"health {self.endpoint.health}: {', '.join(self.endpoint.health_flags)}"
        return (
            f"health {self.endpoint.health}{' (or DRAINING, which this dump does not show)' if self.may_drain else ''}"
        )


def hosts_of(
    endpoints: tuple[Endpoint, ...], assignment: ClusterLoadAssignment | None, *, coarse: bool, inline: bool
) -> tuple[Host, ...]:
    """The endpoints with their metadata and weights from the assignment.

    `coarse`: their health is from Envoy's own dump, which shows DRAINING as UNHEALTHY. `inline`: the assignment is in the
    cluster itself; only such an assignment contains the metadata of localities.
    """
    assigned_hosts: dict[tuple[str, int], tuple[LocalityLbEndpoints, LbEndpoint]] = {}
    weights: dict[tuple[str, int], int] = {}
    for locality in assignment.endpoints if assignment else ():
        if locality.load_balancing_weight is not None:
            weights[str(locality.locality), locality.priority] = locality.load_balancing_weight
        for host in locality.lb_endpoints:
            assigned_hosts.setdefault((str(host.endpoint.address), locality.priority), (locality, host))
    hosts = []
    for endpoint in endpoints:
        locality, host = assigned_hosts.get(
            (endpoint.address, endpoint.priority), (LocalityLbEndpoints(), LbEndpoint())
        )
        metadata, locality_metadata = host.metadata.filter_metadata, locality.metadata.filter_metadata
        health, excluded = _health_class(endpoint)
        hosts.append(
            Host(
                endpoint=endpoint,
                health=health,
                excluded=excluded,
                may_drain=coarse and endpoint.outlier_check is None and endpoint.health == "UNHEALTHY",
                locality_weight=weights.get((endpoint.locality, endpoint.priority), 0) if assignment else None,
                lb=metadata.get(LB, _NO_METADATA),
                socket=metadata.get("envoy.transport_socket_match", _NO_METADATA),
                locality_socket=locality_metadata.get("envoy.transport_socket_match", _NO_METADATA) if inline else None,
            )
        )
    return tuple(hosts)


def as_draining(host: Host) -> Host:
    """The host as it is if `may_drain` means that it drains."""
    return replace(host, health="unhealthy", excluded=True) if host.may_drain else host


def _health_class(endpoint: Endpoint) -> tuple[str, bool]:
    """The health class, and whether the host is excluded: by live flags if there are any, else by the health status."""
    flags = endpoint.health_flags
    if flags:
        health = "unhealthy" if any(f in _UNHEALTHY for f in flags) else "healthy"
        if health == "healthy" and any(f in _DEGRADED for f in flags):
            health = "degraded"
        return health, any(flag in _EXCLUDED for flag in flags)
    if endpoint.health == "DEGRADED":
        return "degraded", False
    if endpoint.health in ("UNHEALTHY", "TIMEOUT", "DRAINING"):
        return "unhealthy", endpoint.health == "DRAINING"
    return "healthy", False
