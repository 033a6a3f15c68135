"""What screens of one text share: search in it, and the user's own pager and editor."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any, ClassVar

from textual.app import SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.widgets import Input
from textual.worker import get_current_worker

from meshscope.errors import CancelledError
from meshscope.location import Location
from meshscope.render.text import shortened
from meshscope.tui.copied import copied
from meshscope.tui.screens.page import Page
from meshscope.tui.session import Session
from meshscope.tui.text.finding import lines_with, next_place
from meshscope.tui.text.forms import Text
from meshscope.tui.text.outside import own_file, private_copy, shown_outside
from meshscope.tui.text.text_path import query_of, value_at, value_text
from meshscope.tui.widgets.virtual_text import VirtualText
from meshscope.work import Work

LONGEST_NAMED = 60
"""Cells of what a notice names."""


class TextPage(Page):
    """A page composes a `VirtualText` and an input `#search`, gives its text to `show_text`, and says its state."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "search", key_display="/", id="object.search"),
        Binding("n", "next(True)", "next match", show=False, id="object.next"),
        Binding("N", "next(False)", "previous match", show=False, id="object.previous"),
        Binding("C", "copy_field('value')", "copy the value", show=False, id="object.copy_value"),
        Binding("Y", "copy_field('path')", "copy the path", show=False, id="object.copy_path"),
        Binding("ctrl+y", "copy_field('key')", "copy the key", show=False, id="object.copy_key"),
        Binding("p", "outside('PAGER')", "pager", show=False, id="object.pager"),
        Binding("e", "outside('EDITOR')", "editor", show=False, id="object.editor"),
    ]
    DEFAULT_CSS = """
    TextPage #search { display: none; height: 1; border: none; padding: 0 1; background: $surface; }
    TextPage #search.open { display: block; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._text = Text((), 0)
        self._wanted, self._matches, self._place = "", lines_with((), ""), 0
        self._from = 0  # the line at which a search began

    @property
    def text(self) -> VirtualText:
        """The text that is searched."""
        return self.query_one("#text", VirtualText)

    def shown(self) -> tuple[Text, Location | None, int]:
        """The text under the keys, where its object is written, and the line at which it is read."""
        raise NotImplementedError

    def show_state(self) -> None:
        raise NotImplementedError

    # --- searching -----------------------------------------------------------------------------------------------------

    def action_search(self) -> None:
        self._from = self.text.current
        box = self.query_one("#search", Input)
        box.value = ""
        box.add_class("open")
        self.set_focus(box)

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input.id == "search":
            self._wanted = event.value
            self.run_worker(self._look, thread=True, exclusive=True, group="search")

    def _look(self) -> None:
        worker = get_current_worker()
        wanted = self._wanted
        try:
            matches = lines_with(self._text.lines, wanted, Work(None, lambda: worker.is_cancelled))
        except CancelledError:
            return
        self.from_worker(self._found, wanted, matches)

    def _found(self, wanted: str, matches: Any) -> None:
        if wanted != self._wanted:
            return
        self._matches = matches
        self._go(next_place(matches, self._from - 1))

    def _go(self, place: int | None) -> None:
        self._place = place or 0
        self.text.mark(self._wanted, -1 if place is None else self._matches[place])
        self.show_state()

    def action_next(self, forward: bool) -> None:
        if not self._wanted:
            self.trouble("/ searches; n and N go from line to line")
            return
        self._go(next_place(self._matches, self.text.current, forward=forward))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.input.id == "search":
            event.stop()
            self._close_search()

    def action_back(self) -> None:
        if self.query_one("#search", Input).has_focus:
            self._wanted = ""
            self._matches = lines_with((), "")
            self._go(None)
            self._close_search()
        else:
            super().action_back()

    def _close_search(self) -> None:
        self.query_one("#search", Input).remove_class("open")
        self.set_focus(self.text)

    # --- the field under the cursor ------------------------------------------------------------------------------------

    def action_copy_field(self, what: str) -> None:
        """The value, the path or the key of the field on the cursor's line."""
        text, _, line = self.shown()
        if text.value is None:
            self.trouble("a text as it is written has no paths here; y shows YAML, JSON and a table")
            return
        path = text.path_at(line)
        try:
            value = None if path is None else value_at(text.value, path)
        except LookupError:
            path = None
        if path is None:
            self.trouble("no field begins on this line")
            return
        spelled = {"path": query_of(path), "key": str(path[-1]) if path else "."}.get(what) or value_text(value)
        self.notice(copied(self.app, spelled, shortened(spelled.partition("\n")[0], LONGEST_NAMED)))

    # --- the user's own programs ---------------------------------------------------------------------------------------

    def action_outside(self, which: str) -> None:
        """The user's own file at its line where there is one, else a private copy of the text."""
        text, location, line = self.shown()
        if not text.lines:
            return
        if own := own_file(location, self.session.mesh.snapshot.sources):
            self._run_outside(which, own.path, own.line)
            return
        try:
            with private_copy(text.lines) as copy:
                self._run_outside(which, copy, line + 1)
        except OSError as error:
            self.trouble(f"no temporary copy of the text: {error.strerror or error}")

    def _run_outside(self, which: str, file: Path, line: int) -> None:
        try:
            with self.app.suspend():
                problem = shown_outside(which, file, line, subprocess.call, os.environ)
        except SuspendNotSupported:
            problem = "this terminal cannot be given to another program"
        self.trouble(problem)
        self.refresh(layout=True)

    def from_worker(self, function: Any, *values: Any) -> None:
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(function, *values)
