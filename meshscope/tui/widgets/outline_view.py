"""Lines of an outline, each of one or more rows, with a cursor that stands on a whole line."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import ClassVar

from rich.segment import Segment
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from meshscope.tui.tracing.trace_view import Row
from meshscope.tui.widgets.selectable import Selectable

_LEFT = 2


class OutlineView(Selectable, can_focus=True):
    """`show` gives it what lays out its rows in a width. `has_cursor` False: it scrolls instead."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"outline--cursor"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "cursor(1)", "down", show=False, id="outline.down"),
        Binding("up,k", "cursor(-1)", "up", show=False, id="outline.up"),
        Binding("ctrl+d,pagedown", "page(1)", "page down", show=False, id="outline.page_down"),
        Binding("ctrl+u,pageup", "page(-1)", "page up", show=False, id="outline.page_up"),
        Binding("g,home", "to(0)", "first", show=False, id="outline.first"),
        Binding("G,end", "to(-1)", "last", show=False, id="outline.last"),
        Binding("enter", "choose", "open", id="outline.open"),
    ]
    DEFAULT_CSS = """
    OutlineView { height: 1fr; scrollbar-size: 0 1; scrollbar-gutter: stable; background: $background; }
    OutlineView > .outline--cursor { background: $primary 15%; }
    OutlineView:focus > .outline--cursor { background: $primary 25%; }
    """

    cursor: reactive[int] = reactive(0, init=False)

    class Pointed(Message):
        """The cursor moved to a line."""

        def __init__(self, outline: OutlineView, line: int) -> None:
            super().__init__()
            self.outline, self.line = outline, line

        @property
        def control(self) -> OutlineView:
            return self.outline

    class Chosen(Pointed):
        """`enter` on a line."""

    def __init__(self, *, has_cursor: bool = True, id: str | None = None) -> None:  # noqa: A002  # Textual's word
        super().__init__(id=id)
        self._has_cursor = has_cursor
        self._rows_in: Callable[[int], tuple[Row, ...]] = lambda _cells: ()
        self._rows: tuple[Row, ...] = ()
        self._firsts: list[int] = []

    def show(self, rows_in: Callable[[int], Iterable[Row]], cursor: int = 0) -> None:
        self._rows_in = lambda cells: tuple(rows_in(cells))
        self._lay_out()
        self.set_reactive(OutlineView.cursor, max(0, min(cursor, len(self._firsts) - 1)))
        if self._has_cursor:
            self._keep_cursor_visible()
            self.post_message(self.Pointed(self, self.cursor))
        else:
            self.scroll_to(y=0, animate=False, force=True)
        self.refresh()

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width
        if width <= 0:
            return
        self._rows = self._rows_in(max(1, width - _LEFT))
        self._firsts = []
        for number, row in enumerate(self._rows):
            if row.line is not None and row.line == len(self._firsts):
                self._firsts.append(number)
        self.virtual_size = Size(width, len(self._rows))

    def on_resize(self, _event: events.Resize) -> None:
        self._lay_out()
        self._keep_cursor_visible()
        self.refresh()

    # --- drawing -----------------------------------------------------------------------------------------------------

    def draw_line(self, y: int) -> Strip:
        number, base = self.scroll_offset.y + y, self.rich_style
        if number >= len(self._rows):
            return Strip.blank(self.size.width, base)
        row = self._rows[number]
        is_cursor = self._has_cursor and row.line == self.cursor
        if is_cursor:
            base += self.get_component_rich_style("outline--cursor")
        mark = "▸ " if is_cursor and self._firsts[self.cursor] == number else "  "
        text = Text.from_ansi(row.text)
        segments = [Segment(mark, base)]
        segments += [
            Segment(piece.text, base + piece.style if piece.style else base)
            for piece in text.render(self.app.console, end="")
        ]
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._has_cursor if action == "choose" else super().check_action(action, parameters)

    # --- moving ------------------------------------------------------------------------------------------------------

    def watch_cursor(self) -> None:
        self._keep_cursor_visible()
        self.refresh()
        if self._has_cursor:
            self.post_message(self.Pointed(self, self.cursor))

    def _keep_cursor_visible(self) -> None:
        """All rows of the line if they have room, with the gap above the first one."""
        if not self._has_cursor or self.cursor >= len(self._firsts):
            return
        first = self._firsts[self.cursor]
        is_last = self.cursor + 1 == len(self._firsts)
        last = (len(self._rows) if is_last else self._firsts[self.cursor + 1]) - 1
        height, top = max(1, self.size.height), self.scroll_offset.y
        if first < top:
            self.scroll_to(y=0 if self.cursor == 0 else first, animate=False, force=True)
        elif last >= top + height:
            self.scroll_to(y=min(first, last - height + 1), animate=False, force=True)

    def action_cursor(self, step: int) -> None:
        if self._has_cursor:
            self.cursor = max(0, min(self.cursor + step, len(self._firsts) - 1))
        else:
            self.scroll_relative(y=step, animate=False, force=True)

    def action_page(self, direction: int) -> None:
        half = direction * max(1, self.size.height // 2)
        if not self._has_cursor:
            self.action_cursor(half)
        elif self._firsts:
            row = self._firsts[self.cursor] + half
            line = bisect_left(self._firsts, row)
            self.cursor = max(0, min(line, len(self._firsts) - 1))

    def action_to(self, line: int) -> None:
        if self._has_cursor:
            self.cursor = max(0, len(self._firsts) - 1 if line < 0 else min(line, len(self._firsts) - 1))
        else:
            self.scroll_to(y=0 if line == 0 else len(self._rows), animate=False, force=True)

    def action_choose(self) -> None:
        if self._has_cursor and self._firsts:
            self.post_message(self.Chosen(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        number = self.scroll_offset.y + event.y
        if self._has_cursor and number < len(self._rows) and (line := self._rows[number].line) is not None:
            self.cursor = line
