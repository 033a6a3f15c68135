"""The first line of a screen: the program, what is looked at, and what is wrong with it at the right end."""

from __future__ import annotations

from rich.text import Text
from textual.widget import Widget

from meshscope.render.text import safe


class TitleBar(Widget):
    DEFAULT_CSS = """
    TitleBar { height: 1; background: $surface; color: $text; padding: 0 1; }
    """

    def __init__(self, *parts: str, id: str | None = None) -> None:  # noqa: A002  # Textual's word
        super().__init__(id=id)
        self._parts, self._errors, self._warnings = parts, 0, 0

    def show(self, *parts: str, errors: int = 0, warnings: int = 0) -> None:
        self._parts, self._errors, self._warnings = parts, errors, warnings
        self.refresh()

    def render(self) -> Text:
        left = Text("meshscope  ", style="bold", no_wrap=True, overflow="ellipsis")
        left.append(" · ".join(safe(part) for part in self._parts if part), style="not bold")
        right = Text()
        if self._errors:
            right.append(f"✗ {self._errors} ", style="bold red")
        if self._warnings:
            right.append(f"▲ {self._warnings} ", style="yellow")
        room = max(0, self.content_size.width - right.cell_len)
        left.truncate(room, overflow="ellipsis", pad=True)
        return left + right
