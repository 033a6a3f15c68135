"""A scope as a drawing: which nodes are drawn, each in a box of its layer, and what joins them. Numbers and words alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, islice

from msgspec import Struct

from meshscope.listing.glyphs import MISSING
from meshscope.listing.scope import CHAINS, CLUSTERS, COLUMNS, ROUTES
from meshscope.listing.scope_lines import BLACK_HOLE, PASSTHROUGH, ScopeLines
from meshscope.listing.steps import steps
from meshscope.mesh.graph import Node
from meshscope.render.scope_words import ShownLine, is_of_several_listeners, short_name, shown_node, whole_name
from meshscope.render.text import shortened, width
from meshscope.work import UNFOLLOWED, Work

MOST_NODES = 300
"""Nodes that are drawn of a layer; of a longer one those on the way of a trace, then those in trouble, then the first ones."""
MOST_REFERENCES = 50_000
"""Of more, the page cannot narrow the drawing."""
LONGEST = 300
"""Cells of a whole name."""

WIDTHS = (168, 210, 252, 252, 210)
"""The widths of layers, in the shares of the browser's columns."""
_GAP = 36
LEFTS = tuple(accumulate((size + _GAP for size in WIDTHS[:-1]), initial=1))
"""The left edges of layers."""
WIDTH = LEFTS[-1] + WIDTHS[-1] + 1
PADDING, INDENT = 8, 12
CELL = 7.3
"""The width of a character."""
ONE_ROW, TWO_ROWS, BETWEEN = 20, 35, 4
"""The heights of boxes, and the space between them."""


class Words(Struct, frozen=True):
    """What is in a box: a label, and behind it or, in two rows, below it what is wrong (`sign`) and facts."""

    label: str
    sign: str = ""
    facts: str = ""
    rows: int = 1


class Box(Struct, frozen=True):
    """A node. `number` is that in its scope; `name` is short, `title` whole."""

    number: int
    column: int
    top: int
    height: int
    words: Words
    glyph: str
    depth: int
    name: str
    title: str
    is_special: bool
    is_on_the_way: bool

    @property
    def indent(self) -> int:
        return self.depth * INDENT


class Drawing(Struct, frozen=True):
    """`counts` are the nodes of each layer, `boxes` those that are drawn.

    `curves` join boxes by the numbers of their nodes. `references` are those of the whole scope, None where they are too many.
    """

    counts: tuple[int, ...]
    boxes: tuple[Box, ...]
    curves: tuple[tuple[int, int], ...]
    references: tuple[tuple[int, int], ...] | None

    @property
    def height(self) -> int:
        return max((box.top + box.height for box in self.boxes), default=0)

    @property
    def drawn(self) -> tuple[int, ...]:
        """The boxes of each layer."""
        return tuple(sum(box.column == column for box in self.boxes) for column in range(len(COLUMNS)))


def drawing(lines: ScopeLines, way: frozenset[Node] = frozenset(), work: Work = UNFOLLOWED) -> Drawing:
    """`way` are the nodes that a trace goes through. Raises CancelledError; `work` counts nodes."""
    scope = lines.scope
    boxes = tuple(box for column in range(len(COLUMNS)) for box in _boxes(lines, column, way, work))
    columns = {box.number: box.column for box in boxes}
    curves = dict.fromkeys(
        (source, target)
        for source, target in scope.references()
        if source in columns and target in columns and columns[source] != columns[target]
    )
    references = tuple(islice(scope.references(), MOST_REFERENCES + 1))
    return Drawing(
        tuple(map(len, scope.columns)), boxes, tuple(curves), references if len(references) <= MOST_REFERENCES else None
    )


def _boxes(lines: ScopeLines, column: int, way: frozenset[Node], work: Work) -> Iterator[Box]:
    nodes, top = lines.scope.columns[column], 0
    whose = column == CHAINS and is_of_several_listeners(nodes)
    routes = range(len(lines.scope.columns[ROUTES])) if column == CLUSTERS else None
    for position in steps(_drawn(lines, column, way, work), work):
        node = nodes[position]
        shown = shown_node(lines, node, routes=routes, whose=whose)
        words = _fitted(shown, WIDTHS[column] - 2 * PADDING - shown.depth * INDENT)
        height = TWO_ROWS if words.rows == 2 else ONE_ROW
        yield Box(
            number=lines.scope.number(node),
            column=column,
            top=top,
            height=height,
            words=words,
            glyph=shown.glyph,
            depth=shown.depth,
            name=shortened(f"{COLUMNS[column]} {short_name(lines, node)}", LONGEST),
            title=shortened(whole_name(lines, node), LONGEST),
            is_special=bool({BLACK_HOLE, PASSTHROUGH} & set(shown.facts)),
            is_on_the_way=node in way,
        )
        top += height + BETWEEN


def _drawn(lines: ScopeLines, column: int, way: frozenset[Node], work: Work) -> Sequence[int]:
    """The positions of the nodes that are drawn, ascending; a route with its virtual host and its table."""
    nodes = lines.scope.columns[column]
    if len(nodes) <= MOST_NODES:
        return range(len(nodes))
    ranks = [0 if node in way else 1 if lines.fresh(node).trouble else 2 for node in steps(nodes, work)]
    chosen = sorted(range(len(nodes)), key=ranks.__getitem__)[:MOST_NODES]
    return sorted({*chosen, *(_parents(lines, chosen) if column == ROUTES else ())})


def _parents(lines: ScopeLines, chosen: Sequence[int]) -> Iterator[int]:
    nodes = lines.scope.columns[ROUTES]
    for position in chosen:
        node = nodes[position]
        above = {"route": ("virtual_host", "route_config"), "virtual_host": ("route_config",)}.get(node.kind, ())
        for up, kind in enumerate(above, 1):
            place = lines.scope.place(Node(kind, node.key[: len(node.key) - up]))
            if place:
                yield place[1]


def _fitted(shown: ShownLine, room: float) -> Words:
    """One row of label, sign and facts where they fit beside one another; else the label, and below it the others."""
    most = int(room / CELL)
    sign = " ".join(filter(None, (shown.glyph, shown.trouble)))
    facts = "  ".join(shown.facts)
    parts = [part for part in (shown.label, sign, facts) if part]
    if sum(map(width, parts)) + 2 * (len(parts) - 1) <= most:
        return Words(shown.label, sign, facts)
    label = shortened(shown.label, most)
    if len(parts) == 1:
        return Words(label)
    sign = shortened(f"{MISSING} missing" if shown.glyph == MISSING and width(sign) > most else sign, most, lead=1)
    left = most - (width(sign) + 2 if sign else 0)
    return Words(label, sign, shortened(facts, left, lead=0.7) if left > 3 else "", rows=2)
