"""The line after `:`, with completion and history."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.suggester import Suggester

from meshscope.tui.widgets.typed_line import TypedLine

Complete = Callable[[str], Iterable[str]]
"""The whole lines that the beginning of one may become."""


class CommandLine(TypedLine):
    """`tab` or the right arrow takes the completion, up and down go through earlier lines."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "complete", priority=True, id="command.complete"),
        Binding("up", "recall(-1)", "earlier line", id="command.earlier"),
        Binding("down", "recall(1)", "later line", id="command.later"),
    ]

    def __init__(self, complete: Complete, *, placeholder: str, id: str) -> None:  # noqa: A002  # Textual's word
        super().__init__(placeholder=placeholder, id=id, suggester=_Completion(complete), does="run")
        self._history: list[str] = []
        self._place = 0

    def open(self, history: list[str]) -> None:
        """`history` are earlier lines, the newest last; `remember` adds to it."""
        self.value = ""
        self._history, self._place = history, len(history)
        self.add_class("open")
        self.screen.set_focus(self)  # at once: the next keys are its text

    def remember(self) -> None:
        """Keeps the line for the next time."""
        if self.value.strip() and self._history[-1:] != [self.value]:
            self._history.append(self.value)
        self._place = len(self._history)

    def action_complete(self) -> None:
        self.action_cursor_right()

    def action_recall(self, step: int) -> None:
        self._place = max(0, min(self._place + step, len(self._history)))
        self.value = self._history[self._place] if self._place < len(self._history) else ""
        self.cursor_position = len(self.value)


class _Completion(Suggester):
    def __init__(self, complete: Complete) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        return next(islice(iter(self._complete(value)), 1), None) if value else None
