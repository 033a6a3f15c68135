"""Envoy's object that a rule made, found by its place in the dump."""

from __future__ import annotations

from meshscope.listing.registry import kind_named
from meshscope.listing.selection import Selection
from meshscope.location import Location
from meshscope.mesh.mesh import Mesh
from meshscope.tui.target import Target
from meshscope.work import UNFOLLOWED, Work

TABLES = ("routes", "filterchains", "listeners", "clusters", "endpoints", "secrets", "ecds")


def made_object(mesh: Mesh, proxy: str, made: Location, work: Work = UNFOLLOWED) -> Target | None:
    """The smallest object of the proxy's tables around a place; None where none is. Raises UsageError where the proxy is
    gone, CancelledError.
    """
    best, depth = None, -1
    for table in TABLES:
        kind = kind_named(table, mesh)
        for row in kind.rows(mesh, Selection(proxy=proxy, with_counters=False), work):
            at = row.location
            if at is not None and depth < len(at.path) and _is_around(at, made):
                best, depth = Target(table, Selection(proxy=proxy, name=kind.key(row))), len(at.path)
    for one in (one for owner in mesh.proxies if owner.name == proxy for one in owner.route_tables()):
        if depth < len(one.location.path) and _is_around(one.location, made):  # whole, with no row of its own
            best, depth = Target("routes", Selection(proxy=proxy, name=one.name)), len(one.location.path)
    return best


def _is_around(outer: Location, inner: Location) -> bool:
    return inner.path[: len(outer.path)] == outer.path and outer.document.name == inner.document.name
