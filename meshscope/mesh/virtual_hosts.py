"""Virtual hosts of a route table, one at a time, and a light reading of their names and domains alone."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from msgspec import Raw

from meshscope.mesh.route_table import RouteTable
from meshscope.typed import Typed
from meshscope.xds.message import Undecodable, decode
from meshscope.xds.route import VirtualHost


class _Slices(Typed, frozen=True):
    virtual_hosts: list[Raw] = []


class VirtualHostName(Typed, frozen=True):
    name: str = ""
    domains: tuple[str, ...] = ()


class _Names(Typed, frozen=True):
    virtual_hosts: list[VirtualHostName] = []


def virtual_hosts(table: RouteTable) -> Iterator[VirtualHost | Undecodable]:
    """Each virtual host typed, in order; an unreadable one in its place; one Undecodable for an unreadable table."""
    slices = decode(table.raw, _Slices)
    if isinstance(slices, Undecodable):
        yield slices
        return
    for raw in slices.virtual_hosts:
        yield decode(raw, VirtualHost)


def virtual_host_at(table: RouteTable, index: int) -> VirtualHost | Undecodable:
    """One of them typed, by its place among `virtual_host_names`; the others are not read. Slices are kept with the table."""
    slices = _sliced.get(table)
    if slices is None:
        found = decode(table.raw, _Slices)
        slices = _sliced[table] = () if isinstance(found, Undecodable) else tuple(found.virtual_hosts)
    return decode(slices[index], VirtualHost)


def virtual_host_names(table: RouteTable) -> tuple[VirtualHostName, ...]:
    """Names and domains without the routes; none for an unreadable table. Kept as long as the table is."""
    found = _known.get(table)
    if found is None:
        names = decode(table.raw, _Names)
        found = _known[table] = () if isinstance(names, Undecodable) else tuple(names.virtual_hosts)
    return found


_sliced: WeakKeyDictionary[RouteTable, tuple[Raw, ...]] = WeakKeyDictionary()
_known: WeakKeyDictionary[RouteTable, tuple[VirtualHostName, ...]] = WeakKeyDictionary()
