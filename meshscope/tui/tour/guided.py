"""`meshscope ui --tour`: the browser on the bundled recording, with a lesson on each of its screens."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.css.query import NoMatches

from meshscope.tui.app import Browser
from meshscope.tui.screens.page import Page
from meshscope.tui.screens.rows_page import RowsPage
from meshscope.tui.tour.lesson_bar import LessonBar
from meshscope.tui.tour.lessons import LESSONS, Seen
from meshscope.tui.widgets.typed_line import TypedLine

LOOK = 0.2
"""Seconds between two looks at what is on the screen."""


class GuidedBrowser(Browser):
    """The keys are the browser's own: the tour looks at where they lead, and goes on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+n", "next_lesson", "next lesson", show=False, priority=True, id="tour.next"),
    ]

    lesson: int | None = 0
    """None once the tour is over."""
    _known_keys: dict[str, str]

    def on_mount(self) -> None:
        self._known_keys = {}
        self.set_interval(LOOK, self.look)

    def look(self) -> None:
        """Goes on where the lesson is done, and shows the lesson on the page on top."""
        page = self.screen_stack[-1] if self.screen_stack else None  # none is left of a browser that ends
        if not isinstance(page, Page) or not page.query("#keys"):
            return
        try:
            seen = seen_on(page)
        except NoMatches:  # a page that comes or goes has a part of its widgets
            return
        if self.lesson is not None and LESSONS[self.lesson].is_done(seen):
            self.lesson += 1
        self._show(page, seen)

    def _show(self, page: Page, seen: Seen) -> None:
        bars = page.query(LessonBar)
        if self.lesson is None:
            bars.remove()
            return
        for each in page.active_bindings.values():
            if each.binding.id:
                self._known_keys[each.binding.id] = each.binding.key_display or self.get_key_display(each.binding)
        bar = bars.first() if bars else LessonBar()
        is_astray = not LESSONS[self.lesson].on(seen) and not seen.is_typing
        bar.teach(self.lesson, self._known_keys, self._known_keys.get("tour.next", "^n"), is_astray=is_astray)
        if not bars:
            page.mount(bar, before="#keys")

    def action_next_lesson(self) -> None:
        if self.lesson is not None:
            self.lesson = self.lesson + 1 if self.lesson + 1 < len(LESSONS) else None
        self.look()


def seen_on(page: Page) -> Seen:
    place = page.place()
    proxy = page.proxy_in_question() if isinstance(page, RowsPage) else ""
    return Seen(place.message() if place else None, proxy, is_typing=isinstance(page.focused, TypedLine))
