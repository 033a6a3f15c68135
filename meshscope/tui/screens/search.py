"""One box over everything: each place in all proxies and manifests that mentions a text."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from meshscope.errors import CancelledError, MeshscopeError
from meshscope.listing.mention import Mention
from meshscope.listing.rows import Rows
from meshscope.render.text import safe
from meshscope.tui.changes import NONE, Changes, changes
from meshscope.tui.marks import Place
from meshscope.tui.messages import OpenObject, OpenSearch, RowChosen, TraceRow
from meshscope.tui.screens.page import Page
from meshscope.tui.search_view import NARROW, WIDE, mentions, summary, target_of
from meshscope.tui.session import Session
from meshscope.tui.shell_line import line_of_words
from meshscope.tui.table_view import view_of
from meshscope.tui.target import Target
from meshscope.tui.widgets.typed_line import TypedLine
from meshscope.tui.widgets.virtual_table import VirtualTable
from meshscope.work import Work

HINT = "an IP, IP:port, a host, a cluster, a SAN, a secret, any other name,\nor an object as kind/name.namespace"
_PAUSE = 0.15
"""Seconds without a new letter before the search begins."""


class SearchScreen(Page):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "edit", "text", key_display="/", id="search.edit"),
        Binding("w", "wide", "wide", id="search.wide"),
        Binding("t", "trace", "trace", id="search.trace"),
    ]
    DEFAULT_CSS = """
    SearchScreen #what { height: 1; border: none; padding: 0 1; background: $surface; }
    SearchScreen #state { height: 1; padding: 0 1; color: $text-muted; }
    SearchScreen #empty { height: 1fr; content-align: center middle; text-align: center; color: $text-muted; }
    SearchScreen #table { display: none; }
    SearchScreen.found #table { display: block; }
    SearchScreen.found #empty { display: none; }
    """

    def __init__(self, session: Session, text: str) -> None:
        super().__init__(session)
        self._typed, self._wide = text, False
        self._rows: Rows[Mention] | None = None
        self._timer: Timer | None = None
        self._goes_to_rows = False

    def place(self) -> Place | None:
        return Place(f"find {self._typed}", partial(OpenSearch, self._typed)) if self._typed.strip() else None

    def title_parts(self) -> tuple[str, ...]:
        return (self.session.title, "find", self._typed)

    def shell_line(self) -> str:
        text = self._typed.strip()
        return (
            line_of_words(("find", text), self.session.sources, self.session.options) if text else super().shell_line()
        )

    def body(self) -> ComposeResult:
        yield TypedLine(self._typed, placeholder="find in all proxies and manifests", id="what", does="to the rows")
        yield VirtualTable(id="table")
        yield Static(HINT, id="empty", markup=False)
        yield Static(id="state", markup=False)

    def on_mount(self) -> None:
        self.query_one("#what", Input).focus()

    def renew(self, session: Session) -> None:
        """The text is looked for again; the last answer stays until then."""
        since = self.session.read_at
        self.renewed(session)
        if self._typed.strip():
            self.run_worker(partial(self._look, self._rows, since), thread=True, exclusive=True, group="search")

    # --- searching -----------------------------------------------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        """Also called for the text that the screen begins with."""
        if event.input.id != "what":
            return
        self._typed = event.value
        self.workers.cancel_group(self, "search")
        self._goes_to_rows = False
        self._stop_timer()
        if self._typed.strip():
            self.query_one("#state", Static).update("searching …")
            self._timer = self.set_timer(_PAUSE, self._start)
        else:
            self._show_nothing(HINT)

    def let_go(self) -> None:
        self._rows = None

    def _stop_timer(self) -> bool:
        """Whether a search was about to begin."""
        timer, self._timer = self._timer, None
        if timer:
            timer.stop()
        return timer is not None

    def _start(self) -> None:
        self._stop_timer()
        self.run_worker(self._look, thread=True, exclusive=True, group="search")

    def _look(self, before: Rows[Mention] | None = None, since: str = "") -> None:
        """`before` are the mentions of the same text in what was read `since` then."""
        worker, text = get_current_worker(), self._typed.strip()
        try:
            work = Work(None, lambda: worker.is_cancelled)
            rows = mentions(self.session.mesh, text, work, namespace=self.session.namespace)
            found = changes(before, rows, WIDE, since, work) if before else NONE
        except CancelledError:
            return
        except MeshscopeError as error:
            if not worker.is_cancelled:
                self.app.call_from_thread(self._show_nothing, safe(str(error)))
            return
        if not worker.is_cancelled:
            self.app.call_from_thread(self._shown, rows, text, found)

    def _show_nothing(self, why: str) -> None:
        self._rows = None
        self.remove_class("found")
        self.query_one("#empty", Static).update(why)
        self.query_one("#state", Static).update("")

    def _shown(self, rows: Rows[Mention], text: str, found: Changes) -> None:
        self.note(found)
        if not len(rows):
            self._show_nothing(
                f"nothing mentions {safe(text)!r}\na word is found where it stands alone: reviews, not revi"
            )
            return
        self._rows = rows
        self.add_class("found")
        self._arrange()
        self._say_state()
        if self._goes_to_rows:
            self._goes_to_rows = False
            self.set_focus(self.query_one("#table", VirtualTable))

    def _arrange(self) -> None:
        if self._rows is not None:
            view = view_of(self._rows, WIDE if self._wide else NARROW)
            self.query_one("#table", VirtualTable).show(view, glyphs=self.changes.glyphs)

    def _say_state(self) -> None:
        said = (summary(self._rows), self.changes.text) if self._rows is not None else ()
        self.query_one("#state", Static).update(" · ".join(filter(None, said)))

    def forget_changes(self) -> None:
        self.query_one("#table", VirtualTable).forget_glyphs()
        self._say_state()

    # --- keys ----------------------------------------------------------------------------------------------------------

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.input.id == "what":
            event.stop()
            self._to_table()

    def on_key(self, event: events.Key) -> None:
        if event.key == "down" and self.query_one("#what", Input).has_focus:
            event.stop()
            self._to_table()

    def _to_table(self) -> None:
        """To the rows of the text that is there; where they are still looked for, as soon as they come."""
        if self._stop_timer():
            self._start()
        if any(not worker.is_finished for worker in self.workers if worker.group == "search"):
            self._goes_to_rows = True
        elif self._rows is not None:
            self.set_focus(self.query_one("#table", VirtualTable))

    def action_edit(self) -> None:
        self.set_focus(self.query_one("#what", Input))

    def action_wide(self) -> None:
        self._wide = not self._wide
        self._arrange()

    def on_row_chosen(self, message: RowChosen) -> None:
        if self._rows is None:
            return
        if target := self._target(self._rows[message.position]):
            self.post_message(OpenObject(target.kind, target.selection))

    def action_trace(self) -> None:
        mention: object = self.query_one("#table", VirtualTable).pointed
        if isinstance(mention, Mention) and (target := self._target(mention)):
            self.post_message(TraceRow(target.kind, target.selection))

    def _target(self, mention: Mention) -> Target | None:
        """The object that has the mention; where no table lists it, that is said."""
        target = target_of(self.session.mesh, mention)
        missing = f"no table lists {mention.name}; it is at {mention.location.place().document}"
        self.trouble("" if target else missing)
        return target
