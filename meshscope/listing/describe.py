"""Everything known about one object: its fields, its owner, what uses it, what it reaches, its sync state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from meshscope.envoy.resource import BOOTSTRAP, CLUSTER, ECDS, LISTENER, ROUTES, SECRET, Resource
from meshscope.istio.kinds.resources import kinds_named
from meshscope.istio.manifest import Object
from meshscope.listing.find import configuration_from
from meshscope.listing.kind import Kind
from meshscope.listing.kinds.objects import ObjectRow, namespace_of, objects
from meshscope.listing.row import Row, RowOfProxy
from meshscope.listing.selection import ALL_STATES, Selection
from meshscope.listing.steps import steps
from meshscope.location import Location
from meshscope.mesh.field_problems import WrongField, wrong_fields
from meshscope.mesh.graph import Edge, Graph, Node
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.object_references import references_of, users_of
from meshscope.mesh.owners import made_from
from meshscope.mesh.proxy import Proxy
from meshscope.mesh.redaction import redacted, shown_body
from meshscope.mesh.refusals import refusals
from meshscope.untyped import untyped
from meshscope.work import UNFOLLOWED, Work
from meshscope.xds.metadata import Metadata

_PARTS = ("filterchain", "virtual_host", "route")


class Reference(Struct, frozen=True):
    """The other end of an edge. `exists` is false for a dangling reference."""

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
    """`object` has all fields in the document's own spelling, without keys and passwords.

    `namespace` is that of an object of Istio or Kubernetes, null for what belongs to a proxy. `also_in` are other proxies with
    a resource of that kind and name. `refused` says which updates of it its proxy refused. `field_problems`: what of an object
    the API server would drop or reject. `is_unused`: an object that does nothing unless it is used, and nothing in the input
    uses it. `findings`, codes of checks, is part of the JSON contract and empty as long as no check runs.
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
    refused: tuple[str, ...] = ()
    field_problems: tuple[WrongField, ...] = ()
    is_unused: bool = False
    namespace: str | None = None

    @property
    def title(self) -> str:
        """As it is asked for: `services/reviews.default`."""
        return f"{self.kind}/{self.name}{f'.{self.namespace}' if self.namespace else ''}"


def describe(mesh: Mesh, kind: Kind[Any], selection: Selection, work: Work = UNFOLLOWED) -> Description | None:
    """The object of a kind with the name `selection.name`, None where nothing has it.

    Raises UsageError for an unknown proxy, CancelledError.
    """
    if not selection.name:
        return None
    if issubclass(kind.row, ObjectRow):
        return _object(mesh, kind, selection, work)
    if kind.resource and not kind.node:
        return _resource(mesh, kind, selection, work)
    table = _resource(mesh, kind, selection, work) if kind.resource == ROUTES else None
    return table or _row(mesh, kind, selection, work)


# --- resources of proxies ------------------------------------------------------------------------------------------


def _resource(mesh: Mesh, kind: Kind[Any], selection: Selection, work: Work) -> Description | None:
    candidates = _candidates(mesh, kind, selection, work)
    if not candidates and selection.in_effect_only:  # what is not in effect is better than nothing
        candidates = _candidates(mesh, kind, replace(selection, state=ALL_STATES), work)
    if not candidates:
        return None if kind.node else _row(mesh, kind, selection, work)
    proxy, resource = candidates[0]
    edges = mesh.graph(proxy, work)
    node = Node(_NODES.get(kind.resource, kind.resource), (resource.name,))
    body = redacted(untyped(resource.raw))
    owner = made_from(_metadata(resource), resource.name, mesh)
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
        refused=tuple(str(one) for one in refusals(proxy, kind.resource) if one.name == resource.name),
        also_in=tuple(dict.fromkeys(other.name for other, _ in candidates[1:] if other is not proxy)),
    )


def _candidates(mesh: Mesh, kind: Kind[Any], selection: Selection, work: Work) -> list[tuple[Proxy, Resource]]:
    return [
        (proxy, resource)
        for proxy in steps(selection.proxies(mesh), work)
        for resource in proxy.resources(kind.resource, in_effect=selection.in_effect_only)
        if selection.name in (resource.name, proxy.name if kind.resource == BOOTSTRAP else resource.name)
        and selection.has_state(resource.state)
    ]


_NODES = {LISTENER: "listener", CLUSTER: "cluster", ROUTES: "route_config", SECRET: "secret", ECDS: "ecds"}


class _WithMetadata(Struct):
    metadata: Metadata = Metadata()


def _metadata(resource: Resource) -> Metadata:
    body = resource.read(_WithMetadata)
    return body.metadata if isinstance(body, _WithMetadata) else Metadata()


def _outward(edges: Graph, node: Node) -> Iterator[Edge]:
    """The edges to what a node reaches, through its own parts (chains, virtual hosts, routes)."""
    targets = set()
    waiting = list(edges.reaches(node))
    while waiting:
        edge = waiting.pop(0)
        if edge.target.kind in _PARTS:
            waiting[:0] = edges.reaches(edge.target)
        elif edge.target not in targets:
            targets.add(edge.target)
            yield edge


