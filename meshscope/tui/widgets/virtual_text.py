"""A text that draws only the lines on the screen, so that a million lines scroll as ten do."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.strip import Strip

from meshscope.render.painting import CYAN, MAGENTA
from meshscope.render.text import safe
from meshscope.tui.text.folds import Folds, sibling
from meshscope.tui.text.spans import spans
from meshscope.tui.text.text_path import key_of
from meshscope.tui.widgets.selectable import Selectable

_STYLES = {CYAN: Style(color="cyan"), MAGENTA: Style(color="magenta")}
_MARGIN = 1
_ROOM_OF_COUNT = 16
"""Cells for the count of folded lines behind the longest one."""
_SIDEWAYS = 16
"""Cells that a key moves the text by."""


class VirtualText(Selectable, can_focus=True):
    """`show` gives it lines of YAML or JSON; `mark` a text to show in reverse, and the line it was looked for in."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"text--current"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "down(1)", "line down", show=False, id="text.down"),
        Binding("up,k", "down(-1)", "line up", show=False, id="text.up"),
        Binding("ctrl+d,pagedown,space", "page(1)", "page down", show=False, id="text.page_down"),
        Binding("ctrl+u,pageup", "page(-1)", "page up", show=False, id="text.page_up"),
        Binding("g,home", "to(0)", "first line", show=False, id="text.first"),
        Binding("G,end", "to(-1)", "last line", show=False, id="text.last"),
        Binding("right,l,full_stop", "sideways(1)", "to the right", show=False, id="text.right"),
        Binding("left,h,comma", "sideways(-1)", "to the left", show=False, id="text.left"),
        Binding("J", "sibling(True)", "next in the block", show=False, id="text.next_sibling"),
        Binding("K", "sibling(False)", "previous in the block", show=False, id="text.previous_sibling"),
        Binding("asterisk", "same_key", "next line with this key", key_display="*", show=False, id="text.same_key"),
        Binding("z", "fold", "fold", id="text.fold"),
        Binding("Z", "unfold", "open all folds", show=False, id="text.unfold"),
        *(
            Binding(digit, f"depth({digit})", f"fold to depth {digit}", show=False, id=f"text.depth_{digit}")
            for digit in "123456789"
        ),
        Binding("0", "line_start", "start of the lines", show=False, id="text.line_start"),
    ]
    DEFAULT_CSS = """
    VirtualText { height: 1fr; scrollbar-size: 1 1; background: $background; }
    VirtualText > .text--current { background: $primary 30%; }
    VirtualText:nocolor > .text--current { text-style: bold; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's word
        super().__init__(id=id)
        self._lines: Sequence[str] = ()
        self._wanted, self._cursor, self._widest = "", 0, 0
        self._folds = Folds.none(b"", 0)

    def show(self, lines: Sequence[str], widest: int, depths: bytes = b"", *, keeps_place: bool = False) -> None:
        """`depths` has a byte a line, see `folds`; without them nothing folds. `keeps_place` for a newer text of the same
        thing, and its folds where its blocks are the same.
        """
        is_alike = depths == self._folds.depths and len(lines) == len(self._lines)
        self._lines = lines
        self._wanted, self._widest = "", widest
        if keeps_place:
            self._cursor = max(0, min(self._cursor, len(lines) - 1))
            self._hold(self._folds if is_alike else Folds.none(depths, len(lines)))
            return
        self._cursor = 0
        self.scroll_to(0, 0, animate=False, force=True)
        self._fold(Folds.none(depths, len(lines)))

    def mark(self, text: str, line: int) -> None:
        """Shows a text in reverse wherever it is, and goes to a line and opens its folds; -1 stays."""
        self._wanted = text.casefold()
        if line >= 0:
            while (opened := self._folds.opened_at(line)) is not self._folds:
                self._fold(opened)
            self.go_to(line)
        if line >= 0 and (at := self._lines[line].casefold().find(self._wanted)) >= 0:
            left, width = self.scroll_offset.x, self.scrollable_content_region.width
            if not left <= at <= left + width - len(text):
                self.scroll_to(x=max(0, at - width // 3), animate=False, force=True)
        self.refresh()

    @property
    def top(self) -> int:
        """The first row on the screen."""
        return self.scroll_offset.y

    @property
    def current(self) -> int:
        """The line under the cursor."""
        return self._cursor

    def go_to(self, line: int) -> None:
        """Moves the cursor to a line that is seen, else to the head of what hides it."""
        row = max(0, min(self._folds.row_of(max(0, line)), self._folds.row_count - 1))
        self._cursor = self._folds.line_at(row)
        top, height = self.scroll_offset.y, max(1, self.scrollable_content_region.height)
        if row < top or row >= top + height:
            is_near = top - height < row < top + 2 * height
            there = row - height // 3 if not is_near else (row if row < top else row - height + 1)
            self.scroll_to(y=max(0, there), animate=False, force=True, immediate=True)
        self.refresh()

    def begin_at(self, line: int) -> None:
        """Moves the cursor to a line, with what is below it in sight."""
        self.go_to(line)
        row, height = self._folds.row_of(self._cursor), max(1, self.scrollable_content_region.height)
        self.scroll_to(y=max(0, row - height // 3), animate=False, force=True, immediate=True)

    def _fold(self, folds: Folds) -> None:
        self._hold(folds)
        self.go_to(self._cursor)

    def _hold(self, folds: Folds) -> None:
        self._folds = folds
        room = _ROOM_OF_COUNT if folds.starts else 0
        self.virtual_size = Size(self._widest + 2 * _MARGIN + room, folds.row_count)
        self.refresh()

    # --- drawing -----------------------------------------------------------------------------------------------------

    def draw_line(self, y: int) -> Strip:
        left, width = self.scroll_offset.x, self.scrollable_content_region.width
        row = self.scroll_offset.y + y
        base = self.rich_style
        if row >= self._folds.row_count:
            return Strip.blank(width, base)
        line = self._folds.line_at(row)
        if line == self._cursor:
            base += self.get_component_rich_style("text--current")
        text = self._lines[line][: 2 * (left + width)]  # what is far outside need not be measured
        segments = [Segment(" " * _MARGIN, base)]
        for piece, style in spans(text):
            segments += self._found(safe(piece), base + _STYLES[style] if style else base)
        if hidden := self._folds.hidden_after(line):
            segments.append(Segment(f" … {hidden:,} lines", base + Style(dim=True)))
        return Strip(segments).crop_extend(left, left + width, base)

    def _found(self, piece: str, style: Style) -> list[Segment]:
        """The pieces of a text, the ones that are looked for in reverse."""
        lower = piece.casefold()
        if not self._wanted or self._wanted not in lower or len(lower) != len(piece):
            return [Segment(piece, style)]
        segments, start = [], 0
        while (at := lower.find(self._wanted, start)) >= 0:
            end = at + len(self._wanted)
            segments += [Segment(piece[start:at], style), Segment(piece[at:end], style + Style(reverse=True))]
            start = end
        return [*segments, Segment(piece[start:], style)]

    # --- moving ------------------------------------------------------------------------------------------------------

    def action_down(self, rows: int) -> None:
        row = max(0, min(self._folds.row_of(self._cursor) + rows, self._folds.row_count - 1))
        self.go_to(self._folds.line_at(row))

    def action_page(self, direction: int) -> None:
        self.action_down(direction * max(1, self.size.height // 2))

    def action_to(self, line: int) -> None:
        self.go_to(len(self._lines) - 1 if line < 0 else line)

    def action_sibling(self, forward: bool) -> None:
        line = sibling(self._lines, self._folds.depths, self._cursor, forward=forward)
        if line is not None:
            self.go_to(line)

    def action_same_key(self) -> None:
        """Goes round at the last line."""
        key = key_of(self._lines[self._cursor]) if self._lines else None
        count = len(self._lines)
        if key is None:
            return
        for number in chain(range(self._cursor + 1, count), range(self._cursor)):
            if key in self._lines[number] and key_of(self._lines[number]) == key:
                self.mark(self._wanted, number)
                return

    def action_fold(self) -> None:
        if self._lines:
            folds, head = self._folds.toggled(self._cursor)
            self._cursor = head
            self._fold(folds)

    def action_depth(self, levels: int) -> None:
        self._fold(self._folds.to_depth(levels))

    def action_unfold(self) -> None:
        self._fold(Folds.none(self._folds.depths, len(self._lines)))

    def on_click(self, event: events.Click) -> None:
        if (row := self.scroll_offset.y + event.y) < self._folds.row_count:
            self.go_to(self._folds.line_at(row))

    def action_sideways(self, direction: int) -> None:
        self.scroll_to(x=self.scroll_offset.x + direction * _SIDEWAYS, animate=False, force=True)

    def action_line_start(self) -> None:
        self.scroll_to(x=0, animate=False, force=True)

    def on_resize(self, _event: events.Resize) -> None:
        self.refresh()
