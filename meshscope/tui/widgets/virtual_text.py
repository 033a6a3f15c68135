"""A text that draws only the lines on the screen, so that a million lines scroll as ten do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from meshscope.render.painting import CYAN, MAGENTA
from meshscope.render.text import safe
from meshscope.tui.object_view import spans

_STYLES = {CYAN: Style(color="cyan"), MAGENTA: Style(color="magenta")}
_MARGIN = 1
_SIDEWAYS = 16
"""Cells that a key moves the text by."""


class VirtualText(ScrollView, can_focus=True):
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
        Binding("0", "line_start", "start of the lines", show=False, id="text.line_start"),
    ]
    DEFAULT_CSS = """
    VirtualText { height: 1fr; scrollbar-size: 1 1; background: $background; }
    VirtualText > .text--current { background: $primary 30%; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  # Textual's word
        super().__init__(id=id)
        self._lines: Sequence[str] = ()
        self._wanted, self._current = "", -1

    def show(self, lines: Sequence[str], widest: int, *, keeps_place: bool = False) -> None:
        """`keeps_place` for a newer text of the same thing."""
        self._lines = lines
        self._wanted, self._current = "", -1
        self.virtual_size = Size(widest + 2 * _MARGIN, len(lines))
        if not keeps_place:
            self.scroll_to(0, 0, animate=False, force=True)
        self.refresh()

    def mark(self, text: str, line: int) -> None:
        """Shows a text in reverse wherever it is, and a line with another background, scrolled to; -1 is no line."""
        self._wanted, self._current = text.casefold(), line
        top, height = self.scroll_offset.y, max(1, self.scrollable_content_region.height)
        if line >= 0 and not top <= line < top + height:
            self.scroll_to(y=max(0, line - height // 3), animate=False, force=True)
        if line >= 0 and (at := self._lines[line].casefold().find(self._wanted)) >= 0:
            left, width = self.scroll_offset.x, self.scrollable_content_region.width
            if not left <= at <= left + width - len(text):
                self.scroll_to(x=max(0, at - width // 3), animate=False, force=True)
        self.refresh()

    @property
    def top(self) -> int:
        """The first line on the screen."""
        return self.scroll_offset.y

    @property
    def current(self) -> int:
        """The marked line, -1 without one."""
        return self._current

    # --- drawing -----------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        left, width = self.scroll_offset.x, self.scrollable_content_region.width
        line = self.scroll_offset.y + y
        base = self.rich_style
        if line >= len(self._lines):
            return Strip.blank(width, base)
        if line == self._current:
            base += self.get_component_rich_style("text--current")
        text = self._lines[line][: 2 * (left + width)]  # what is far outside need not be measured
        segments = [Segment(" " * _MARGIN, base)]
        for piece, style in spans(text):
            segments += self._found(safe(piece), base + _STYLES[style] if style else base)
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

    def action_down(self, lines: int) -> None:
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False, force=True)

    def action_page(self, direction: int) -> None:
        self.action_down(direction * max(1, self.size.height // 2))

    def action_to(self, line: int) -> None:
        self.scroll_to(y=len(self._lines) if line < 0 else line, animate=False, force=True)

    def action_sideways(self, direction: int) -> None:
        self.scroll_to(x=self.scroll_offset.x + direction * _SIDEWAYS, animate=False, force=True)

    def action_line_start(self) -> None:
        self.scroll_to(x=0, animate=False, force=True)

    def on_resize(self, _event: events.Resize) -> None:
        self.refresh()
