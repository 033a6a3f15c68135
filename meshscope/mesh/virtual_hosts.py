"""Virtual hosts of a route table, one at a time, and a light reading of their names and domains alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from weakref import WeakKeyDictionary

from msgspec import Raw

from meshscope.line_numbers import json_items
from meshscope.mesh.route_table import RouteTable
from meshscope.typed import Typed
from meshscope.xds.message import Undecodable, decode
from meshscope.xds.route import VirtualHost

_AT_ONCE = 4 << 20
"""Bytes that are decoded in one go, in about 5 ms."""


class _Slices(Typed, frozen=True):
    virtual_hosts: list[Raw] = []


class VirtualHostName(Typed, frozen=True):
    name: str = ""
    domains: tuple[str, ...] = ()


class _Names(Typed, frozen=True):
    virtual_hosts: list[VirtualHostName] = []


def virtual_hosts(table: RouteTable) -> Iterator[VirtualHost | Undecodable]:
    """Each virtual host typed, in order; an unreadable one in its place; one Undecodable for an unreadable table."""
    slices = virtual_host_slices(table.raw)
    if isinstance(slices, Undecodable):
        yield slices
        return
    for raw in slices:
        yield decode(raw, VirtualHost)


def virtual_host_slices(raw: Raw | bytes) -> Sequence[Raw] | Undecodable:
    """The virtual hosts of a table's body, unread."""
    if is_large(raw) and (items := json_items(memoryview(raw), "virtual_hosts")) is not None:
        return list(map(Raw, items))
    slices = decode(raw, _Slices)
    return slices if isinstance(slices, Undecodable) else slices.virtual_hosts


def is_large(raw: Raw | bytes) -> bool:
    """Whether a body is decoded in pieces: msgspec lets no other thread run meanwhile, and somebody may press a key."""
    return len(memoryview(raw)) > _AT_ONCE


def virtual_host_at(table: RouteTable, index: int) -> VirtualHost | Undecodable:
    """One of them typed, by its place among `virtual_host_names`; the others are not read. Slices are kept with the table."""
    slices = _sliced.get(table)
    if slices is None:
        found = virtual_host_slices(table.raw)
        slices = _sliced[table] = () if isinstance(found, Undecodable) else tuple(found)
    return decode(slices[index], VirtualHost)


def virtual_host_names(table: RouteTable) -> tuple[VirtualHostName, ...]:
    """Names and domains without the routes; none for an unreadable table. Kept as long as the table is."""
    found = _known.get(table)
    if found is None:
        found = _known[table] = tuple(_names(table.raw))
    return found


def _names(raw: Raw | bytes) -> Iterable[VirtualHostName]:
    if is_large(raw) and (items := json_items(memoryview(raw), "virtual_hosts")) is not None:
        each = [decode(Raw(item), VirtualHostName) for item in items]
        return () if any(isinstance(one, Undecodable) for one in each) else each  # type: ignore[return-value]  # none is
    names = decode(raw, _Names)
    return () if isinstance(names, Undecodable) else names.virtual_hosts


_sliced: WeakKeyDictionary[RouteTable, tuple[Raw, ...]] = WeakKeyDictionary()
_known: WeakKeyDictionary[RouteTable, tuple[VirtualHostName, ...]] = WeakKeyDictionary()
