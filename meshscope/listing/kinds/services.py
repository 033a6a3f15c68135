"""Services: hosts, addresses and ports as a client of the mesh sees them."""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.listing.column import Cell, Column
from meshscope.listing.kind import Kind
from meshscope.listing.row import Row
from meshscope.listing.selection import Selection, fits
from meshscope.listing.steps import steps
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.services import ServicePortFact, services
from meshscope.work import UNFOLLOWED, Work


class ServiceRow(Row, frozen=True, kw_only=True):
    """`endpoints` are `IP:port`, null for unknown; `source` is Kubernetes, ServiceEntry,
    registryz or ztunnel. `selector` and `labels` are pairs by name."""

    name: str
    namespace: str
    host: str
    addresses: tuple[str, ...]
    ports: tuple[ServicePortFact, ...]
    endpoints: tuple[str, ...] | None
    source: str
    selector: dict[str, str] = {}
    labels: dict[str, str] = {}


def rows(mesh: Mesh, selection: Selection, work: Work = UNFOLLOWED) -> Iterator[ServiceRow]:
    for fact in steps(tuple(services(mesh)), work):
        if selection.namespace not in ("", fact.namespace):
            continue
        if not fits(selection.name, fact.name, fact.host) or not fits(selection.fqdn, fact.host):
            continue
        if selection.port is not None and selection.port not in {port.port for port in fact.ports}:
            continue
        yield ServiceRow(
            name=fact.name,
            namespace=fact.namespace,
            host=fact.host,
            addresses=fact.addresses,
            ports=fact.ports,
            endpoints=fact.endpoints,
            source=fact.source,
            selector=dict(fact.selector),
            labels=dict(fact.labels),
            location=fact.location,
        )


def _ports(row: ServiceRow) -> str:
    """With the protocol that Istio assumes, which decides the rules that apply: `9080/HTTP`."""
    return ", ".join(f"{port.port}/{port.istio_protocol or port.protocol or '?'}" for port in row.ports)


def _endpoint_count(row: ServiceRow) -> Cell:
    """Of workloads, however many ports each has."""
    if row.endpoints is None:
        return "?"
    return len({address.rpartition(":")[0] or address for address in row.endpoints})


KIND: Kind[ServiceRow] = Kind(
    name="services",
    filters=("namespace", "name", "fqdn", "port"),
    singular="service",
    row=ServiceRow,
    rows=rows,
    key=lambda row: row.name,
    aliases=lambda row: (row.host, f"{row.name}.{row.namespace}"),
    full_name=lambda row: f"{row.name}.{row.namespace}",
    is_per_proxy=False,
    columns=(
        Column("NAMESPACE", lambda row: row.namespace),
        Column("NAME", lambda row: row.name),
        Column("HOST", lambda row: row.host, rank=1),
        Column("ADDRESSES", lambda row: tuple(dict.fromkeys(row.addresses)) or ("-",)),
        Column("PORTS", _ports),
        Column("ENDPOINTS", _endpoint_count, rank=1),
        Column("SOURCE", lambda row: row.source, rank=2),
        Column("SELECTOR", lambda row: ",".join(f"{name}={value}" for name, value in row.selector.items()), wide=True),
        Column("ENDPOINT ADDRESSES", lambda row: row.endpoints, wide=True),
    ),
)
