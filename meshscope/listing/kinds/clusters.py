"""Clusters by the four parts of Istio's name, with their state and how many endpoints they have."""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.envoy.counters import ClusterCounters
from meshscope.envoy.resource import CLUSTER, Resource
from meshscope.istio.names import ClusterName, parse_cluster
from meshscope.listing.kind import PROXY, STATE, Column, Kind, Row, counter
from meshscope.listing.selection import Selection
from meshscope.mesh.counters import cluster_counters
from meshscope.mesh.endpoints import endpoints_of
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.owners import named, owner_of, written
from meshscope.mesh.proxy import Proxy
from meshscope.xds.cluster import Cluster
from meshscope.xds.message import Undecodable


class ClusterRow(Row, frozen=True, kw_only=True):
    """`fqdn`, `subset`, `direction` are "" and `port` is null where the name is none of Istio's. A waypoint's subset starts
    with the protocol, as in its name and in istioctl.

    `endpoints` and `healthy` are null where there is no evidence of endpoints. `connections` (active), `requests`,
    `errors_5xx`, `overflows` (refused by a circuit breaker) and `connect_failures` are counters of the live proxy, null
    where none was captured: absent is not zero.
    """

    proxy: str
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


NO_NAME = ClusterName("", None, "", "")


def rows(mesh: Mesh, selection: Selection) -> Iterator[ClusterRow]:
    for proxy in selection.proxies(mesh):
        for resource in proxy.resources(CLUSTER, in_effect=selection.in_effect_only):
            parts = parse_cluster(resource.name) or NO_NAME
            if selection.has_state(resource.state) and _selected(resource.name, parts, selection):
                row = _row(proxy, resource, parts, counted=selection.counted and resource.in_effect)
                if selection.type.upper() in ("", row.type.upper()):
                    yield row


def _selected(name: str, parts: ClusterName, selection: Selection) -> bool:
    """By name alone, before any body is read."""
    return (
        selection.name in ("", name)
        and selection.cluster in ("", name)
        and selection.fqdn in ("", parts.host or name)
        and selection.port in (None, parts.port)
        and selection.subset in ("", parts.subset)
        and selection.direction.lower() in ("", parts.direction)
    )


def _row(proxy: Proxy, resource: Resource, parts: ClusterName, *, counted: bool) -> ClusterRow:
    body = proxy.read(resource, Cluster)
    cluster = Cluster() if isinstance(body, Undecodable) else body
    owner = owner_of(cluster.metadata)
    endpoints = endpoints_of(proxy, resource.name, cluster)
    counters = cluster_counters(proxy, resource.name, cluster) if counted else ClusterCounters()
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
        destination_rule=named(owner, "DestinationRule") or None,
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
        error=body.why if isinstance(body, Undecodable) else None,
        state=resource.state,
        owner=written(owner),
        location=resource.location,
    )


def _counted(row: ClusterRow) -> str:
    if row.endpoints is None:
        return "?" if row.type == "EDS" else "-"
    return str(row.endpoints) if row.healthy == row.endpoints else f"{row.healthy}/{row.endpoints}"


KIND = Kind(
    name="clusters",
    filters="proxy namespace labels name cluster fqdn port subset direction type state",
    singular="cluster",
    row=ClusterRow,
    resource=CLUSTER,
    rows=rows,
    columns=(
        PROXY,
        Column("SERVICE FQDN", lambda row: row.fqdn or row.name),
        Column("PORT", lambda row: "-" if row.port is None else row.port),
        Column("SUBSET", lambda row: row.subset or "-"),
        Column("DIRECTION", lambda row: row.direction or "-", rank=1),
        Column("TYPE", lambda row: row.type),
        Column("ENDPOINTS", _counted, rank=1),
        Column("DESTINATION RULE", lambda row: row.destination_rule, rank=2),
        STATE,
        Column("LB POLICY", lambda row: row.lb_policy, wide=True),
        Column("CONNECT TIMEOUT", lambda row: row.connect_timeout, wide=True),
        Column("NAME", lambda row: row.name, wide=True),
        counter("CX", "connections"),
        counter("RQ", "requests"),
        counter("5XX", "errors_5xx"),
        counter("UO", "overflows"),
    ),
)