def _references(proxy: Proxy, edges: Iterable[Edge], *, source: bool) -> Iterator[Reference]:
    for edge in edges:
        node = edge.source if source else edge.target
        name = "/".join(map(str, node.key[1:] if node.kind == "endpoint" else node.key))
        yield Reference(node.kind, name, edge.location, proxy.name, edge.exists)


def _sync(mesh: Mesh, proxy: Proxy) -> Sync | None:
    synced = mesh.synced.get((proxy.id.namespace, proxy.id.name))
    if synced is None:
        return None
    sync = synced.sync
    return Sync(synced.istiod or None, sync.cds, sync.lds, sync.eds, sync.rds, sync.ecds)


# --- objects of manifests ------------------------------------------------------------------------------------------


def _object(mesh: Mesh, kind: Kind[Any], selection: Selection, work: Work) -> Description | None:
    for entry in kinds_named(kind.name):
        for item in objects(mesh, entry, selection):
            return Description(
                kind=str(entry),
                name=item.name,
                proxy=None,
                state=None,
                object=shown_body(item),
                owner=None,
                used_by=(used_by := (*_configuration_from(mesh, item, work), *_users(mesh, item))),
                reaches=tuple(_targets(mesh, item)),
                location=item.location,
                field_problems=wrong_fields(mesh, item),
                is_unused=item.kind in _USED and not used_by,
                namespace=namespace_of(entry, item) or None,
            )
    return None


_USED = ("VirtualService", "DestinationRule", "Gateway", "Service", "ServiceEntry", "EnvoyFilter")
"""Kinds that do nothing where neither a proxy nor another object uses them. Policies are in force by selecting."""


def _users(mesh: Mesh, item: Object) -> Iterator[Reference]:
    for other, reference in users_of(mesh, item):
        name = f"{other.namespace or 'default'}/{other.name}"
        yield Reference(other.kind, name, other.location.below(reference.path))


def _targets(mesh: Mesh, item: Object) -> Iterator[Reference]:
    for one in references_of(mesh, item):
        yield Reference(one.kind, one.name, item.location.below(one.path), None, one.exists)


def _configuration_from(mesh: Mesh, item: Object, work: Work) -> Iterator[Reference]:
    """The clusters, route tables and listeners that istiod made from an object, in every proxy, by their metadata."""
    resources = set()
    for mention in configuration_from(mesh, item.ref, work=work):
        resource = (mention.proxy, mention.kind, mention.name)
        if resource not in resources:
            resources.add(resource)
            yield Reference(mention.kind, mention.name, mention.location, mention.proxy)


# --- rows without a resource of their own --------------------------------------------------------------------------


def _row(mesh: Mesh, kind: Kind[Any], selection: Selection, work: Work) -> Description | None:
    name = selection.name
    rows: Iterable[Row] = kind.rows(mesh, replace(selection, name=""), work)
    row = next((row for row in rows if name in (kind.key(row), *kind.aliases(row))), None)
    if row is None:
        return None
    proxy_name = _proxy_name(kind, row)
    proxy = next((proxy for proxy in mesh.proxies if proxy.name == proxy_name), None)
    node = Node(kind.singular, kind.node(row)) if kind.node else None
    item = _behind(mesh, row) if kind.name == "services" else None
    users = tuple(_users(mesh, item)) if item else ()
    edges = mesh.graph(proxy, work) if proxy and node else None
    return Description(
        kind=kind.name,
        name=kind.key(row),
        proxy=proxy_name,
        state=row.state,
        object=_fields(row),
        owner=row.owner,
        used_by=tuple(_references(proxy, edges.used_by(node), source=True)) if proxy and edges and node else users,
        reaches=tuple(_references(proxy, _outward(edges, node), source=False))
        if proxy and edges and node
        else tuple(_targets(mesh, item))
        if item
        else (),
        location=row.location,
        sync=_sync(mesh, proxy) if proxy else None,
        namespace=None if proxy_name else getattr(row, "namespace", None) or None,
    )


def _behind(mesh: Mesh, row: Row) -> Object | None:
    """The object that a row was read from."""
    return next((one for one in mesh.objects if one.location == row.location), None)


def _proxy_name(kind: Kind[Any], row: Row) -> str | None:
    """The proxy that a row is about, which may be known from a control plane alone."""
    if kind.name == "proxies":
        return kind.key(row)
    return row.proxy if isinstance(row, RowOfProxy) else None


def _fields(row: Row) -> dict[str, Any]:
    """The row's own fields that are not empty."""
    names = (name for name in row.__struct_fields__ if name not in ("location", "owner", "state"))
    return {name: value for name in names if (value := getattr(row, name)) not in (None, (), {}, "")}
