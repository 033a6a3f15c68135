"""Hosts of a cluster as a load balancer sees them: health class, weight, priority, locality, metadata.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/overview
A host is healthy, degraded or unhealthy; an excluded one (draining, waiting for its first check) is in no denominator.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from meshscope.mesh.endpoints import Endpoint
from meshscope.xds.endpoint import ClusterLoadAssignment, LbEndpoint, LocalityLbEndpoints

_UNHEALTHY = ("failed_active_hc", "failed_outlier_check", "failed_eds_health", "eds_status_draining")
_DEGRADED = ("degraded_active_hc", "degraded_eds_health", "degraded_outlier_detection")
_EXCLUDED = ("pending_active_hc", "excluded_via_immediate_hc_fail", "eds_status_draining")
_NOTHING: Mapping[str, Any] = {}


class Host(Struct, frozen=True, kw_only=True):
    """`may_drain`: shown as UNHEALTHY by evidence that cannot tell it from DRAINING. `locality_weight` None: nobody knows.

    `lb` is the metadata that subsets look at, `socket` that of transport socket matches; `locality_socket` is the
    locality's, None where the evidence does not hold it.
    """

    endpoint: Endpoint
    health: str = "healthy"
    excluded: bool = False
    may_drain: bool = False
    locality_weight: int | None = None
    lb: Mapping[str, Any] = _NOTHING
    socket: Mapping[str, Any] = _NOTHING
    locality_socket: Mapping[str, Any] | None = None

    @property
    def weight(self) -> int:
        return max(1, self.endpoint.weight)

    @property
    def because(self) -> str:
        """Why a load balancer passes it over, in the words of the evidence."""
        if self.endpoint.health_flags:
            return f"health {self.endpoint.health}: {', '.join(self.endpoint.health_flags)}"
        return f"health {self.endpoint.health}" + (" (or DRAINING: this dump does not tell)" if self.may_drain else "")


def hosts_of(
    endpoints: tuple[Endpoint, ...], assignment: ClusterLoadAssignment | None, *, coarse: bool, inline: bool
) -> tuple[Host, ...]:
    """Endpoints with what the assignment knows of them besides.

    `coarse`: health comes from Envoy's own dump, which writes UNHEALTHY for DRAINING too. `inline`: the assignment is the
    cluster's own, which alone holds the metadata of localities.
    """
    known: dict[tuple[str, int], tuple[LocalityLbEndpoints, LbEndpoint]] = {}
    weights: dict[tuple[str, int], int] = {}
    for locality in assignment.endpoints if assignment else ():
        if locality.load_balancing_weight is not None:
            weights[str(locality.locality), locality.priority] = locality.load_balancing_weight
        for host in locality.lb_endpoints:
            known.setdefault((str(host.endpoint.address), locality.priority), (locality, host))
    hosts = []
    for endpoint in endpoints:
        locality, host = known.get((endpoint.address, endpoint.priority), (LocalityLbEndpoints(), LbEndpoint()))
        metadata, near = host.metadata.filter_metadata, locality.metadata.filter_metadata
        health, excluded = _class(endpoint)
        hosts.append(
            Host(
                endpoint=endpoint,
                health=health,
                excluded=excluded,
                may_drain=coarse and endpoint.outlier_check is None and endpoint.health == "UNHEALTHY",
                locality_weight=weights.get((endpoint.locality, endpoint.priority), 0) if assignment else None,
                lb=metadata.get("envoy.lb", _NOTHING),
                socket=metadata.get("envoy.transport_socket_match", _NOTHING),
                locality_socket=near.get("envoy.transport_socket_match", _NOTHING) if inline else None,
            )
        )
    return tuple(hosts)


def draining(host: Host) -> Host:
    """The host, read as draining where that may be meant."""
    return replace(host, health="unhealthy", excluded=True) if host.may_drain else host


def _class(endpoint: Endpoint) -> tuple[str, bool]:
    """Health class, and whether it is excluded. Live flags count where there are any; else the control plane's word."""
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
