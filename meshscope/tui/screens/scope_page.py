"""What Scope reads in its workers, and how it is laid out: five columns side by side, fewer on a narrow terminal."""

from __future__ import annotations

import time
from functools import partial
from itertools import chain

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import ProgressBar
from textual.worker import get_current_worker

from meshscope.errors import CancelledError
from meshscope.listing.scope import COLUMNS, scope_of
from meshscope.listing.scope_lines import ScopeLines
from meshscope.mesh.proxy import Proxy
from meshscope.tui.changes import Changes, new_and_gone
from meshscope.tui.collector import kept_from_collector
from meshscope.tui.letting_go import fading
from meshscope.tui.marks import Place
from meshscope.tui.messages import NO_SCOPE_START, OpenScope, ScopeStart
from meshscope.tui.scope_view import (
    ScopeView,
    beyond,
    detail,
    filter_of,
    name_of,
    read_first_lines,
    start_of,
    started,
    status,
    texts,
    view_of,
)
from meshscope.tui.screens.panes import PanesPage
from meshscope.tui.session import Session
from meshscope.tui.widgets.scope_column import ScopeColumn
from meshscope.tui.widgets.state_line import StateLine
from meshscope.tui.widgets.title_bar import TitleBar
from meshscope.work import Work

ALL_COLUMNS_FROM = 130
_BETWEEN_REPORTS = 0.1
"""Seconds between two reports of progress."""
WEIGHTS = (4, 5, 6, 6, 5)
"""Of the columns, as in the style below."""
FEW = 3
"""Columns on a terminal of fewer cells than that."""


