"""What the two pages of effects share: a table of answers that is worked out in a worker, with its progress."""

from __future__ import annotations

import time
from functools import partial
from typing import Any, ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.worker import get_current_worker

from meshscope.errors import CancelledError, MeshscopeError
from meshscope.listing.rows import Rows
from meshscope.listing.selection import Selection
from meshscope.render.text import safe
from meshscope.tui.changes import NONE, Changes
from meshscope.tui.collector import kept_from_collector
from meshscope.tui.messages import TraceRow
from meshscope.tui.screens.table_page import TablePage
from meshscope.tui.session import Session
from meshscope.tui.shell_line import line_of_words
from meshscope.tui.table_view import TableView
from meshscope.tui.target import target_of_object
from meshscope.tui.widgets.state_line import StateLine
from meshscope.work import Work

_BETWEEN_REPORTS = 0.1
"""Seconds between two reports of progress."""


class EffectPage(TablePage):
    """A subclass says what is asked, and how it is counted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("equals_sign", "keep", "keep", key_display="=", show=False, id="table.keep"),
        Binding("exclamation_mark", "hide", "hide", key_display="!", show=False, id="table.hide"),
        Binding("t", "trace", "trace", id="effect.trace"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._counted = ""

    # --- what a subclass says ------------------------------------------------------------------------------------------

    def ask(self, session: Session, work: Work) -> Rows[Any] | None:
        """The rows of the table; None where what is asked about is gone. For the worker. Raises CancelledError."""
        raise NotImplementedError

    def counts(self, rows: Rows[Any]) -> str:
        """How many are in which state."""
        raise NotImplementedError

    @property
    def asked(self) -> tuple[str, ...]:
        """The words of `meshscope effect` that list the same."""
        raise NotImplementedError

    def object_in_question(self) -> str:
        """The object that the row under the cursor is about, `VirtualService default/reviews`; "" for none."""
        raise NotImplementedError

    def action_trace(self) -> None:
        if name := self.object_in_question():
            if target := target_of_object(self.session.mesh, name):
                self.post_message(TraceRow(target.kind, target.selection))
            else:
                self.trouble(self.why_gone())

    def why_gone(self) -> str:
        return "what this page is about is gone"

    # --- reading -------------------------------------------------------------------------------------------------------

    def renew(self, session: Session) -> None:
        self.run_worker(partial(self._read, session), thread=True, exclusive=True, group="effect")

    def _read(self, session: Session) -> None:
        work = self._work()
        try:
            with kept_from_collector():
                rows = self.ask(session, work)
                found = self.compared(rows, session, work) if rows is not None else NONE
        except CancelledError:
            return
        except MeshscopeError as error:
            self.call_later(self._nothing, str(error))
            return
        if rows is None:
            self.call_later(self._nothing, self.why_gone())
        else:
            self.call_later(self._show_read, session, rows, found, self.counts(rows))

    def _nothing(self, why: str) -> None:
        if self._view is not None:
            self.gone(why)
        else:
            self.query_one("#state", StateLine).show(Text(safe(f"{why}; esc goes back")))

    def _work(self) -> Work:
        worker, told = get_current_worker(), time.monotonic()

        def progress(done: int, total: int) -> None:
            nonlocal told
            if (now := time.monotonic()) > told + _BETWEEN_REPORTS:
                told = now
                self.call_later(self._say_progress, done, total)

        return Work(progress, lambda: worker.is_cancelled)

    def _say_progress(self, done: int, total: int) -> None:
        """A first answer is waited for; while a newer one is worked out the last one stays."""
        if self._view is None:
            self.query_one("#state", StateLine).show(Text(f"working it out … {done:,} of {total:,}"))

    def _show_read(self, session: Session, rows: Rows[Any], found: Changes, counted: str) -> None:
        self._counted = counted
        self.show_newer(session, rows, found)

    # --- what it says of itself ----------------------------------------------------------------------------------------

    def _state(self, view: TableView) -> Text:
        text = super()._state(view)
        return text.append(f"  {self._counted}") if self._counted else text

    @property
    def listed(self) -> tuple[str, Selection]:
        """`get` lists no effects: the kind has none of these columns."""
        return "proxies", Selection()

    def proxy_in_question(self) -> str:
        return ""

    def columns_of(self, rows: Rows[Any], session: Session, *, wide: bool) -> tuple[int, ...]:  # noqa: ARG002  # the same for all
        return tuple(index for index, column in enumerate(rows.columns) if wide or not column.wide)

    def shell_line(self) -> str:
        wide = ("-o", "wide") if self._wide else ()
        line = line_of_words(("effect", *self.asked, *wide), self.session.sources, self.session.options)
        return line + self._said().pipe
