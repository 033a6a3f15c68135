"""Route configurations of a proxy: resources of their own, and those inside of its listeners."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Raw, Struct

from meshscope.envoy.dump_builder import name_of
from meshscope.envoy.resource import Resource
from meshscope.location import Location
from meshscope.once import once
from meshscope.xds.extension import Unmodelled
from meshscope.xds.http_connection_manager import HttpConnectionManager
from meshscope.xds.listener import Listener, chain_path
from meshscope.xds.message import Message, Undecodable, decode, present


class RouteTable(Struct, frozen=True, eq=False, weakref=True, dict=True):
    """A route configuration: a resource of its own, or the body of one inline in a connection manager of `listener`."""

    name: str
    state: str
    holds: Resource | Raw | bytes
    location: Location
    listener: str = ""

    @property
    def resource(self) -> Resource | None:
        return self.holds if isinstance(self.holds, Resource) else None

    @once
    def raw(self) -> Raw | bytes:
        """The body in snake_case v3 spelling; of thousands of tables a question looks into one or two."""
        return self.holds.canonical() if isinstance(self.holds, Resource) else self.holds


def inline_tables(listeners: Iterable[tuple[Resource, Listener | Undecodable]]) -> Iterator[RouteTable]:
    for resource, listener in listeners:
        if isinstance(listener, Undecodable):
            continue
        for index, chain in listener.chains():
            for position, extension in enumerate(chain.filters):
                if b'"route_config"' not in bytes(extension.typed_config):
                    continue  # most filters are TCP proxies, whose configuration need not be read
                body = inline_table(extension.config)
                if present(body):
                    place = (*chain_path(index), "filters", position, "typed_config", "route_config")
                    yield RouteTable(name_of(body), resource.state, body, resource.location.below(place), resource.name)


class _WithTable(Message, frozen=True):
    route_config: Raw = Raw()


def inline_table(config: object) -> Raw:
    """The inline table of a network filter: HTTP's, or that of another protocol's proxy (Thrift, Dubbo …)."""
    if isinstance(config, HttpConnectionManager):
        return config.route_config
    if isinstance(config, Unmodelled) and b'"route_config"' in bytes(config.raw):
        holder = decode(config.raw, _WithTable)
        if isinstance(holder, _WithTable) and bytes(memoryview(holder.route_config)[:1]) == b"{":
            return holder.route_config
    return Raw()