class ScopePage(PanesPage):
    """`_texts` are what a filter searches, of the columns that were filtered once."""

    DEFAULT_CSS = """
    ScopePage #columns { height: 1fr; }
    ScopePage #columns ScopeColumn { border-left: vkey $surface; padding: 0; }
    ScopePage #columns #column-0 { width: 4fr; }
    ScopePage #columns #column-1, ScopePage #columns #column-4 { width: 5fr; }
    ScopePage #columns #column-2, ScopePage #columns #column-3 { width: 6fr; }
    ScopePage #columns ScopeColumn.first { border-left: none; }
    ScopePage #detail { color: $foreground; }
    ScopePage #progress { height: 1; width: 100%; padding: 0 1; }
    ScopePage #bottom { height: 1; }
    ScopePage #status { width: 1fr; }
    """

    def __init__(self, session: Session, proxy: Proxy, start: ScopeStart = NO_SCOPE_START) -> None:
        super().__init__(session)
        self.add_class("wide")
        self._proxy, self._start = proxy, start
        self._view: ScopeView | None = None
        self._texts: dict[int, tuple[str, ...]] = {}
        self._typed = ""

    @property
    def panes(self) -> dict[str, float]:
        return {f"column-{column}": weight for column, weight in enumerate(WEIGHTS)}

    def place(self) -> Place:
        view = self._view
        start = start_of(view) if view else self._start
        words = (f"[{text}]" for _, text in start.filters)
        narrowed = (name_of(view, column) for column, _ in start.selected) if view else ()
        return Place(
            " ".join(("scope", self._proxy.name, *narrowed, *words)), partial(OpenScope, self._proxy.name, start)
        )

    def title_parts(self) -> tuple[str, ...]:
        return (self.session.title, f"scope {self._proxy.name}")

    def body(self) -> ComposeResult:
        with Horizontal(id="columns"):
            for column in range(len(COLUMNS)):
                yield ScopeColumn(column, id=f"column-{column}")
        yield ProgressBar(show_eta=False, id="progress")
        yield StateLine("reading …", id="detail")
        with Horizontal(id="bottom"):
            yield StateLine(id="status")

    def on_mount(self) -> None:
        self._slide(0)
        self._column(0).focus()
        self.renew(self.session)

    # --- reading -------------------------------------------------------------------------------------------------------

    def _work(self) -> Work:
        worker = get_current_worker()
        bar = self.query_one("#progress", ProgressBar)

        shown = 0.0

        def progress(done: int, total: int) -> None:
            nonlocal shown
            if (now := time.monotonic()) > shown + _BETWEEN_REPORTS:
                shown = now
                self.call_later(
                    partial(bar.update, total=total, progress=done)
                )  # the thread does not wait for the frame

        return Work(progress, lambda: worker.is_cancelled)

    def renew(self, session: Session) -> None:
        self.run_worker(partial(self._read, session), thread=True, exclusive=True, group="scope")

    def _read(self, session: Session) -> None:
        mesh = session.mesh
        proxy = next((each for each in mesh.proxies if each.id == self._proxy.id), None)
        if proxy is None:
            self.call_later(self.gone, f"{self._proxy.name} is gone")
            return
        try:
            with kept_from_collector():
                work = self._work()
                scope = scope_of(mesh, proxy, work)
                lines = ScopeLines(mesh, proxy, scope)
                searched = {column: texts(lines, column, work) for column in self._filtered()}
                before = self._view.scope.columns if self._view else scope.columns
                found = new_and_gone(chain(*before), chain(*scope.columns), self.session.read_at)
                view = view_of(scope, lines)
                read_first_lines(view, self._view.cursors if self._view else view.cursors)
            self.call_later(self._read_all, session, proxy, view, searched, found)
        except CancelledError:
            return

    def _filtered(self) -> tuple[int, ...]:
        """The columns whose texts are wanted."""
        first = (column for column, _ in self._start.filters) if self._view is None else ()
        return (*self._texts, *(column for column in first if column not in self._texts))

    def _read_all(  # all that a worker has read
        self,
        session: Session,
        proxy: Proxy,
        newer: ScopeView,
        searched: dict[int, tuple[str, ...]],
        found: Changes,
    ) -> None:
        self.renewed(session)
        self.note(found)
        self.query_one("#progress").display = False
        self._proxy, self._texts = proxy, searched
        if self._view is None:
            self._arrange(started(newer, self._start, searched))
            self._slide(self._start.focus)
            if self._column(0).has_focus:
                self.set_focus(self._column(self._start.focus))
            return
        filters, view = self._view.filters, self._view.on(newer.scope, newer.lines)
        for column, lines in searched.items():
            if filter_ := filters[column]:
                view = view.filtering(column, filter_of(filter_.text, lines))
        before = self._view
        self._arrange(view)
        self._fade(before)

    def let_go(self) -> None:
        view, self._view, self._texts = self._view, None, {}
        self._fade(view)

    def _fade(self, view: ScopeView | None) -> None:
        if view:
            work = fading(view, lambda one: list(map(list, one.scope.columns)))
            self.app.run_worker(work, thread=True, group="fading")

    def _read_texts(self, column: int, view: ScopeView) -> None:
        try:
            with kept_from_collector():
                found = texts(view.lines, column, self._work())
        except CancelledError:
            return
        self.app.call_from_thread(self._filter_by, column, found)

    def _filter_by(self, column: int, found: tuple[str, ...]) -> None:
        self._texts[column] = found
        self.query_one("#progress").display = False
        self._refilter()

    def _refilter(self) -> None:
        view = self._view
        filter_ = view.filters[view.focus] if view else None
        if (filter_.text if filter_ else "") == self._typed:
            return
        if view and (searched := self._texts.get(view.focus)) is not None:
            self._arrange(view.filtering(view.focus, filter_of(self._typed, searched)))

    # --- showing -------------------------------------------------------------------------------------------------------

    def _column(self, column: int) -> ScopeColumn:
        return self.query_one(f"#column-{column}", ScopeColumn)

    def _arrange(self, view: ScopeView) -> None:
        self._view = view
        for column in self.query(ScopeColumn):
            column.show(view, self.changes.glyphs)
        words = " · ".join(filter(None, (self.changes.text, status(view))))
        self.query_one("#status", StateLine).show(Text(words))
        first, end = self._window(view.focus)
        self.query_one("#title", TitleBar).show(*self.title_parts(), beyond(view, first, end))
        self.query_one("#detail", StateLine).show(Text(detail(view) or self._why_empty(view)))

    def _why_empty(self, view: ScopeView) -> str:
        if any(view.scope.columns):
            return ""
        return "no listener, route table or cluster of this proxy was captured; esc goes back"

    def _window(self, focus: int) -> tuple[int, int]:
        """The columns that there is room for, with the focused one in the middle where it has neighbours."""
        count = len(COLUMNS) if self.app.size.width >= ALL_COLUMNS_FROM else FEW
        first = max(0, min(focus - 1, len(COLUMNS) - count))
        return first, first + count

    def _slide(self, focus: int) -> None:
        first, end = self._window(focus)
        for index in range(len(COLUMNS)):
            column = self._column(index)
            column.display = first <= index < end
            column.set_class(index == first, "first")

    def on_resize(self) -> None:
        self._slide(self._view.focus if self._view else 0)
        if self._view:
            self._arrange(self._view)

    def forget_changes(self) -> None:
        if self._view:
            self._arrange(self._view)
