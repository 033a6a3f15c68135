"""Which object a reference or a mention opens: a kind of the tables and a name in it."""

from __future__ import annotations

from msgspec import Struct

from meshscope.envoy.resource import BOOTSTRAP, CLUSTER, ECDS, ENDPOINTS, LISTENER, ROUTES, SECRET
from meshscope.istio.kinds.resources import kinds_named
from meshscope.istio.owner_text import parse_owner
from meshscope.listing.selection import Selection
from meshscope.mesh.mesh import Mesh
from meshscope.path import Path

_KINDS = {
    LISTENER: "listeners",
    "filterchain": "filterchains",
    ROUTES: "routes",
    "virtual_host": "routes",
    "route": "routes",
    CLUSTER: "clusters",
    ENDPOINTS: "clusters",
    "endpoint": "endpoints",
    SECRET: "secrets",
    ECDS: "ecds",
    BOOTSTRAP: "bootstrap",
}
"""Kind of a resource or of a node of the graph -> the table of its rows. An endpoint configuration is named after its
cluster."""

_PARTS_BELOW_TABLE = {ROUTES: 0, "virtual_host": 1, "route": 2}


class Target(Struct, frozen=True):
    """`kind` is a word of the registry; `selection` names one object of it."""

    kind: str
    selection: Selection


class WrittenRule(Struct, frozen=True):
    """A part of a manifest: the manifest as `VirtualService default/reviews`, what opens it, and the path of the part in it."""

    text: str
    target: Target
    path: Path


def target_in_proxy(mesh: Mesh, kind: str, name: str, proxy: str) -> Target | None:
    """The object behind a node of the graph or a resource; None for a kind that has no table."""
    if kind in _PARTS_BELOW_TABLE:
        table_name = name.rsplit("/", _PARTS_BELOW_TABLE[kind])[0]
        if _is_inline(mesh, table_name, proxy):  # rows of inline tables are not unique by name; their filter chain is
            kind, name = "filterchain", "/".join(table_name.rsplit("/", 2)[1:])
    if kind == BOOTSTRAP:
        name = proxy
    table = _KINDS.get(kind)
    return Target(table, Selection(proxy=proxy, name=name)) if table else None


def _is_inline(mesh: Mesh, name: str, proxy: str) -> bool:
    """An inline table is named by its listener and filter chain too: `NAME/LISTENER/INDEX`."""
    if name.count("/") < 2:  # two slashes divide three parts
        return False
    tables = (table.name for each in mesh.proxies if each.name == proxy for table in each.resources(ROUTES))
    return name not in tables


def target_of_object(mesh: Mesh, text: str) -> Target | None:
    """The object of a manifest by its text, `VirtualService default/reviews`; None where this input does not have it."""
    owner = parse_owner(text)
    if owner is None:
        return None
    namespace, name = owner.namespace, owner.name
    for entry in kinds_named(owner.kind.lower()):
        if entry.kind != owner.kind:
            continue
        for item in mesh.objects_of(entry.kind, entry.group):
            if item.name == name and (item.namespace or "default") == (namespace or "default"):
                word = str(entry) if entry.group else f"{entry.plural}.core"
                return Target(word, Selection(name=f"{name}.{namespace}" if namespace else name))
    return None
