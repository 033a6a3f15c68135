"""The line in which a filter is typed. Its screen hears of each letter before the line is painted, so that one frame shows
the letter and what it leaves.

`Input.Changed` bubbles through the containers, and meanwhile a frame of the letter alone is painted; Textual makes the next
one up to two intervals later: https://textual.textualize.io/guide/events/#bubbling
"""

from __future__ import annotations

from meshscope.tui.messages import FilterTyped
from meshscope.tui.widgets.typed_line import TypedLine


class FilterInput(TypedLine):
    """Not open until it has the class `open`."""

    DEFAULT_CSS = """
    FilterInput { display: none; width: 1fr; height: 1; border: none; padding: 0 1; background: $surface; }
    FilterInput.open { display: block; }
    FilterInput.wrong { color: $text-error; text-style: bold; }
    """

    def __init__(self, hint: str, *, id: str | None = None) -> None:  # noqa: A002  # Textual's word
        super().__init__(placeholder=hint, id=id, does="keep")

    def watch_value(self, value: str) -> None:
        if self.is_mounted:
            self.screen.post_message(FilterTyped(value))
