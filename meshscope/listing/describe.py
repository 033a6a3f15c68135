"""Everything known about one object: all its fields, what made it, who uses it, what it reaches, whether it is in sync."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from meshscope.envoy.resource import BOOTSTRAP, CLUSTER, ECDS, LISTENER, ROUTES, SECRET, Resource
from meshscope.istio.kinds.resources import kinds_named
from meshscope.istio.manifest import Object
from meshscope.listing.find import made_of
from meshscope.listing.kind import Kind
from meshscope.listing.kinds.objects import ObjectRow, objects
from meshscope.listing.selection import Selection
from meshscope.location import Location
from meshscope.mesh.graph import Edge, Graph, Node
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.owners import owner_of, written
from meshscope.mesh.proxy import Proxy
from meshscope.mesh.redaction import redacted, shown_body
from meshscope.xds.metadata import Metadata

PARTS = ("filterchain", "virtual_host", "route")


class Reference(Struct, frozen=True):
    """The other end of an edge. `exists` is false where nothing of that name is there."""

    kind: str
    name: str
    location: Location
    proxy: str | None = None
    exists: bool = True


class Sync(Struct, frozen=True):
    istiod: str | None
    cds: str
    lds: str
    eds: str
    rds: str
    ecds: str


class Description(Struct, frozen=True, kw_only=True):
    """`object` holds all fields in the document's own spelling; keys and passwords are left out of it.

    `also_in` are other proxies that hold a resource of that kind and name.
    """

    kind: str
    name: str
    proxy: str | None
    state: str | None
    object: Any
    owner: str | None
    used_by: tuple[Reference, ...]
    reaches: tuple[Reference, ...]
    location: Location | None
    sync: Sync | None = None
    also_in: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


def describe(mesh: Mesh, kind: Kind, selection: Selection) -> Description | None:
    """The object of a kind that `selection.name` names; None where there is none."""
    if not selection.name:
        return None
    if issubclass(kind.row, ObjectRow):
        return _object(mesh, kind, selection)
    if kind.resource and not kind.node:
        return _resource(mesh, kind, selection)
    table = _resource(mesh, kind, selection) if kind.resource == ROUTES else None
    return table or _row(mesh, kind, selection)


# --- resources of proxies ------------------------------------------------------------------------------------------


def _resource(mesh: Mesh, kind: Kind, selection: Selection) -> Description | None:
    found = [
        (proxy, resource)
        for proxy in selection.proxies(mesh)
        for resource in proxy.resources(kind.resource, in_effect=selection.in_effect_only)
        if selection.name in (resource.name, proxy.name if kind.resource == BOOTSTRAP else resource.name)
        and selection.has_state(resource.state)
    ]
    if not found:
        return None if kind.node else _row(mesh, kind, selection)
    proxy, resource = found[0]
    edges = mesh.graph(proxy)
    node = Node(_NODES.get(kind.resource, kind.resource), (resource.name,))
    body = redacted(msgspec.json.decode(resource.raw))
    owner = written(owner_of(_metadata(resource)))
    return Description(
        kind=kind.name,
        name=resource.name,
        proxy=proxy.name,
        state=resource.state,
        object=body,
        owner=owner,
        used_by=tuple(_references(proxy, edges.used_by(node), source=True)),
        reaches=tuple(_references(proxy, _outward(edges, node), source=False)),
        location=resource.location,
        sync=_sync(mesh, proxy),
        also_in=tuple(dict.fromkeys(other.name for other, _ in found[1:] if other is not proxy)),
    )


_NODES = {LISTENER: "listener", CLUSTER: "cluster", ROUTES: "route_config", SECRET: "secret", ECDS: "ecds"}


class _WithMetadata(Struct):
    metadata: Metadata = Metadata()


def _metadata(resource: Resource) -> Metadata:
    body = resource.read(_WithMetadata)
    return body.metadata if isinstance(body, _WithMetadata) else Metadata()


def _outward(edges: Graph, node: Node) -> Iterator[Edge]:
    """What a node reaches; a part of it (a chain, a virtual host, a route) stands for what the part reaches."""
    seen = set()
    waiting = list(edges.reaches(node))
    while waiting:
        edge = waiting.pop(0)
        if edge.target.kind in PARTS:
            waiting[:0] = edges.reaches(edge.target)
        elif edge.target not in seen:
            seen.add(edge.target)
            yield edge


def _references(proxy: Proxy, edges: Iterable[Edge], *, source: bool) -> Iterator[Reference]:
    for edge in edges:
        node = edge.source if source else edge.target
        name = "/".join(map(str, node.key[1:] if node.kind == "endpoint" else node.key))
        yield Reference(node.kind, name, edge.location, proxy.name, edge.exists)


def _sync(mesh: Mesh, proxy: Proxy) -> Sync | None:
    found = mesh.synced.get((proxy.id.namespace, proxy.id.name))
    if found is None:
        return None
    sync = found.sync
    return Sync(found.istiod or None, sync.cds, sync.lds, sync.eds, sync.rds, sync.ecds)


# --- objects of manifests ------------------------------------------------------------------------------------------


def _object(mesh: Mesh, kind: Kind, selection: Selection) -> Description | None:
    for entry in kinds_named(kind.name):
        for item in objects(mesh, entry, selection):
            return Description(
                kind=str(entry),
                name=item.name,
                proxy=None,
                state=None,
                object=shown_body(item),
                owner=None,
                used_by=tuple(_made_of(mesh, item)),
                reaches=(),
                location=item.location,
            )
    return None


def _made_of(mesh: Mesh, item: Object) -> Iterator[Reference]:
    """The clusters, route tables and listeners that istiod made of an object, in every proxy, by their metadata."""
    seen = set()
    for mention in made_of(mesh, item.ref):
        made = (mention.proxy, mention.kind, mention.name)
        if made not in seen:
            seen.add(made)
            yield Reference(mention.kind, mention.name, mention.location, mention.proxy)


# --- rows without a resource of their own --------------------------------------------------------------------------


def _row(mesh: Mesh, kind: Kind, selection: Selection) -> Description | None:
    wanted = selection.name
    everything = msgspec.structs.replace(selection, name="")
    found: Any = next(
        (r for r in kind.rows(mesh, everything) if wanted in (kind.key(r), *kind.also(r)) and wanted), None
    )
    if found is None:
        return None
    owner = getattr(found, "proxy", found.name if kind.name == "proxies" else None)
    proxy = next((p for p in mesh.proxies if p.name == owner), None)
    node = Node(kind.singular, kind.node(found)) if kind.node else None
    edges = mesh.graph(proxy) if proxy and node else None
    return Description(
        kind=kind.name,
        name=kind.key(found),
        proxy=owner,
        state=found.state,
        object=_fields(found),
        owner=found.owner,
        used_by=tuple(_references(proxy, edges.used_by(node), source=True)) if proxy and edges and node else (),
        reaches=tuple(_references(proxy, _outward(edges, node), source=False)) if proxy and edges and node else (),
        location=found.location,
        sync=_sync(mesh, proxy) if proxy else None,
    )


def _fields(row: Any) -> dict[str, Any]:
    """The row's own fields that say something."""
    names = (name for name in row.__struct_fields__ if name not in ("location", "owner", "state"))
    return {name: value for name in names if (value := getattr(row, name)) not in (None, (), "")}
