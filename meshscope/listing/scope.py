"""A proxy's graph as five columns: listener, filter chain, route, cluster, endpoint. What is selected in one column narrows
the others to what it reaches and what reaches it.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import accumulate, compress
from operator import and_

from meshscope.envoy.resource import CLUSTER, LISTENER
from meshscope.istio.names import parse_cluster
from meshscope.listing.natural_order import natural_key
from meshscope.mesh.bodies import collector_paused
from meshscope.mesh.graph import Edge, Node, cluster, listener, route_config
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.work import UNFOLLOWED, Work

COLUMNS = ("listener", "chain", "route", "cluster", "endpoint")
LISTENERS, CHAINS, ROUTES, CLUSTERS, ENDPOINTS = range(len(COLUMNS))
_COLUMN_OF = {
    "listener": LISTENERS,
    "filterchain": CHAINS,
    "route_config": ROUTES,
    "virtual_host": ROUTES,
    "route": ROUTES,
    "cluster": CLUSTERS,
    "endpoint": ENDPOINTS,
    "endpoints": ENDPOINTS,
}
_EDGES_OF_A_STEP = 10_000
_KEPT = 16

Positions = Sequence[int]
"""Positions in a column, ascending."""
Selected = Sequence[Node | None]
"""The selected node of each column."""


class Scope:
    """Immutable; threads may share it. A node's id is the node itself, so that a cursor survives narrowing and refreshing.

    The column of routes has the route tables, the virtual hosts below their table, and the routes below their virtual host.
    A target that does not exist is a node of its column too.
    """

    def __init__(self, columns: Sequence[Sequence[Node]], edges: Iterable[Edge], work: Work = UNFOLLOWED) -> None:
        """`edges` to nodes outside the columns are left out. Raises CancelledError."""
        self.columns = tuple(tuple(column) for column in columns)
        self._offsets = tuple(accumulate((len(column) for column in self.columns), initial=0))
        self._numbers = {node: number for number, node in enumerate(self._nodes())}
        self._references: dict[int, Edge] = {}
        sources, targets = array("I"), array("I")
        for count, edge in enumerate(edges):
            if not count % _EDGES_OF_A_STEP:
                work.step(0, 1)
            source, target = self._numbers.get(edge.source), self._numbers.get(edge.target)
            if source is not None and target is not None:
                sources.append(source)
                targets.append(target)
                self._references.setdefault(target, edge)
        size = self._offsets[-1]
        self._forward = _Neighbours(sources, targets, size)
        self._back = _Neighbours(targets, sources, size)
        self._reach: dict[int, int] = {}

    def _nodes(self) -> Iterator[Node]:
        for column in self.columns:
            yield from column

    def place(self, node: Node) -> tuple[int, int] | None:
        """The column and the position of a node; None where it is not in the scope."""
        number = self._numbers.get(node)
        if number is None:
            return None
        column = next(index for index, end in enumerate(self._offsets[1:]) if number < end)
        return column, number - self._offsets[column]

    def reference(self, node: Node) -> Edge | None:
        """The first reference to a node; None where nothing refers to it."""
        return self._references.get(self._numbers[node])

    def exists(self, node: Node) -> bool:
        """False for the target of a dangling reference."""
        edge = self.reference(node)
        return edge is None or edge.exists

    def sources(self, node: Node) -> Iterator[Node]:
        """The nodes that refer to a node, each once for each reference."""
        return (self._node(number) for number in self._back.of(self._numbers[node]))

    def number(self, node: Node) -> int:
        """Its position among the nodes of all columns. Raises KeyError for a node that is not in the scope."""
        return self._numbers[node]

    def references(self) -> Iterator[tuple[int, int]]:
        """Each reference as the numbers of its source and its target, by source."""
        return self._forward.pairs()

    def _node(self, number: int) -> Node:
        column = next(index for index, end in enumerate(self._offsets[1:]) if number < end)
        return self.columns[column][number - self._offsets[column]]

    # --- narrowing -------------------------------------------------------------------------------------------------

    def narrowed(self, node: Node) -> tuple[Positions, ...]:
        """For each column the positions of the node itself, of what it reaches, and of what reaches it."""
        marks = self._marks(self._reach_of(node))
        return tuple(self._positions(column, marks) for column in range(len(self.columns)))

    def narrowed_by(self, selected: Selected) -> tuple[Positions, ...]:
        """For each column the positions that the selected nodes of all *other* columns leave; all without any.

        A column is not narrowed by its own node, so that another one can be selected there. A node that is selected among
        the positions of its column stays among them whatever is selected later among those of another column.
        """
        return tuple(self.narrowed_column(column, selected) for column in range(len(self.columns)))

    def narrowed_column(self, column: int, selected: Selected) -> Positions:
        """The same for one column."""
        others = [node for index, node in enumerate(selected) if index != column and node and node in self._numbers]
        if not others:
            return range(len(self.columns[column]))
        return self._positions(column, self._marks(reduce(and_, map(self._reach_of, others))))

    def _marks(self, reach: int) -> bytes:
        return reach.to_bytes(self._offsets[-1], "little")

    def _positions(self, column: int, marks: bytes) -> Positions:
        first, end = self._offsets[column : column + 2]
        return array("I", compress(range(end - first), marks[first:end]))

    def _reach_of(self, node: Node) -> int:
        """A byte for each node, as one number: 1 for the node itself, for what it reaches, and for what reaches it."""
        number = self._numbers[node]
        reach = self._reach.get(number)
        if reach is None:
            reach = self._forward.reach(number) | self._back.reach(number)
            for oldest in list(self._reach)[: 1 - _KEPT]:
                self._reach.pop(oldest, None)
            self._reach[number] = reach
        return reach


class _Neighbours:
    """The neighbours of each node in one direction, in two arrays."""

    def __init__(self, sources: array[int], targets: array[int], size: int) -> None:
        counts = Counter(sources)
        self._starts = array("I", accumulate((counts[number] for number in range(size)), initial=0))
        self._targets = array("I", bytes(targets.itemsize * len(targets)))
        places = self._starts[:]
        for source, target in zip(sources, targets, strict=True):
            self._targets[places[source]] = target
            places[source] += 1
        self._size = size

    def of(self, number: int) -> array[int]:
        return self._targets[self._starts[number] : self._starts[number + 1]]

    def pairs(self) -> Iterator[tuple[int, int]]:
        return ((number, target) for number in range(self._size) for target in self.of(number))

    def reach(self, start: int) -> int:
        """A byte for each node, as one number: 1 for the start and for what is reached from it."""
        marks = bytearray(self._size)
        marks[start] = 1
        waiting = [start]
        starts, targets = self._starts, self._targets
        while waiting:
            number = waiting.pop()
            for target in targets[starts[number] : starts[number + 1]]:
                if not marks[target]:
                    marks[target] = 1
                    waiting.append(target)
        return int.from_bytes(marks, "little")


def line_of(positions: Positions, position: int) -> int | None:
    """Where a position stands among the positions that are left; None where it is not among them."""
    line = bisect_left(positions, position)
    return line if line < len(positions) and positions[line] == position else None


# --- the columns of a proxy ----------------------------------------------------------------------------------------


def scope_of(mesh: Mesh, proxy: Proxy, work: Work = UNFOLLOWED) -> Scope:
    """The scope of one of the mesh's proxies. Raises CancelledError. `work` counts listeners, route tables and clusters."""
    edges = mesh.graph(proxy, work).edges
    quiet = Work(None, work.cancelled)
    with collector_paused():
        return Scope(_columns(proxy, edges, quiet), edges, quiet)


