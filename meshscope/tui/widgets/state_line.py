"""One line of text that changes at every key: it is painted anew, and the screen is not laid out anew for it."""

from __future__ import annotations

from rich.text import Text
from textual.widget import Widget


class StateLine(Widget):
    DEFAULT_CSS = """
    StateLine { height: 1; padding: 0 1; color: $text-muted; }
    """

    def __init__(self, text: str = "", *, id: str | None = None) -> None:  # noqa: A002  # Textual's word
        super().__init__(id=id)
        self._text = Text(text)

    def show(self, text: Text) -> None:
        if text != self._text:
            self._text = text
            self.refresh()

    def render(self) -> Text:
        text = self._text.copy()
        text.truncate(max(0, self.content_size.width), overflow="ellipsis")
        return text
