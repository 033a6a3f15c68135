"""What draws a table: only the lines on the screen, so that 100,000 rows scroll as ten do.

Textual's own DataTable holds every cell: https://textual.textualize.io/widgets/data_table/
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.strip import Strip

from meshscope.listing.row import Row
from meshscope.listing.row_id import RowId
from meshscope.render.fitting import GAP, Fit
from meshscope.render.painting import GREEN, YELLOW
from meshscope.render.text import safe, shortened, width
from meshscope.tui.changes import CHANGED, NEW, lead
from meshscope.tui.messages import RowPointed
from meshscope.tui.palette import MEANINGS, meaning_of
from meshscope.tui.table_view import TableView, cell_line, have_room, with_room
from meshscope.tui.widgets.cell_segments import cell_segments
from meshscope.tui.widgets.selectable import Selectable

_SIGNS = {CHANGED: MEANINGS[YELLOW], NEW: MEANINGS[GREEN]}
HEADER = 1
LEFT = "  "


class DrawnTable(Selectable):
    """`show` gives it what to draw. The cursor is kept by the row's id when rows, filters or order change.

    `marks` are rows by id, whether they pass the filters or not. `glyphs` say what a renewal did to a row.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--header",
        "table--cursor",
        "table--cell",
        "table--faint",
        "table--mark",
    }
    DEFAULT_CSS = """
    DrawnTable { height: 1fr; scrollbar-size: 0 1; scrollbar-gutter: stable; background: $background; }
    DrawnTable > .table--header { color: $text-muted; text-style: bold; }
    DrawnTable > .table--cursor { background: $primary 15%; }
    DrawnTable:focus > .table--cursor { background: $primary 25%; }
    DrawnTable > .table--cell { background: $primary 15%; }
    DrawnTable:focus > .table--cell { background: $primary; color: $text; text-style: bold underline; }
    DrawnTable > .table--faint { color: $text-muted; }
    DrawnTable > .table--mark { color: $text-accent; text-style: bold; }
    """

    cursor: reactive[int] = reactive(0, repaint=False)
    cell: reactive[int] = reactive(0)
    """The place of the cell cursor among the columns that have room."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's word
        super().__init__(id=id)
        self.view: TableView | None = None
        self.marks: frozenset[RowId] = frozenset()
        self._glyphs: Mapping[Hashable, str] = {}
        self._empty: tuple[str, ...] = ()
        self._fits: tuple[Fit, ...] = ()
        self._first = 0
        self._measured = 0

    # --- what it shows -----------------------------------------------------------------------------------------------

    def show(self, view: TableView, *, empty: str = "", glyphs: Mapping[Hashable, str] = {}) -> None:
        """Draw another view; the cursor stays on its row, or as near as there is one. `empty` is said where no row is.

        Of newer rows the one under the cursor stays where it is on the screen too.
        """
        line, self._glyphs = self._line_in(view), glyphs
        moved = line - self.cursor if line is not None and self.view and view.rows is not self.view.rows else 0
        column = self.pointed_column
        was = self.view.visible[column] if self.view and column is not None else None
        self.view, self._empty = view, tuple(empty.split("\n"))
        self._fit(was)
        if moved:
            self.scroll_to(y=self.scroll_offset.y + moved, animate=False, force=True, immediate=True)
        self.cursor = max(0, min(self.cursor if line is None else line, len(view) - 1))
        self._keep_cursor_visible()
        self.refresh()
        self.screen.post_message(RowPointed(self.pointed))

    def forget_glyphs(self) -> None:
        self._glyphs = {}
        self.refresh()

    def _line_in(self, view: TableView) -> int | None:
        """Where the row under the cursor is in another view."""
        if self.view is None or self.cursor >= len(self.view):
            return None
        if view.rows is self.view.rows:
            return view.line_of(self.view.positions[self.cursor])
        return view.line_of(view.rows.position(self.view.ident(self.cursor)))

    @property
    def pointed(self) -> Row | None:
        """The row under the cursor."""
        return self.view.row(self.cursor) if self.view and self.cursor < len(self.view) else None

    @property
    def pointed_id(self) -> RowId | None:
        return self.view.ident(self.cursor) if self.view and self.cursor < len(self.view) else None

    @property
    def pointed_column(self) -> int | None:
        """The column under the cell cursor, as an index of the view's visible columns."""
        return self._fits[min(self.cell, len(self._fits) - 1)].index if self._fits else None

    @property
    def shown_columns(self) -> tuple[int, ...]:
        """The columns that are not left out, as indices of the rows' columns."""
        return tuple(self.view.visible[fit.index] for fit in self._fits) if self.view else ()

    @property
    def is_scrolled_sideways(self) -> bool:
        return bool(self._first) or len(self._window()) < len(self._fits)

    @property
    def _width(self) -> int:
        """Without the scrollbar."""
        return self.scrollable_content_region.width

    def _fit(self, column: int | None = None) -> None:
        """Measures the columns; the cell cursor stays on the given one, an index of the rows' columns."""
        if self.view is None:
            return
        self.virtual_size = Size(self._width, len(self.view) + HEADER)
        self._measure(self.view)
        while self._first and have_room(self._fits[self._first - 1 :], self._width - len(LEFT)):
            self._first -= 1
        columns = [self.view.visible[fit.index] for fit in self._fits]
        self.cell = columns.index(column) if column in columns else max(0, min(self.cell, len(columns) - 1))
        self._keep_cell_visible()

    def _measure(self, view: TableView) -> None:
        self._measured = self._width
        self._fits = view.fits(max(20, self._width - len(LEFT)))

    def _window(self) -> tuple[Fit, ...]:
        """The columns on the screen."""
        return with_room(self._fits[self._first :], self._width - len(LEFT))

    def on_resize(self, _event: events.Resize) -> None:
        column = self.pointed_column
        self._fit(self.view.visible[column] if self.view and column is not None else None)
        self._keep_cursor_visible()
        self.refresh()

    def on_unmount(self) -> None:
        self.view = None  # the rows do not wait for the collector, as the widget does

    # --- drawing -----------------------------------------------------------------------------------------------------

    def draw_line(self, y: int) -> Strip:
        view = self.view
        if view is None:
            return Strip.blank(self._width, self.rich_style)
        if self._measured != self._width:  # the first frame is made before the widget hears of its size
            self._measure(view)
        if y < HEADER:
            return self._header(view)
        line = self.scroll_offset.y + y - HEADER
        if line < len(view):
            return self._line(view, line)
        return self._beside(y) if not len(view) else Strip.blank(self._width, self.rich_style)

    def _beside(self, y: int) -> Strip:
        """A line of an empty table."""
        index = y - HEADER - max(0, (self.size.height - HEADER - len(self._empty)) // 3)
        if not 0 <= index < len(self._empty):
            return Strip.blank(self._width, self.rich_style)
        text = shortened(safe(self._empty[index]), max(1, self._width - 2))
        lead = " " * max(0, (self._width - width(text)) // 2)
        style = self.get_component_rich_style("table--faint")
        return Strip([Segment(lead + text, style)]).adjust_cell_length(self._width, self.rich_style)

    def _header(self, view: TableView) -> Strip:
        style = self.get_component_rich_style("table--header")
        segments = [Segment(LEFT, style)]
        for place, fit in enumerate(self._window(), self._first):
            title = shortened(view.columns[fit.index].title, fit.most)
            arrow = ""
            if view.order and view.order.column == view.visible[fit.index]:
                arrow = "▼" if view.order.descending else "▲"
            underline = Style(underline=place == self.cell and self.has_focus)
            segments += [Segment(title, style + underline), Segment(arrow, style)]
            segments += [Segment(" " * (fit.most - width(title) + GAP - len(arrow)), style)]
        return Strip(segments).adjust_cell_length(self._width, self.rich_style)

    def _line(self, view: TableView, line: int) -> Strip:
        row, is_cursor = view.row(line), line == self.cursor
        base = self.rich_style
        if is_cursor:
            base += self.get_component_rich_style("table--cursor")
        ident, sign = view.ident(line), base + self.get_component_rich_style("table--mark", partial=True)
        signs = lead(self._glyphs.get(ident, ""), is_cursor=is_cursor, is_marked=ident in self.marks)
        segments = [Segment(each, sign + _SIGNS.get(each, Style())) for each in signs]
        columns = view.columns
        for place, fit in enumerate(self._window(), self._first):
            text, has_more = cell_line(columns[fit.index].cell(row))
            style = base + meaning if (meaning := meaning_of(text)) else base
            if is_cursor and place == self.cell:
                style += self.get_component_rich_style("table--cell")
            segments += cell_segments(fit, text, style, has_more=has_more)
            segments.append(Segment(" " * GAP, base))
        return Strip(segments).adjust_cell_length(self._width, base)

    # --- what changes ------------------------------------------------------------------------------------------------

    def watch_cursor(self, before: int, now: int) -> None:
        self._keep_cursor_visible()
        for line in (before, now):
            self._refresh_line(line)
        self.screen.post_message(RowPointed(self.pointed))

    def watch_cell(self) -> None:
        self._keep_cell_visible()

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self.refresh()

    def _refresh_line(self, line: int) -> None:
        y = line - self.scroll_offset.y + HEADER
        if HEADER <= y < self.size.height:
            self.refresh(Region(0, y, self._width, 1))

    def _keep_cursor_visible(self) -> None:
        """Below the header, which does not scroll."""
        height = max(1, self.size.height - HEADER)
        top = self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True, immediate=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, force=True, immediate=True)

    def _keep_cell_visible(self) -> None:
        self._first = max(0, min(self._first, self.cell))
        while self.cell >= self._first + len(self._window()) and self._first < self.cell:
            self._first += 1

    @property
    def cursor_region(self) -> Region:
        return Region(0, self.cursor + HEADER, self._width, 1)
