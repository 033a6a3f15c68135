"""The first line of a screen: the program, what is looked at; at the right end how old it is, and how many faults it has."""

from __future__ import annotations

from rich.text import Text
from textual.widget import Widget

from meshscope.listing.glyphs import ERROR, WARNING
from meshscope.render.text import CUT, safe, shortened, width
from meshscope.tui.source_state import SourceState

_NAME = "meshscope  "
_LEAST = 12


class TitleBar(Widget):
    """Parts are divided by dots; where they have no room the longest is cut in its middle."""

    DEFAULT_CSS = """
    TitleBar { height: 1; background: $surface; color: $text; padding: 0 1; }
    """

    def __init__(
        self,
        *parts: str,
        state: SourceState = SourceState(),  # noqa: B008  # immutable
        id: str | None = None,  # noqa: A002  # Textual's word
    ) -> None:
        super().__init__(id=id)
        self._parts, self._errors, self._warnings = parts, 0, 0
        self._state = state

    def show(self, *parts: str, errors: int = 0, warnings: int = 0) -> None:
        if (parts, errors, warnings) != (self._parts, self._errors, self._warnings):
            self._parts, self._errors, self._warnings = parts, errors, warnings
            self.refresh()

    def rename(self, *parts: str) -> None:
        """Other parts, the same counts."""
        self.show(*parts, errors=self._errors, warnings=self._warnings)

    def tell(self, state: SourceState) -> None:
        if state != self._state:
            self._state = state
            self.refresh()

    def render(self) -> Text:
        right = Text()
        if self._state.text:
            right.append(f"  {self._state.text}", style="bold red" if self._state.is_trouble else "dim")
        if self._errors:
            right.append(f"  {ERROR} {self._errors}", style="bold red")
        if self._warnings:
            right.append(f"  {WARNING} {self._warnings}", style="yellow")
        room = max(0, self.content_size.width - right.cell_len)
        left = Text(_NAME, style="bold", no_wrap=True)
        left.append(fitting([safe(part) for part in self._parts if part], room - len(_NAME)), style="not bold")
        left.truncate(room, overflow="ellipsis", pad=True)
        return left + right


def fitting(parts: list[str], cells: int) -> str:
    """The parts in one line; the longest is cut in its middle while the line is too long."""
    dot = " · "
    while parts and (over := width(dot.join(parts)) - cells) > 0:
        longest = max(range(len(parts)), key=lambda index: width(parts[index]))
        size = width(parts[longest])
        if size <= _LEAST:
            return shortened(dot.join(parts), max(cells, 0)) or CUT
        parts = [*parts[:longest], shortened(parts[longest], max(_LEAST, size - over)), *parts[longest + 1 :]]
    return dot.join(parts)
