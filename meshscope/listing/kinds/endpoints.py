"""Endpoints: one row for each host of each cluster, with its live health where it was captured."""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.envoy.resource import CLUSTER, ENDPOINTS
from meshscope.errors import UsageError
from meshscope.listing.column import PROXY, Column
from meshscope.listing.kind import Kind
from meshscope.listing.row import RowOfProxy
from meshscope.listing.selection import Selection, fits
from meshscope.listing.steps import parts, steps
from meshscope.mesh.endpoints import Endpoint, assigned_endpoints, endpoints_of
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.work import UNFOLLOWED, Work
from meshscope.xds.cluster import Cluster
from meshscope.xds.message import Undecodable

STATUSES = ("HEALTHY", "UNHEALTHY", "DRAINING", "TIMEOUT", "DEGRADED", "UNKNOWN")
"""https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/health_check.proto#enum-config-core-v3-healthstatus"""


class EndpointRow(RowOfProxy, frozen=True, kw_only=True):
    """`outlier_check` is OK or FAILED, null without live evidence; `health_flags` are Envoy's, empty for a healthy host."""

    address: str
    health: str
    outlier_check: str | None
    weight: int
    priority: int
    locality: str
    cluster: str
    pod: str | None = None
    workload: str | None = None
    hostname: str = ""
    health_flags: tuple[str, ...] = ()


def rows(mesh: Mesh, selection: Selection, work: Work = UNFOLLOWED) -> Iterator[EndpointRow]:
    if selection.status and selection.status.upper() not in STATUSES:
        raise UsageError(f"no endpoint is {selection.status!r}: its status is {', '.join(STATUSES)}")
    for proxy, share in parts(selection.proxies(mesh), work):
        found = [
            (cluster, endpoint)
            for cluster, endpoints in _by_cluster(proxy, selection.cluster or selection.name, share)
            for endpoint in endpoints
            if _selected(cluster, endpoint, selection)
        ]
        for cluster, endpoint in sorted(found, key=_place):
            yield _row(mesh, proxy, cluster, endpoint)


def _place(found: tuple[str, Endpoint]) -> tuple[str, int, str]:
    """istioctl's order: by address as a text (it writes `unix://` before that of a pipe), port and cluster.

    https://github.com/istio/istio/blob/master/istioctl/pkg/writer/envoy/clusters/clusters.go
    """
    cluster, endpoint = found
    address = endpoint.address
    host, _, port = address.rpartition(":")
    if port.isascii() and port.isdigit():
        return host.strip("[]"), int(port), cluster
    return address if "://" in address else f"unix://{address}", 0, cluster


def _by_cluster(proxy: Proxy, wanted: str, work: Work) -> Iterator[tuple[str, tuple[Endpoint, ...]]]:
    """Clusters with their endpoints, then assignments and live clusters that no cluster of the dump refers to."""
    referenced = set()
    for resource in steps(proxy.resources(CLUSTER), work):
        if not fits(wanted, resource.name):
            continue
        cluster = proxy.read(resource, Cluster)
        if not isinstance(cluster, Undecodable):
            referenced.add(cluster.assignment_name)
            yield resource.name, endpoints_of(proxy, resource.name, cluster) or ()
    for resource in proxy.resources(ENDPOINTS):
        if resource.name not in referenced and fits(wanted, resource.name):
            yield resource.name, assigned_endpoints(proxy, resource.name) or ()
    for name in proxy.live_clusters or {}:
        if proxy.resource(CLUSTER, name) is None and fits(wanted, name):
            yield name, endpoints_of(proxy, name, Cluster(name=name)) or ()


def _selected(cluster: str, endpoint: Endpoint, selection: Selection) -> bool:
    port = endpoint.address.rpartition(":")[2]
    return (
        (selection.port is None or port == str(selection.port))
        and fits(selection.address, endpoint.address, endpoint.host)
        and (not selection.status or selection.status.upper() == endpoint.health)
        and fits(selection.fqdn, cluster.rpartition("|")[2])
    )


def _row(mesh: Mesh, proxy: Proxy, cluster: str, endpoint: Endpoint) -> EndpointRow:
    return EndpointRow(
        proxy=proxy.name,
        address=endpoint.address,
        health=endpoint.health,
        outlier_check=endpoint.outlier_check,
        weight=endpoint.weight,
        priority=endpoint.priority,
        locality=endpoint.locality,
        cluster=cluster,
        pod=mesh.pod_at(endpoint.host),
        workload=endpoint.workload,
        hostname=endpoint.hostname,
        health_flags=endpoint.health_flags,
        state="active",
        location=endpoint.location,
    )


def _has_evidence(proxy: Proxy) -> bool:
    """True also where every cluster contains its own endpoints, as in a static bootstrap."""
    if proxy.has_evidence(ENDPOINTS) or proxy.live_clusters is not None:
        return True
    bodies = [body for _, body in proxy.clusters() if not isinstance(body, Undecodable)]
    return bool(bodies) and all(body.discovery_type != "EDS" for body in bodies)


def _pod(row: EndpointRow) -> str:
    """The pod, else the workload, else the host name, unless Envoy made that up for an ORIGINAL_DST cluster."""
    return row.pod or row.workload or (row.hostname if row.hostname != row.cluster + row.address else "")


KIND: Kind[EndpointRow] = Kind(
    name="endpoints",
    filters=("proxy", "namespace", "labels", "cluster", "name", "port", "address", "status", "fqdn"),
    singular="endpoint",
    row=EndpointRow,
    resource=ENDPOINTS,
    rows=rows,
    has_evidence=_has_evidence,
    key=lambda row: f"{row.cluster}/{row.address}",
    aliases=lambda row: (row.address,),
    node=lambda row: (row.cluster, row.address),
    columns=(
        PROXY,
        Column("ENDPOINT", lambda row: row.address),
        Column("STATUS", lambda row: row.health),
        Column("OUTLIER CHECK", lambda row: row.outlier_check or "-", rank=1),
        Column("CLUSTER", lambda row: row.cluster),
        Column("POD", _pod, rank=2),
        Column("LOCALITY", lambda row: row.locality, wide=True),
        Column("PRIORITY", lambda row: row.priority, wide=True),
        Column("WEIGHT", lambda row: row.weight, wide=True),
        Column("FLAGS", lambda row: row.health_flags, wide=True),
    ),
)
