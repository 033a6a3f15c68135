"""Everything known about one object: its fields, who made it, who uses it, what it reaches."""

from __future__ import annotations

from typing import Any

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static
from textual.worker import get_current_worker

from meshscope.errors import CancelledError
from meshscope.listing.describe import describe
from meshscope.listing.kind import Kind
from meshscope.listing.selection import Selection
from meshscope.render.description import description
from meshscope.tui.screens.page import Page
from meshscope.tui.session import Session
from meshscope.work import Work


class ObjectScreen(Page):
    DEFAULT_CSS = """
    ObjectScreen VerticalScroll { height: 1fr; padding: 0 1; }
    ObjectScreen #text { width: auto; height: auto; }
    """

    def __init__(self, session: Session, kind: Kind[Any], selection: Selection) -> None:
        super().__init__(session)
        self._kind, self._selection = kind, selection

    def title_parts(self) -> tuple[str, ...]:
        return (self.session.title, f"{self._kind.singular} {self._selection.name}", self._selection.proxy)

    def body(self) -> ComposeResult:
        with VerticalScroll():
            yield Static("reading …", id="text", markup=False)

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
        self.run_worker(self._read, thread=True, exclusive=True)

    def _read(self) -> None:
        worker = get_current_worker()
        try:
            found = describe(self.session.mesh, self._kind, self._selection, Work(None, lambda: worker.is_cancelled))
        except CancelledError:
            return
        if found is None:
            text = Text(f"no {self._kind.singular} {self._selection.name!r} any more")
        else:
            text = Text.from_ansi("\n".join(description(found, colour=True, cells=self.size.width - 3)))
        self.app.call_from_thread(self.query_one("#text", Static).update, text)
