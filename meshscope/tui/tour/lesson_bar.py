"""The lesson that is taken, above the line of keys."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text
from textual.widgets import Static

from meshscope.tui.tour.lessons import LESSONS, Lesson, said


class LessonBar(Static):
    DEFAULT_CSS = """
    LessonBar { height: auto; max-height: 7; padding: 0 1; border-top: heavy $accent; background: $surface; }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._taught = Text()

    def teach(self, number: int, keys: Mapping[str, str], skip: str, *, is_astray: bool) -> None:
        """`skip` is the key that goes on without doing what is asked."""
        text = lesson_text(number, LESSONS[number], keys, skip, is_astray=is_astray)
        if text != self._taught:
            self._taught = text
            self.update(text)  # lays the screen out anew


def lesson_text(number: int, lesson: Lesson, keys: Mapping[str, str], skip: str, *, is_astray: bool) -> Text:
    is_last = number == len(LESSONS) - 1
    text = Text(f"{number + 1} of {len(LESSONS)} ", style="bold")
    text.append(f"({skip} {'ends the tour' if is_last else 'skips'})  ", style="not bold dim")
    text.append(said(lesson.says, keys), style="not bold")
    text.append("\n▸ ", style="bold")
    if is_astray:
        colon = keys.get("page.command", ":")
        text.append(f"{colon} {lesson.start} ⏎ leads back to where this lesson is; then: ", style="not bold")
    text.append(said(lesson.asks, keys))
    return text
