"""Filter chains in the order of their listener, with their match fields, transport and filters."""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.envoy.resource import LISTENER, Resource
from meshscope.listing.column import PROXY, STATE, Column
from meshscope.listing.kind import Kind
from meshscope.listing.row import RowOfProxy
from meshscope.listing.selection import Selection, fits
from meshscope.listing.steps import parts, steps
from meshscope.mesh.chains import destination
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.owners import owner_of, owner_text
from meshscope.mesh.proxy import Proxy
from meshscope.work import UNFOLLOWED, Work
from meshscope.xds.filter_chain import FilterChain, FilterChainMatch
from meshscope.xds.listener import Listener, chain_path
from meshscope.xds.message import Undecodable
from meshscope.xds.tls import DownstreamTlsContext, QuicDownstreamTransport


class FilterChainRow(RowOfProxy, frozen=True, kw_only=True):
    """`index` counts from 0 in `filter_chains`, null for the default chain. `criteria` are the match fields."""

    listener: str
    index: int | None
    name: str
    match: str
    criteria: FilterChainMatch
    transport: str
    filters: tuple[str, ...]
    http_filters: tuple[str, ...] = ()
    route_config: str | None = None
    clusters: tuple[str, ...] = ()
    destination: str = ""


def rows(mesh: Mesh, selection: Selection, work: Work = UNFOLLOWED) -> Iterator[FilterChainRow]:
    for proxy, share in parts(selection.proxies(mesh), work):
        for resource in steps(proxy.resources(LISTENER, in_effect=selection.in_effect_only), share):
            listener = proxy.read(resource, Listener)
            if isinstance(listener, Undecodable) or not selection.has_state(resource.state):
                continue
            address = listener.address
            if selection.port in (None, address.port) and fits(selection.address, address.host):
                for index, chain in listener.chains():
                    if fits(selection.name, chain.name, resource.name):
                        yield _row(proxy, resource, index, chain)


def _row(proxy: Proxy, resource: Resource, index: int | None, chain: FilterChain) -> FilterChainRow:
    target = destination(chain)
    return FilterChainRow(
        proxy=proxy.name,
        listener=resource.name,
        index=index,
        name=chain.name,
        match="default" if index is None else str(chain.filter_chain_match),
        criteria=chain.filter_chain_match,
        transport=transport(chain),
        filters=tuple(extension.name for extension in chain.filters),
        http_filters=tuple(extension.name for extension in chain.http[1].http_filters) if chain.http else (),
        route_config=target.route_configs[0] if target.route_configs else None,
        clusters=target.clusters,
        destination=str(target),
        state=resource.state,
        owner=owner_text(owner_of(chain.metadata)),
        location=resource.location.below(chain_path(index)),
    )


def transport(chain: FilterChain) -> str:
    """`plain text`, `TLS`, `mutual TLS` (a client certificate is required), `QUIC`, or the name of another socket."""
    socket = chain.transport_socket
    if socket is None:
        return "plain text"
    config = socket.config
    if isinstance(config, QuicDownstreamTransport):
        return "QUIC"
    if isinstance(config, DownstreamTlsContext):
        return "mutual TLS" if config.require_client_certificate else "TLS"
    return "plain text" if socket.type_name.endswith(".RawBuffer") else socket.name


KIND: Kind[FilterChainRow] = Kind(
    name="filterchains",
    filters=("proxy", "namespace", "labels", "port", "address", "name", "state"),
    singular="filterchain",
    row=FilterChainRow,
    resource=LISTENER,
    rows=rows,
    key=lambda row: f"{row.listener}/{'default' if row.index is None else row.index}",
    aliases=lambda row: (row.name,),
    node=lambda row: (row.listener, "default" if row.index is None else row.index),
    columns=(
        PROXY,
        Column("LISTENER", lambda row: row.listener),
        Column("#", lambda row: "default" if row.index is None else row.index),
        Column("NAME", lambda row: row.name, rank=1),
        Column("MATCH", lambda row: row.match),
        Column("TRANSPORT", lambda row: row.transport, rank=1),
        Column("DESTINATION", lambda row: row.destination),
        Column("FILTERS", lambda row: row.filters, wide=True),
        Column("HTTP FILTERS", lambda row: row.http_filters, wide=True),
        Column("OWNER", lambda row: row.owner, wide=True),
        STATE,
    ),
)
