"""Whatever is on a screen -> the request that most likely goes through it, for `t`. No widget in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from meshscope.effect.effects import effects, kind_of
from meshscope.istio.manifest import Object
from meshscope.listing.kind import Kind
from meshscope.listing.kinds.objects import ObjectRow
from meshscope.listing.registry import kind_named
from meshscope.listing.row import Row
from meshscope.listing.selection import Selection
from meshscope.mesh.mesh import Mesh
from meshscope.simulation.request import Request
from meshscope.tui.effect.questions import configuration_of
from meshscope.tui.target import target_in_proxy
from meshscope.tui.tracing.likely_request import likely_request
from meshscope.work import UNFOLLOWED


def request_of(mesh: Mesh, kind: Kind[Any], what: Row | Selection) -> Request | None:
    """`what` is a row of the kind, or names one. Of a manifest it is the request of what its rules made, of a Service the one
    to its first port. None where nothing says what a request would be. Raises UsageError for an unknown proxy.
    """
    row = _named(mesh, kind, what) if isinstance(what, Selection) else what
    if isinstance(row, ObjectRow):
        return _of_object(mesh, row)
    return likely_request(mesh, row) if row is not None else None


def why_none(kind: Kind[Any]) -> str:
    """Why `t` has nothing to ask: what is missing."""
    missing = _MISSING.get(kind.name, f"nothing in this {kind.singular} says what a request would be")
    return f"{missing}; type it: :trace SOURCE DEST"


def _named(mesh: Mesh, kind: Kind[Any], selection: Selection) -> Row | None:
    """The row of a name, of a route table or virtual host the first route in it."""
    name, first = selection.name, None
    for row in kind.rows(mesh, Selection(proxy=selection.proxy), UNFOLLOWED):
        if name in (kind.key(row), *kind.aliases(row)):
            found: Row = row
            return found
        if first is None and kind.key(row).startswith(f"{name}/"):
            first = row
    return first


def _of_object(mesh: Mesh, row: ObjectRow) -> Request | None:
    items = (item for item in mesh.objects_of(row.kind, row.group) if item.name == row.name)
    item = next((item for item in items if item.namespace == row.namespace), None)
    if item is None:
        return None
    if item.kind == "Service":
        return _of_service(mesh, item)
    return next((found for made in _made(mesh, item) if (found := likely_request(mesh, made))), None)


def _of_service(mesh: Mesh, item: Object) -> Request | None:
    for row in kind_named("services").rows(mesh, Selection(), UNFOLLOWED):
        if row.location == item.location:
            return likely_request(mesh, row)
    return None


def _made(mesh: Mesh, item: Object) -> Iterator[Row]:
    """What the rules of an object made, proxy after proxy."""
    if kind_of(item) is None:
        return
    configuration = configuration_of(mesh)
    for client in configuration.clients:
        for one in effects(configuration, item, (client,)):
            for made in one.makes:
                target = target_in_proxy(mesh, made.kind, made.name, client.name)
                row = target and _named(mesh, kind_named(target.kind, mesh), target.selection)
                if row:
                    yield row


_MISSING = {
    "proxies": "no service in this input selects this proxy's pod, or no route of this gateway names a host",
    "routes": "neither the domains of this route nor its cluster name a host and a port",
    "clusters": "the name of this cluster has no host and port",
    "listeners": "no service in this input has the address and port of this listener",
    "services": "this service has no port",
}
"""What a request is made of, by the kind of its row."""
