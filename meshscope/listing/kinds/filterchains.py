"""Filter chains with every match field, their transport and their filters, in Envoy's order."""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.envoy.resource import LISTENER, Resource
from meshscope.listing.kind import PROXY, STATE, Column, Kind, Row
from meshscope.listing.selection import Selection
from meshscope.mesh.chains import destination
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.owners import owner_of, written
from meshscope.mesh.proxy import Proxy
from meshscope.xds.filter_chain import FilterChain, FilterChainMatch
from meshscope.xds.listener import chain_path
from meshscope.xds.message import Undecodable
from meshscope.xds.tls import DownstreamTlsContext, QuicDownstreamTransport


class FilterChainRow(Row, frozen=True, kw_only=True):
    """`index` counts from 0 in `filter_chains`, null for the default chain. `criteria` are the match fields that are set."""

    proxy: str
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


def rows(mesh: Mesh, selection: Selection) -> Iterator[FilterChainRow]:
    for proxy in selection.proxies(mesh):
        for resource, listener in proxy.listeners(in_effect=selection.in_effect_only):
            if isinstance(listener, Undecodable) or not selection.has_state(resource.state):
                continue
            if selection.port not in (None, listener.address.port) or selection.address not in (
                "",
                listener.address.host,
            ):
                continue
            for index, chain in listener.chains():
                if selection.name in ("", chain.name, resource.name):
                    yield _row(proxy, resource, index, chain)


def _row(proxy: Proxy, resource: Resource, index: int | None, chain: FilterChain) -> FilterChainRow:
    leads = destination(chain)
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
        route_config=leads.route_configs[0] if leads.route_configs else None,
        clusters=leads.clusters,
        destination=str(leads),
        state=resource.state,
        owner=written(owner_of(chain.metadata)),
        location=resource.location.below(chain_path(index)),
    )


def transport(chain: FilterChain) -> str:
    """`plain text`, `TLS`, `mutual TLS` (a client certificate is required), `QUIC`, or the socket's name."""
    socket = chain.transport_socket
    if socket is None:
        return "plain text"
    config = socket.config
    if isinstance(config, QuicDownstreamTransport):
        return "QUIC"
    if isinstance(config, DownstreamTlsContext):
        return "mutual TLS" if config.require_client_certificate else "TLS"
    return "plain text" if socket.type_name.endswith(".RawBuffer") else socket.name


KIND = Kind(
    name="filterchains",
    filters="proxy namespace labels port address name state",
    singular="filterchain",
    row=FilterChainRow,
    resource=LISTENER,
    rows=rows,
    key=lambda row: f"{row.listener}/{'default' if row.index is None else row.index}",
    also=lambda row: (row.name,),
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
