"""A table with a cursor that keys and the mouse move."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from meshscope.render.fitting import GAP
from meshscope.tui.messages import HeadingChosen, RowChosen, RowPointed
from meshscope.tui.widgets.drawn_table import HEADER, LEFT, DrawnTable


class VirtualTable(DrawnTable, can_focus=True):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "open", key_display="⏎", id="table.open"),
        Binding("down,j", "cursor(1)", "down", show=False, id="table.down"),
        Binding("up,k", "cursor(-1)", "up", show=False, id="table.up"),
        Binding("ctrl+d,pagedown", "page(1)", "page down", show=False, id="table.page_down"),
        Binding("ctrl+u,pageup", "page(-1)", "page up", show=False, id="table.page_up"),
        Binding("g,home", "to(0)", "first row", show=False, id="table.first"),
        Binding("G,end", "to(-1)", "last row", show=False, id="table.last"),
        Binding("left,h", "column(-1)", "cell left", show=False, id="table.left"),
        Binding("right,l", "column(1)", "cell right", show=False, id="table.right"),
        Binding("space", "mark", "mark the row", show=False, id="table.mark"),
    ]

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
            self._refresh_line(self.cursor)
            self.action_cursor(1)
            self.screen.post_message(RowPointed(self.pointed))

    def action_choose(self) -> None:
        if (row := self.pointed) is not None and self.view:
            self.post_message(RowChosen(row, self.view.positions[self.cursor]))

    def _place_at(self, x: int) -> int | None:
        """The column at a cell of the widget, by its place among those that have room; None behind the last one."""
        right = len(LEFT)
        for place, fit in enumerate(self._window(), self._first):
            right += fit.most + GAP
            if x < right:
                return place
        return None

    def on_click(self, event: events.Click) -> None:
        if self.view and event.y < HEADER and (place := self._place_at(event.x)) is not None:
            self.cell = place
            self.screen.post_message(HeadingChosen())
            return
        line = self.scroll_offset.y + event.y - HEADER
        if self.view and 0 <= line < len(self.view) and event.y >= HEADER:
            was = self.cursor
            self.cursor = line
            if was == line:
                self.action_choose()
