"""A column of Scope: draws only the lines on the screen."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.strip import Strip

from meshscope.listing.glyphs import ERROR, MISSING, WELL
from meshscope.listing.scope import CLUSTERS, COLUMNS, ROUTES
from meshscope.listing.scope_lines import BLACK_HOLE, PASSTHROUGH
from meshscope.render.text import shortened
from meshscope.tui.changes import NEW
from meshscope.tui.messages import NodeChosen, NodePointed
from meshscope.tui.scope_fitting import parts
from meshscope.tui.scope_view import ScopeView, shown_line
from meshscope.tui.widgets.selectable import Selectable

_HEADER = 1
_LEFT = 2
_STYLES = {MISSING: Style(color="red", bold=True), ERROR: Style(color="red", bold=True), WELL: Style(color="green"),
           NEW: Style(color="green", bold=True)}  # fmt: skip


class ScopeColumn(Selectable, can_focus=True):
    """`show` gives it the view of which it draws one column. It is drawn as focused where the view's focus is, also while
    the filter line has the keys.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "column--header",
        "column--focused",
        "column--cursor",
        "column--faint",
        "column--mark",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "cursor(1)", "down", show=False, id="scope.down"),
        Binding("up,k", "cursor(-1)", "up", show=False, id="scope.up"),
        Binding("ctrl+d,pagedown", "page(1)", "page down", show=False, id="scope.page_down"),
        Binding("ctrl+u,pageup", "page(-1)", "page up", show=False, id="scope.page_up"),
        Binding("g,home", "to(0)", "first", show=False, id="scope.first"),
        Binding("G,end", "to(-1)", "last", show=False, id="scope.last"),
        Binding("left,h", "screen.column(-1)", "column left", show=False, id="scope.left"),
        Binding("right,l", "screen.column(1)", "column right", show=False, id="scope.right"),
        Binding("space", "cursor(0)", "narrow", id="scope.narrow"),
        Binding("enter", "choose", "open", id="scope.open"),
    ]
    DEFAULT_CSS = """
    ScopeColumn { width: 1fr; height: 1fr; scrollbar-size: 0 1; scrollbar-gutter: stable; background: $background; }
    ScopeColumn > .column--header { color: $text-muted; text-style: bold; }
    ScopeColumn > .column--focused { color: $text; text-style: bold underline; }
    ScopeColumn > .column--cursor { background: $primary 25%; }
    ScopeColumn:nocolor > .column--cursor { text-style: underline; }
    ScopeColumn > .column--faint { color: $text-muted; }
    ScopeColumn > .column--mark { color: $text-accent; text-style: bold; }
    """

    cursor: reactive[int] = reactive(0, repaint=False)

    def __init__(self, column: int, *, id: str | None = None) -> None:  # noqa: A002  # Textual's word
        super().__init__(id=id)
        self.column = column
        self.view: ScopeView | None = None
        self._glyphs: Mapping[Hashable, str] = {}
        self._base, self._room = Style(), 0
        self._strips: dict[tuple[int, bool, bool, Style], Strip] = {}

    def on_unmount(self) -> None:
        self.view = None  # the nodes do not wait for the collector, as the widget does

    def show(self, view: ScopeView, glyphs: Mapping[Hashable, str] = {}) -> None:
        """Draw another view; the cursor goes where the view has it. Only lines that differ are painted again. `glyphs` say
        what a renewal did to a node.
        """
        before, self.view = self.view, view
        is_same = before is not None and glyphs == self._glyphs and self._drawn(before) == self._drawn(view)
        if self.column == CLUSTERS and before is not None and before.positions[ROUTES] is not view.positions[ROUTES]:
            is_same = is_same and self._weights(before) == self._weights(view)
            self._strips.clear()
        self._glyphs = glyphs
        if not is_same:
            self._strips.clear()
            self._hold(len(view.positions[self.column]))
        self.cursor = view.cursor(self.column)
        if not is_same:
            self._keep_cursor_visible()
            lines = max(len(each.positions[self.column]) for each in (before or view, view)) + _HEADER + 1
            self.refresh(Region(0, 0, self._cells, min(lines, self.size.height)))
            return
        if before is not None and before.selected[self.column] != view.selected[self.column]:
            for node in (before.selected[self.column], view.selected[self.column]):
                self._refresh_line(view.line_of(self.column, node))
        if before is not None and self.column in (before.focus, view.focus) and before.focus != view.focus:
            self.refresh(Region(0, 0, self._cells, _HEADER))
            self._refresh_line(self.cursor)

    def _hold(self, lines: int) -> None:
        """So many lines to scroll. The screen is laid out anew only where the scrollbar comes or goes."""
        size = Size(self._cells, lines + _HEADER)
        if self.show_vertical_scrollbar == (size.height > self.size.height):
            self.set_reactive(ScopeColumn.virtual_size, size)
            self._scroll_update(size)
        else:
            self.virtual_size = size

    def _drawn(self, view: ScopeView) -> tuple[object, ...]:
        """What its lines depend on, but for the cursor, the selection and the weights of clusters."""
        return view.lines, view.positions[self.column], view.filters[self.column]

    def _weights(self, view: ScopeView) -> list[tuple[str, ...]]:
        """The shares of the clusters on the screen, which depend on the routes that are left."""
        weights, top, left = view.lines.routes.weights, self.scroll_offset.y, view.positions[self.column]
        shown = range(top, min(top + self.size.height, len(left)))
        return [weights(view.node(self.column, line), view.positions[ROUTES]) for line in shown]

    def _refresh_line(self, line: int | None) -> None:
        if line is not None and _HEADER <= (y := line - self.scroll_offset.y + _HEADER) < self.size.height:
            self.refresh(Region(0, y, self._cells, 1))

    def on_resize(self, _event: events.Resize) -> None:
        view, self.view = self.view, None
        if view:
            self.show(view, self._glyphs)

    @property
    def _cells(self) -> int:
        return self.scrollable_content_region.width

    # --- drawing -----------------------------------------------------------------------------------------------------

    def render_lines(self, crop: Region) -> list[Strip]:
        self._base, self._room = (
            self.rich_style,
            self._cells,
        )  # Textual works them out each time that it is asked for them
        return super().render_lines(crop)

    def draw_line(self, y: int) -> Strip:
        view, cells = self.view, self._room
        if view is None:
            return Strip.blank(cells, self._base)
        if y < _HEADER:
            return self._header(view)
        line = self.scroll_offset.y + y - _HEADER
        if line >= len(view.positions[self.column]):
            return self._below(view, y)
        return self._kept_line(view, line)

    def _kept_line(self, view: ScopeView, line: int) -> Strip:
        """A line is made once for each look that it has in a view: Textual paints all of them when the focus comes or goes."""
        is_cursor = view.focus == self.column and line == self.cursor
        is_selected = view.node(self.column, line) == view.selected[self.column]
        key = line, is_cursor, is_selected, self._base
        if key not in self._strips:
            self._strips[key] = self._line(view, line, is_cursor=is_cursor, is_selected=is_selected)
        return self._strips[key]

    def _header(self, view: ScopeView) -> Strip:
        style = self.get_component_rich_style(f"column--{'focused' if view.focus == self.column else 'header'}")
        left, whole = len(view.positions[self.column]), len(view.scope.columns[self.column])
        count = f"{whole:,}" if left == whole else f"{left:,}/{whole:,}"
        filter_ = view.filters[self.column]
        search = f" /{filter_.text}" if filter_ else ""
        title = shortened(f"{COLUMNS[self.column].upper()} {count}{search}", max(1, self._room - _LEFT))
        return Strip([Segment(" " * _LEFT, self._base), Segment(title, style)]).adjust_cell_length(
            self._room, self._base
        )

    def _below(self, view: ScopeView, y: int) -> Strip:
        if y != _HEADER or len(view.positions[self.column]):
            return Strip.blank(self._room, self._base)
        text = "  none" if not len(view.scope.columns[self.column]) else "  none left"
        style = self._base + self.get_component_rich_style("column--faint")
        return Strip([Segment(text, style)]).adjust_cell_length(self._room, self._base)

    def _line(self, view: ScopeView, line: int, *, is_cursor: bool, is_selected: bool) -> Strip:
        base, shown = self._base, shown_line(view, self.column, line)
        if is_cursor:
            base += self.get_component_rich_style("column--cursor")
        faint = base if is_cursor else base + Style(dim=True)
        sign = base + _STYLES.get(shown.glyph, Style())
        mark = base + self.get_component_rich_style("column--mark")
        glyph = self._glyphs.get(view.node(self.column, line), "")
        lead = [Segment("▸" if is_selected else " ", mark), Segment(glyph or " ", base + _STYLES.get(glyph, Style()))]
        label, tail = parts(shown, max(1, self._room - _LEFT))
        name = base + Style(bold=is_selected) + (Style(color="red") if shown.glyph == MISSING else Style())
        segments = [*lead, Segment(" " * shown.depth + label, name)]
        for part in tail:
            is_sign = shown.glyph and part.startswith(shown.glyph)
            special = base + Style(color="yellow") if part in (BLACK_HOLE, PASSTHROUGH) else faint
            segments.append(Segment(" " + part, sign if is_sign else special))
        return Strip(segments).adjust_cell_length(self._room, base)

    # --- moving ------------------------------------------------------------------------------------------------------

    def watch_cursor(self, before: int, now: int) -> None:
        self._keep_cursor_visible()
        for line in (before, now):
            self._refresh_line(line)

    def watch_has_focus(self, _has_focus: bool) -> None:
        """No style depends on it, so nothing is painted again."""

    def _keep_cursor_visible(self) -> None:
        """Below the header, which does not scroll."""
        height, top = max(1, self.size.height - _HEADER), self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True, immediate=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, force=True, immediate=True)

    def _point(self, line: int) -> None:
        count = len(self.view.positions[self.column]) if self.view else 0
        if count:
            self.cursor = max(0, min(line, count - 1))
            self.screen.post_message(NodePointed(self.column, self.cursor))

    def action_cursor(self, step: int) -> None:
        self._point(self.cursor + step)

    def action_page(self, direction: int) -> None:
        self._point(self.cursor + direction * max(1, self.size.height // 2))

    def action_to(self, line: int) -> None:
        self._point(len(self.view.positions[self.column]) - 1 if line < 0 and self.view else line)

    def action_choose(self) -> None:
        if self.view and len(self.view.positions[self.column]):
            self.post_message(NodeChosen(self.view.node(self.column, self.cursor)))

    def on_click(self, event: events.Click) -> None:
        line = self.scroll_offset.y + event.y - _HEADER
        if self.view and event.y >= _HEADER and line < len(self.view.positions[self.column]):
            is_again = line == self.cursor and self.view.node(self.column, line) == self.view.selected[self.column]
            if is_again:
                self.action_choose()
            else:
                self._point(line)
