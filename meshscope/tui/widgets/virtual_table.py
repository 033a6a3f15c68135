"""A table that draws only the lines on the screen, so that 100,000 rows scroll as ten do.

Textual's own DataTable holds every cell: https://textual.textualize.io/widgets/data_table/
"""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from meshscope.listing.row import Row
from meshscope.listing.row_id import RowId
from meshscope.render.fitting import GAP, Fit
from meshscope.render.painting import style_of
from meshscope.render.text import padded, shortened, width
from meshscope.tui.messages import RowChosen, RowPointed
from meshscope.tui.palette import MEANINGS
from meshscope.tui.table_view import TableView, cell_text

_HEADER = 1
_LEFT = "  "


class VirtualTable(ScrollView, can_focus=True):
    """`show` gives it what to draw. The cursor is kept by the row's id when rows, filters or order change."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--header", "table--cursor", "table--faint", "table--mark"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "cursor(1)", "down", show=False),
        Binding("up,k", "cursor(-1)", "up", show=False),
        Binding("ctrl+d,pagedown", "page(1)", "page down", show=False),
        Binding("ctrl+u,pageup", "page(-1)", "page up", show=False),
        Binding("g,home", "to(0)", "first", show=False),
        Binding("G,end", "to(-1)", "last", show=False),
        Binding("left,h", "column(-1)", "cell left", show=False),
        Binding("right,l", "column(1)", "cell right", show=False),
        Binding("space", "mark", "mark", show=False),
        Binding("enter", "choose", "open", show=False),
    ]
    DEFAULT_CSS = """
    VirtualTable { height: 1fr; scrollbar-size: 0 1; scrollbar-gutter: stable; background: $background; }
    VirtualTable > .table--header { color: $text-muted; text-style: bold; }
    VirtualTable > .table--cursor { background: $primary 30%; }
    VirtualTable:focus > .table--cursor { background: $primary 60%; }
    VirtualTable > .table--faint { color: $text-muted; }
    VirtualTable > .table--mark { color: $accent; text-style: bold; }
    """

    cursor: reactive[int] = reactive(0)
    cell: reactive[int] = reactive(0)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's word
        super().__init__(id=id)
        self.view: TableView | None = None
        self.marks: frozenset[RowId] = frozenset()
        self._fits: tuple[Fit, ...] = ()

    # --- what it shows -----------------------------------------------------------------------------------------------

    def show(self, view: TableView) -> None:
        """Draw another view; the cursor stays on its row, or as near as there is one."""
        ident = self.pointed_id
        self.view = view
        line = view.line_of(ident) if ident else None
        self._fit()
        self.cursor = max(0, min(self.cursor if line is None else line, len(view) - 1))
        self._keep_cursor_visible()
        self.refresh()
        self.post_message(RowPointed(self.pointed))

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

    def _fit(self) -> None:
        if self.view is None:
            return
        self._fits = self.view.fits(max(20, self.size.width - len(_LEFT)))
        self.virtual_size = Size(self.size.width, len(self.view) + _HEADER)

    def on_resize(self, _event: events.Resize) -> None:
        self._fit()
        self._keep_cursor_visible()
        self.refresh()

    # --- drawing -----------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        view = self.view
        if view is None:
            return Strip.blank(self.size.width, self.rich_style)
        if y < _HEADER:
            return self._header(view)
        line = self.scroll_offset.y + y - _HEADER
        if line >= len(view):
            return Strip.blank(self.size.width, self.rich_style)
        return self._line(view, line)

    def _header(self, view: TableView) -> Strip:
        style = self.get_component_rich_style("table--header")
        segments = [Segment(_LEFT, style)]
        for place, fit in enumerate(self._fits):
            title = view.columns[fit.index].title
            if view.order and view.order.column == view.visible[fit.index]:
                title += " ▼" if view.order.descending else " ▲"
            underline = Style(underline=place == self.cell and self.has_focus)
            segments += [Segment(shortened(title, fit.most), style + underline)]
            segments += [Segment(" " * (fit.most - min(width(title), fit.most) + GAP), style)]
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)

    def _line(self, view: TableView, line: int) -> Strip:
        row, is_cursor = view.row(line), line == self.cursor
        base = self.rich_style
        if is_cursor:
            base += self.get_component_rich_style("table--cursor")
        is_marked = view.ident(line) in self.marks
        mark = "▸" if is_cursor else " "
        lead = Segment(mark + ("•" if is_marked else " "), base + self.get_component_rich_style("table--mark"))
        segments = [lead]
        for fit in self._fits:
            text = cell_text(view.columns[fit.index].cell(row))
            meaning = MEANINGS.get(style_of(text))
            style = base + meaning if meaning else base
            segments.append(Segment(padded(fit.text(text), fit.most) + " " * GAP, style))
        return Strip(segments).adjust_cell_length(self.size.width, base)

    # --- moving ------------------------------------------------------------------------------------------------------

    def watch_cursor(self, _before: int, _now: int) -> None:
        self._keep_cursor_visible()
        self.refresh()
        self.post_message(RowPointed(self.pointed))

    def watch_cell(self) -> None:
        self.refresh()

    def _keep_cursor_visible(self) -> None:
        """Below the header, which does not scroll."""
        height = max(1, self.size.height - _HEADER)
        top = self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, force=True)

    def action_cursor(self, step: int) -> None:
        if self.view:
            self.cursor = max(0, min(self.cursor + step, len(self.view) - 1))

    def action_page(self, direction: int) -> None:
        self.action_cursor(direction * max(1, self.size.height // 2))

    def action_to(self, line: int) -> None:
        if self.view:
            self.cursor = max(0, len(self.view) - 1 if line < 0 else line)

    def action_column(self, step: int) -> None:
        self.cell = max(0, min(self.cell + step, len(self._fits) - 1))

    def action_mark(self) -> None:
        if (ident := self.pointed_id) is not None:
            self.marks = self.marks ^ {ident}
            self.action_cursor(1)
            self.refresh()

    def action_choose(self) -> None:
        if (row := self.pointed) is not None and self.view:
            self.post_message(RowChosen(row, self.view.positions[self.cursor]))

    def on_click(self, event: events.Click) -> None:
        line = self.scroll_offset.y + event.y - _HEADER
        if self.view and 0 <= line < len(self.view) and event.y >= _HEADER:
            was = self.cursor
            self.cursor = line
            if was == line:
                self.action_choose()

    @property
    def cursor_region(self) -> Region:
        return Region(0, self.cursor + _HEADER, self.size.width, 1)
