"""A line in which one types: it has the keys as long as it has the focus, and the line of keys says its own alone."""

from __future__ import annotations

from textual.widgets import Input


class TypedLine(Input):
    """`does` is what `enter` does, in a word or two. Its text is not selected when it gets the focus."""

    def __init__(self, value: str = "", *, does: str, **more: object) -> None:
        """`more` is what `Input` takes."""
        super().__init__(value, compact=True, select_on_focus=False, **more)  # type: ignore[arg-type]  # as they come
        self.does = does
