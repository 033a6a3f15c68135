"""Clusters by the four parts of Istio's name, with their state and the number of their endpoints."""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.envoy.counters import ClusterCounters
from meshscope.envoy.resource import CLUSTER, Resource
from meshscope.istio.names import ClusterName, parse_cluster
from meshscope.listing.column import PROXY, STATE, Column, counter
from meshscope.listing.kind import Kind
from meshscope.listing.row import RowOfProxy
from meshscope.listing.selection import Selection, fits
from meshscope.listing.steps import parts, steps
from meshscope.mesh.counters import cluster_counters
from meshscope.mesh.endpoints import endpoints_of
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.owners import made_from, owner_name, owner_of
from meshscope.mesh.proxy import Proxy
from meshscope.work import UNFOLLOWED, Work
from meshscope.xds.cluster import Cluster
from meshscope.xds.message import Undecodable


class ClusterRow(RowOfProxy, frozen=True, kw_only=True):
    """`fqdn`, `subset` and `direction` are "" and `port` is null where the name is not one of Istio's. A waypoint's subset
    starts with the protocol, as in its name and in istioctl.

    `endpoints` and `healthy` count hosts, null without evidence of endpoints. `connections` (active), `requests`,
    `errors_5xx`, `overflows` (refused by a circuit breaker) and `connect_failures` are counters of the live proxy, null
    where they were not captured: absent is not zero.
    """

    name: str
    fqdn: str
    port: int | None
    subset: str
    direction: str
    type: str
    endpoints: int | None = None
    healthy: int | None = None
    destination_rule: str | None = None
    lb_policy: str = ""
    connect_timeout: str = ""
    service_name: str | None = None
    connections: int | None = None
    requests: int | None = None
    errors_5xx: int | None = None
    overflows: int | None = None
    connect_failures: int | None = None
    version_info: str = ""
    last_updated: str = ""
    error: str | None = None


_NOT_ISTIOS = ClusterName("", None, "", "")


def rows(mesh: Mesh, selection: Selection, work: Work = UNFOLLOWED) -> Iterator[ClusterRow]:
    for proxy, share in parts(selection.proxies(mesh), work):
        every = sorted(proxy.resources(CLUSTER, in_effect=selection.in_effect_only), key=_place)
        for resource in steps(every, share):
            name = parse_cluster(resource.name) or _NOT_ISTIOS
            if selection.has_state(resource.state) and _selected(resource.name, name, selection):
                row = _row(mesh, proxy, resource, name, with_counters=selection.with_counters and resource.in_effect)
                if selection.type.upper() in ("", row.type.upper()):
                    yield row


def _place(resource: Resource) -> tuple[str, str, int, str]:
    """istioctl's order: by host, subset, port and direction; by the name where it is none of Istio's."""
    name = parse_cluster(resource.name)
    if name is None:
        return resource.name, "", 0, ""
    return name.host, name.subset, name.port or 0, name.direction


def _selected(name: str, parts: ClusterName, selection: Selection) -> bool:
    """Whether the name alone lets the cluster pass; no body is read for it."""
    return (
        fits(selection.name, name)
        and fits(selection.cluster, name)
        and fits(selection.fqdn, parts.host or name)
        and selection.port in (None, parts.port)
        and fits(selection.subset, parts.subset)
        and selection.direction.lower() in ("", parts.direction)
    )


def _row(mesh: Mesh, proxy: Proxy, resource: Resource, parts: ClusterName, *, with_counters: bool) -> ClusterRow:
    body = proxy.read(resource, Cluster)
    cluster = Cluster() if isinstance(body, Undecodable) else body
    owner = owner_of(cluster.metadata)
    endpoints = endpoints_of(proxy, resource.name, cluster)
    counters = cluster_counters(proxy, resource.name, cluster) if with_counters else ClusterCounters()
    return ClusterRow(
        proxy=proxy.name,
        name=resource.name,
        fqdn=parts.host,
        port=parts.port,
        subset=resource.name.split("|")[2] if parts.protocol else parts.subset,
        direction=parts.direction,
        type=cluster.discovery_type,
        endpoints=None if endpoints is None else len(endpoints),
        healthy=None if endpoints is None else sum(endpoint.is_healthy for endpoint in endpoints),
        destination_rule=owner_name(owner, "DestinationRule") or None,
        lb_policy=cluster.lb_policy,
        connect_timeout=cluster.connect_timeout,
        service_name=cluster.eds_cluster_config.service_name or None if cluster.eds_cluster_config else None,
        connections=counters.connections,
        requests=counters.requests,
        errors_5xx=counters.errors_5xx,
        overflows=counters.overflows,
        connect_failures=counters.connect_failures,
        version_info=resource.version_info,
        last_updated=resource.last_updated,
        error=body.why if isinstance(body, Undecodable) else resource.error.details if resource.error else None,
        state=resource.state,
        owner=made_from(cluster.metadata, resource.name, mesh),
        location=resource.location,
    )


def _endpoint_count(row: ClusterRow) -> str:
    """`2/3` where not all are healthy; `?` for unknown; `-` where there is nothing to count: ORIGINAL_DST makes its hosts of
    the connections."""
    if not row.endpoints and row.type == "ORIGINAL_DST":
        return "-"
    if row.endpoints is None:
        return "?" if row.type == "EDS" else "-"
    return str(row.endpoints) if row.healthy == row.endpoints else f"{row.healthy}/{row.endpoints}"


KIND: Kind[ClusterRow] = Kind(
    name="clusters",
    filters=("proxy", "namespace", "labels", "name", "cluster", "fqdn", "port", "subset", "direction", "type", "state"),
    singular="cluster",
    row=ClusterRow,
    resource=CLUSTER,
    rows=rows,
    key=lambda row: row.name,
    columns=(
        PROXY,
        Column("SERVICE FQDN", lambda row: row.fqdn or row.name),
        Column("PORT", lambda row: "-" if row.port is None else row.port),
        Column("SUBSET", lambda row: row.subset or "-"),
        Column("DIRECTION", lambda row: row.direction or "-", rank=1),
        Column("TYPE", lambda row: row.type),
        Column("ENDPOINTS", _endpoint_count, rank=1),
        Column("DESTINATION RULE", lambda row: row.destination_rule, rank=2),
        STATE,
        Column("ERROR", lambda row: row.error, wide=True),
        Column("LB POLICY", lambda row: row.lb_policy, wide=True),
        Column("CONNECT TIMEOUT", lambda row: row.connect_timeout, wide=True),
        Column("NAME", lambda row: row.name, wide=True),
        counter("CX", lambda row: row.connections),
        counter("RQ", lambda row: row.requests),
        counter("5XX", lambda row: row.errors_5xx),
        counter("UO", lambda row: row.overflows),
    ),
)