def _columns(proxy: Proxy, edges: Sequence[Edge], work: Work) -> tuple[list[Node], ...]:
    """Listeners, chains, virtual hosts, routes and endpoints in the order of the configuration. Route tables and clusters,
    which have no order for Envoy, are by name: a missing one is beside its like.
    """
    known: tuple[dict[Node, None], ...] = tuple({} for _ in COLUMNS)
    known[LISTENERS].update((listener(resource.name), None) for resource in proxy.resources(LISTENER))
    known[ROUTES].update((node, None) for node in _tables(proxy))
    known[CLUSTERS].update((cluster(resource.name), None) for resource in proxy.resources(CLUSTER))
    parts: dict[Node, dict[Node, None]] = defaultdict(dict)
    for count, edge in enumerate(edges):
        if not count % _EDGES_OF_A_STEP:
            work.step(0, 1)
        kind = edge.target.kind
        if kind in ("virtual_host", "route", "endpoint", "endpoints"):
            parts[edge.source][edge.target] = None
        elif kind in _COLUMN_OF:
            known[_COLUMN_OF[kind]][edge.target] = None
    tables = sorted(known[ROUTES], key=lambda node: natural_key(str(node)))
    clusters = sorted(known[CLUSTERS], key=_cluster_order)
    routes = [
        node
        for table in tables
        for host in (table, *parts.get(table, ()))
        for node in ((host, *parts.get(host, ())) if host is not table else (table,))
    ]
    endpoints = dict.fromkeys(node for each in clusters for node in parts.get(each, ()))
    return list(known[LISTENERS]), list(known[CHAINS]), routes, clusters, list(endpoints)


def _tables(proxy: Proxy) -> Iterator[Node]:
    """Route tables of their own. Inline ones that share a name are nodes of their chains, though Envoy lists them too."""
    inline = Counter(table.name for table in proxy.inline_tables)
    for table in proxy.route_tables():
        if table.resource and table.name and inline[table.name] <= 1:
            yield route_config(table.name)


def _cluster_order(node: Node) -> tuple[bool, str, int, str, str]:
    """By host, port and subset; clusters without a name of Istio's form at the end."""
    name = str(node.key[0])
    parts = parse_cluster(name)
    if parts is None:
        return True, natural_key(name), 0, "", ""
    return False, natural_key(parts.host), parts.port or 0, natural_key(parts.subset), name
