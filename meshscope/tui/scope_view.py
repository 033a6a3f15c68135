"""What Scope shows: five columns, what is selected in each, and what that leaves of the others. Immutable; no widget in it."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from itertools import compress
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from meshscope.listing.scope import CHAINS, CLUSTERS, COLUMNS, ROUTES, Positions, Scope, line_of
from meshscope.listing.scope_lines import ScopeLines
from meshscope.listing.steps import steps
from meshscope.mesh.graph import Node
from meshscope.render.scope_words import (
    ShownLine,
    count_words,
    is_of_several_listeners,
    short,
    short_name,
    shown_node,
    whole_name,
)
from meshscope.render.text import CUT, safe
from meshscope.tui.messages import ScopeStart
from meshscope.work import UNFOLLOWED, Work

T = TypeVar("T")
_INVERSE = bytes([1, 0]).ljust(256, b"\0")
_AROUND = 60
"""Lines before and after a cursor that a terminal may show."""
_NONE: tuple[None, ...] = (None,) * len(COLUMNS)


class ColumnFilter(Struct, frozen=True):
    """`marks` has a byte for each position of the column: 1 where its line has the text."""

    text: str
    marks: bytes


class ScopeView(Struct, frozen=True):
    """`selected` and `cursors` have a node or None for each column, `order` the columns in the order of their selection.

    `positions` are the lines that narrowing and filters leave of each column.
    """

    scope: Scope
    lines: ScopeLines
    positions: tuple[Positions, ...]
    focus: int = 0
    selected: tuple[Node | None, ...] = _NONE
    order: tuple[int, ...] = ()
    cursors: tuple[Node | None, ...] = _NONE
    filters: tuple[ColumnFilter | None, ...] = _NONE

    def node(self, column: int, line: int) -> Node:
        return self.scope.columns[column][self.positions[column][line]]

    def cursor(self, column: int) -> int:
        """The line of the column's cursor; the first where its node is not among the lines."""
        return self.line_of(column, self.cursors[column]) or 0

    def line_of(self, column: int, node: Node | None) -> int | None:
        """The line of a node of a column; None where it is not among the lines."""
        place = self.scope.place(node) if node else None
        return line_of(self.positions[column], place[1]) if place else None

    @property
    def pointed(self) -> Node | None:
        """The node under the cursor of the focused column; None where the column is empty."""
        return self.node(self.focus, self.cursor(self.focus)) if len(self.positions[self.focus]) else None

    def pointing(self, column: int, line: int) -> ScopeView:
        """The cursor on a line of a column, which selects it and narrows the other columns."""
        node = self.node(column, line)
        view = replace(self, focus=column, cursors=_with(self.cursors, column, node))
        return view.selecting(column, node)

    def focusing(self, column: int) -> ScopeView:
        """Another column, with the same selections. Its cursor stays, or is on the first line that is left."""
        view = replace(self, focus=column)
        return replace(view, cursors=_with(view.cursors, column, view.pointed))

    def releasing(self) -> ScopeView:
        """Without the latest narrowing: the filter of the focused column, else the selection that was made last."""
        if self.filters[self.focus]:
            return self.filtering(self.focus, None)
        return self.selecting(self.order[-1], None) if self.order else self

    def filtering(self, column: int, filter_: ColumnFilter | None) -> ScopeView:
        """A selection in the column that the filter hides is released."""
        view = replace(self, filters=_with(self.filters, column, filter_))
        positions = _passing(view.scope.narrowed_column(column, view.selected), filter_)
        node = view.selected[column]
        place = view.scope.place(node) if node else None
        if place and line_of(positions, place[1]) is None:
            return view.selecting(column, None)
        return replace(view, positions=_with(view.positions, column, positions))

    def selecting(self, column: int, node: Node | None) -> ScopeView:
        """Another selection in a column; None for no selection there."""
        order = tuple(each for each in self.order if each != column)
        order = (*order, column) if node else order
        return _arranged(replace(self, selected=_with(self.selected, column, node), order=order))

    def on(self, scope: Scope, lines: ScopeLines) -> ScopeView:
        """The same on newer evidence; selections that are gone are released, and so are filters."""
        kept = tuple(node if node and scope.place(node) else None for node in self.selected)
        order = tuple(column for column in self.order if kept[column])
        return _arranged(replace(self, scope=scope, lines=lines, selected=kept, order=order, filters=_NONE))


def view_of(scope: Scope, lines: ScopeLines) -> ScopeView:
    return _arranged(ScopeView(scope, lines, ()))


def _arranged(view: ScopeView) -> ScopeView:
    narrowed = view.scope.narrowed_by(view.selected)
    kept = (_passing(positions, filter_) for positions, filter_ in zip(narrowed, view.filters, strict=True))
    return replace(view, positions=tuple(kept))


