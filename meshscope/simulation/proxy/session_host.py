"""The host that a request's session names, which goes before priorities, subsets and every load balancing policy.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/stateful_session_filter
"""

from __future__ import annotations

from msgspec import Struct

from meshscope.simulation.cluster.compiled import CompiledCluster
from meshscope.simulation.cluster.hosts import Host
from meshscope.simulation.cluster.selection import HostSelection, Selected
from meshscope.simulation.connection import OverrideHost

_ALLOWED = ("UNKNOWN", "HEALTHY", "DEGRADED")
"""Without `override_host_status`."""
_MAY_BE = ("UNHEALTHY", "DRAINING")
_FAILED = ("failed_active_hc", "failed_outlier_check")


class SessionChoice(Struct, frozen=True):
    """`selection` None: another host serves, or with `refused` none. `because` says what became of the host that is named."""

    selection: HostSelection | None = None
    because: str = ""
    refused: bool = False
    assuming: tuple[str, ...] = ()


def session_choice(cluster: CompiledCluster, named: OverrideHost) -> SessionChoice:
    """An aggregate has no hosts of its own."""
    address = named.address
    hosts = () if cluster.cluster.members else cluster.hosts
    is_open = cluster.cluster.discovery_type == "ORIGINAL_DST" or cluster.cluster.cluster_type is not None
    if hosts is None or (is_open and not cluster.cluster.members):
        return SessionChoice(assuming=(f"{address}, which the session names, is no host of {cluster.name}",))
    host = next((one for one in hosts if one.endpoint.address == address), None)
    if host is None:
        because = f"the session names {address}, which is no host of it"
        return SessionChoice(because=because, refused=named.strict)
    config = cluster.cluster.common_lb_config.override_host_status
    allowed = _ALLOWED if config is None else config.statuses
    possible = {status in allowed for status in _statuses(host)}
    if True not in possible:
        because = f"the session names {address}, whose health {_statuses(host)[0]} is not allowed"
        return SessionChoice(because=because, refused=named.strict)
    assuming = (f"the health of {address} is one that a session may name",) if False in possible else ()
    selection = HostSelection((Selected(host, 1.0),), "the session names it")
    return SessionChoice(selection, selection.because, assuming=assuming)


def _statuses(host: Host) -> tuple[str, ...]:
    """The health that it has; several where the evidence shows them alike."""
    flags = host.endpoint.health_flags
    if any(flag in _FAILED for flag in flags):
        return ("UNHEALTHY",)
    if host.may_drain:
        return _MAY_BE
    degraded = host.endpoint.health == "HEALTHY" and "degraded_active_hc" in flags
    return ("DEGRADED" if degraded else host.endpoint.health,)
