"""The endpoints of a cluster, from the best evidence there is.

`/clusters` has each host's live health, Envoy's endpoint section (or istiod's EDS) has metadata. Without either, a cluster's
own `load_assignment` counts. None is no evidence; empty is known to have no endpoints.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from meshscope.envoy.cluster_status import ClusterStatus, HostStatus
from meshscope.envoy.resource import CLUSTER, ENDPOINTS
from meshscope.location import Location
from meshscope.mesh.proxy import Proxy
from meshscope.xds.cluster import Cluster
from meshscope.xds.endpoint import ClusterLoadAssignment, LbEndpoint
from meshscope.xds.message import Undecodable

HEALTHY = "HEALTHY"


class Endpoint(Struct, frozen=True, kw_only=True):
    """`health` in Envoy's words; an unknown one counts as healthy, as in Envoy. `outlier_check` None: no live evidence."""

    address: str
    health: str
    location: Location
    hostname: str = ""
    outlier_check: str | None = None
    health_flags: tuple[str, ...] = ()
    weight: int = 1
    priority: int = 0
    locality: str = ""
    workload: str | None = None

    @property
    def host(self) -> str:
        """The address without its port."""
        return self.address.rpartition(":")[0].strip("[]")

    @property
    def is_healthy(self) -> bool:
        return self.health == HEALTHY and not self.health_flags


def endpoints_of(proxy: Proxy, name: str, cluster: Cluster) -> tuple[Endpoint, ...] | None:
    """A cluster's endpoints as this proxy has them; None without evidence."""
    assigned = assigned_endpoints(proxy, cluster.assignment_name)
    live = (proxy.live_clusters or {}).get(name)
    if live is not None:
        return tuple(_live_endpoints(live, assigned or ()))
    if assigned is not None or proxy.resource(ENDPOINTS, cluster.assignment_name):
        return assigned  # None: the assignment cannot be read
    is_static = cluster.discovery_type == "STATIC"  # it has its own endpoints, whether a dump lists them or not
    if cluster.discovery_type == "EDS" or (proxy.lists_every_assignment and not is_static):
        return () if proxy.knows_all(ENDPOINTS) else None
    if cluster.load_assignment is not None:
        resource = proxy.resource(CLUSTER, name)
        place = resource.location / "load_assignment" if resource else None
        found = _of_assignment(cluster.load_assignment, place) if place else ()
        is_dns = cluster.discovery_type in ("STRICT_DNS", "LOGICAL_DNS")
        return tuple(_named_by_dns(one) if is_dns else one for one in found)
    return None if proxy.live_clusters is not None else ()


def assigned_endpoints(proxy: Proxy, name: str) -> tuple[Endpoint, ...] | None:
    """The endpoint section's endpoints under an assignment's name; None where they are not listed or cannot be read."""
    resource = proxy.resource(ENDPOINTS, name)
    if resource is None:
        return None
    body = proxy.read(resource, ClusterLoadAssignment)
    return None if isinstance(body, Undecodable) else tuple(_of_assignment(body, resource.location))


def _of_assignment(assignment: ClusterLoadAssignment, place: Location) -> Iterator[Endpoint]:
    for group, locality in enumerate(assignment.endpoints):
        for index, host in enumerate(locality.lb_endpoints):
            address = host.endpoint.address
            yield Endpoint(
                address=str(address),
                health=HEALTHY if host.health_status == "UNKNOWN" else host.health_status,
                location=place.below(("endpoints", group, "lb_endpoints", index)),
                hostname=host.endpoint.hostname,
                weight=1 if host.load_balancing_weight is None else host.load_balancing_weight,
                priority=locality.priority,
                locality=str(locality.locality),
                workload=_workload(host),
            )


def _named_by_dns(endpoint: Endpoint) -> Endpoint:
    """Envoy names a host by what it resolves, where it has no name of its own."""
    return endpoint if endpoint.hostname else replace(endpoint, hostname=endpoint.host)


def _workload(host: LbEndpoint) -> str | None:
    """`workload.namespace` out of istiod's `workload;namespace;canonical name;revision;cluster`."""
    parts = host.metadata.text("istio", "workload").split(";")
    return f"{parts[0]}.{parts[1]}" if len(parts) > 1 and parts[0] else None


def _live_endpoints(status: ClusterStatus, assigned: tuple[Endpoint, ...]) -> Iterator[Endpoint]:
    known = {endpoint.address: endpoint for endpoint in assigned}
    for host in status.hosts:
        behind = known.get(host.address)
        yield Endpoint(
            address=host.address,
            health=_live_health(host),
            location=host.location,
            hostname=host.hostname,
            outlier_check=host.outlier_check,
            health_flags=host.health_flags,
            weight=host.weight,
            priority=host.priority,
            locality="/".join(part for part in (host.region, host.zone, host.sub_zone) if part),
            workload=behind.workload if behind else None,
        )


def _live_health(host: HostStatus) -> str:
    """The control plane's word, unless Envoy's own health check found otherwise."""
    if host.health not in ("UNKNOWN", HEALTHY):
        return host.health
    return "UNHEALTHY" if "failed_active_hc" in host.health_flags else HEALTHY
