"""Everything that has a name: proxies, objects of manifests, resources of proxies. No widget in it."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.envoy.resource import CLUSTER, ECDS, LISTENER, ROUTES, SECRET, Resource
from meshscope.istio.kinds.resources import kind_of
from meshscope.listing.column import Column
from meshscope.listing.row import Row
from meshscope.listing.row_id import row_ids
from meshscope.listing.rows import Filter, Rows
from meshscope.listing.selection import Selection
from meshscope.listing.steps import steps
from meshscope.mesh.mesh import Mesh
from meshscope.tui.collector import kept_from_collector
from meshscope.tui.table_view import TableView, view_of
from meshscope.tui.target import Target
from meshscope.work import UNFOLLOWED, Work

PROXIES = "proxies"
_RESOURCES = {LISTENER: "listeners", ROUTES: "routes", CLUSTER: "clusters", SECRET: "secrets", ECDS: "ecds"}
_WORDS = {ROUTES: "route table", ECDS: "extension config"}
MOST_RANKED = 5000
"""Of more that fit, those that have the text stand first, in their own order."""


class Thing(Row, frozen=True, kw_only=True):
    """`where` is its proxy, or how many have one of that name. A resource of several proxies opens in the first of them.
    `short` are the short names of its kind (`vs`).
    """

    kind: str
    short: tuple[str, ...] = ()
    name: str
    where: str
    target: Target

    @property
    def is_proxy(self) -> bool:
        return self.target.kind == PROXIES


COLUMNS: tuple[Column[Thing], ...] = (
    Column("KIND", lambda thing: thing.kind),
    Column("NAME", lambda thing: thing.name),
    Column("IN", lambda thing: thing.where, rank=1),
)


class Things:
    """Of one mesh, read when they are first asked for; `mesh.derived` keeps it."""

    def __init__(self) -> None:
        self._rows: dict[str, Rows[Thing]] = {}

    def rows(self, mesh: Mesh, namespace: str, work: Work = UNFOLLOWED) -> Rows[Thing]:
        """Those of a namespace, "" for all; ready to be filtered. Raises CancelledError."""
        if namespace not in self._rows:
            with kept_from_collector():
                found = tuple(_things(mesh, namespace, work))
                names = (("", thing.kind, f"{thing.name} {thing.where}") for thing in found)
                rows = Rows(found, row_ids(names), COLUMNS)
                rows.prepare(range(len(COLUMNS)), work)
            self._rows[namespace] = rows
        return self._rows[namespace]


def things(mesh: Mesh, namespace: str = "", work: Work = UNFOLLOWED) -> Rows[Thing]:
    return mesh.derived("things", Things).rows(mesh, namespace, work)


def _things(mesh: Mesh, namespace: str, work: Work) -> Iterator[Thing]:
    proxies = Selection(namespace=namespace).proxies(mesh)
    for proxy in proxies:
        target = Target(PROXIES, Selection(proxy=proxy.name, name=proxy.name))
        yield Thing(kind="proxy", name=proxy.name, where=mesh.kind_of(proxy), target=target)
    for item in mesh.objects:
        entry = kind_of(item.group, item.kind)
        if entry is None or (namespace and (item.namespace or "default") != namespace):
            continue
        name = f"{item.name}.{item.namespace}" if item.namespace else item.name
        word = str(entry) if entry.group else f"{entry.plural}.core"
        target = Target(word, Selection(name=name))
        yield Thing(kind=item.kind, short=entry.short_names, name=name, where="manifests", target=target)
    owners: dict[tuple[str, str], dict[str, None]] = {}  # proxies in their order
    for proxy in steps(proxies, work):
        for kind in _RESOURCES:
            for resource in filter(_has_name, proxy.resources(kind)):
                owners.setdefault((kind, resource.name), {})[proxy.name] = None
    for (kind, name), found in owners.items():
        names = [*found]
        target = Target(_RESOURCES[kind], Selection(proxy=names[0], name=name))
        word = _WORDS.get(kind) or _RESOURCES[kind].removesuffix("s")
        where = names[0] if len(names) == 1 else f"{len(names):,} proxies"
        yield Thing(kind=word, name=name, where=where, target=target)


def _has_name(resource: Resource) -> bool:
    return bool(resource.name)


def fitting(rows: Rows[Thing], typed: str) -> TableView:
    """The things with the characters of each word in their order, in kind or name; the best first: the name itself, what
    begins with it, what has it, shorter names before longer ones.
    """
    view = view_of(rows, range(len(COLUMNS)))
    words = typed.casefold().split()
    if not words:
        return view
    found = rows.matching([Filter(word, is_fuzzy=True) for word in words], (0, 1))
    if len(found) <= MOST_RANKED:
        ranked = sorted(found, key=lambda position: _rank(rows[position], words))
    else:
        whole = rows.matching([Filter(word) for word in words], (0, 1), found)
        has = set(whole)
        ranked = [*whole, *(position for position in found if position not in has)]
    positions = array("I", ranked)
    return replace(view, positions=positions, sample=positions[: len(view.sample)])


def _rank(thing: Thing, words: list[str]) -> tuple[int, int, int]:
    """By the worst of the words, then by all; the kind counts as well as the name."""
    fits = [_fit(thing, word) for word in words]
    return max(fits), sum(fits), len(thing.name)


def _fit(thing: Thing, word: str) -> int:
    name, kind = thing.name.casefold(), thing.kind.casefold()
    if word in (name, name.rpartition(".")[0], kind, *thing.short):
        return 0
    if name.startswith(word):
        return 1
    return 2 if word in name or word in kind else 3