def _passing(positions: Positions, filter_: ColumnFilter | None) -> Positions:
    if filter_ is None:
        return positions
    is_whole = len(positions) == len(filter_.marks)
    return array("I", compress(positions, filter_.marks if is_whole else map(filter_.marks.__getitem__, positions)))


def _with(values: tuple[T, ...], index: int, value: T) -> tuple[T, ...]:
    return (*values[:index], value, *values[index + 1 :])


# --- filters -----------------------------------------------------------------------------------------------------------


def texts(lines: ScopeLines, column: int, work: Work = UNFOLLOWED) -> tuple[str, ...]:
    """What a filter searches, for each position: the line, its name as it is shown, and for a virtual host or a route the
    lines above it.

    Raises CancelledError.
    """
    above = [""] * 3
    found = []
    for node in steps(lines.scope.columns[column], work):
        line = lines.fresh(node)
        above[line.depth] = f"{line.text} {short(lines, line.label).replace(CUT, '')}".casefold()
        found.append(" ".join(above[: line.depth + 1]) if column == ROUTES else above[0])
    return tuple(found)


def filter_of(text: str, searched: Sequence[str]) -> ColumnFilter | None:
    """Keeps the lines with every word of the text, `!text` the others. None for an empty text."""
    words = text.removeprefix("!").casefold().split()
    if not words:
        return None
    found = [words[0] in line for line in searched]
    for word in words[1:]:
        found = [is_found and word in line for is_found, line in zip(found, searched, strict=True)]
    marks = bytes(found)
    return ColumnFilter(text, marks.translate(_INVERSE) if text.startswith("!") else marks)


def start_of(view: ScopeView) -> ScopeStart:
    """What narrows a view, to be marked."""
    selected = tuple((column, node) for column in view.order if (node := view.selected[column]))
    filters = tuple((column, one.text) for column, one in enumerate(view.filters) if one)
    return ScopeStart(view.focus, selected, filters)


def started(view: ScopeView, start: ScopeStart, searched: Mapping[int, Sequence[str]]) -> ScopeView:
    """A new view, narrowed as it was marked, as far as its nodes are there. `searched` are the texts of filtered columns."""
    for column, node in start.selected:
        place = view.scope.place(node)
        if place and place[0] == column:
            view = replace(view, cursors=_with(view.cursors, column, node)).selecting(column, node)
    for column, text in start.filters:
        view = view.filtering(column, filter_of(text, searched[column]))
    return view.focusing(start.focus)


def read_first_lines(view: ScopeView, cursors: Sequence[Node | None]) -> None:
    """Reads those that are drawn first, for a worker: the first line of a big table takes 0.1 s."""
    for nodes, cursor in zip(view.scope.columns, cursors, strict=True):
        place = view.scope.place(cursor) if cursor else None
        middle = place[1] if place else 0
        for node in nodes[max(0, middle - _AROUND) : middle + _AROUND]:
            view.lines.line(node)


# --- words -------------------------------------------------------------------------------------------------------------


def shown_line(view: ScopeView, column: int, line: int) -> ShownLine:
    positions, nodes = view.positions[column], view.scope.columns[column]
    whose = column == CHAINS and is_of_several_listeners((nodes[positions[0]], nodes[positions[-1]]))
    routes = view.positions[ROUTES] if column == CLUSTERS else None
    return shown_node(view.lines, view.node(column, line), routes=routes, whose=whose)


def status(view: ScopeView) -> str:
    """`3 of 214 routes · narrowed by cluster reviews v1 · backspace releases`."""
    column = view.focus
    left, whole = len(view.positions[column]), len(view.scope.columns[column])
    count = count_words(whole, column)
    count = f"{left:,} of {count}" if left != whole else count
    by = [f"{COLUMNS[each]} {name_of(view, each)}" for each in view.order if each != column]
    parts = [count]
    if by:
        parts.append(f"narrowed by {', '.join(by)}")
    if filter_ := view.filters[column]:
        parts.append(f"filter {safe(filter_.text)}")
    if view.order or filter_:
        parts.append("backspace releases")
    return " · ".join(parts)


def beyond(view: ScopeView, first: int, end: int) -> str:
    """The columns that are not on the screen, each with its count: `◂ 11 listeners · 5 clusters, 3 endpoints ▸`."""
    before = ", ".join(_count(view, column) for column in range(first))
    after = ", ".join(_count(view, column) for column in range(end, len(COLUMNS)))
    return " · ".join((*([f"◂ {before}"] if before else []), *([f"{after} ▸"] if after else [])))


def _count(view: ScopeView, column: int) -> str:
    return count_words(len(view.positions[column]), column)


def name_of(view: ScopeView, column: int) -> str:
    """The selected node of a column in one or two words."""
    node = view.selected[column]
    return short_name(view.lines, node) if node else ""


def detail(view: ScopeView) -> str:
    """The node under the cursor by its whole name, and what is wrong with it."""
    return whole_name(view.lines, view.pointed) if view.pointed else ""
