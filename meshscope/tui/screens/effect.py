"""Whether one object is in effect: its rules on the proxies, the worst answers first, and the detail of one of them."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.worker import get_current_worker

from meshscope.errors import CancelledError, MeshscopeError
from meshscope.listing.rows import Rows
from meshscope.render.effect_columns import EffectLine
from meshscope.render.trace.line import Line
from meshscope.tui.effect.effect_detail import detail
from meshscope.tui.effect.effect_rows import counted
from meshscope.tui.effect.made_object import made_object
from meshscope.tui.effect.questions import item_of, rows_of_object, word_for_shell
from meshscope.tui.marks import Place
from meshscope.tui.messages import OpenEffect, OpenObject, RowChosen, RowPointed
from meshscope.tui.object_start import ObjectStart
from meshscope.tui.screens.effect_page import EffectPage
from meshscope.tui.screens.panes import PanesPage
from meshscope.tui.session import Session
from meshscope.tui.target import WrittenRule, target_of_object
from meshscope.tui.tracing.trace_view import rows
from meshscope.tui.widgets.outline_view import OutlineView
from meshscope.tui.widgets.state_line import StateLine
from meshscope.tui.widgets.virtual_table import VirtualTable
from meshscope.work import Work

SIDE_BY_SIDE = 120
"""Columns from which the detail stands beside the table."""


class EffectScreen(EffectPage, PanesPage):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "beside", "manifest", id="effect.beside"),
        Binding("tab", "pane", "pane", show=False, id="effect.pane"),
        Binding("backslash", "zoom", "zoom", key_display="\\", show=False, id="effect.zoom"),
    ]
    DEFAULT_CSS = """
    EffectScreen #panes { height: 1fr; layout: vertical; }
    EffectScreen #table { height: 1fr; }
    EffectScreen #detail { height: 1fr; border-top: solid $surface-lighten-2; }
    EffectScreen #detail:focus { border-top: solid $primary; }
    EffectScreen.wide #panes { layout: horizontal; }
    EffectScreen.wide #table { width: 3fr; }
    EffectScreen.wide #detail { width: 2fr; border-top: none; border-left: solid $surface-lighten-2; }
    EffectScreen.wide #detail:focus { border-left: solid $primary; }
    EffectScreen.zoom-table #detail { display: none; }
    EffectScreen.zoom-detail #table { display: none; }
    """

    def __init__(self, session: Session, name: str) -> None:
        """`name` is the object, `VirtualService default/reviews`."""
        super().__init__(session)
        self._object = name
        self._detailed: EffectLine | None = None

    def body(self) -> ComposeResult:
        with Container(id="panes"):
            yield VirtualTable(id="table")
            yield OutlineView(has_cursor=False, id="detail")
        with Horizontal(id="bottom"):
            yield StateLine(id="state")

    @property
    def panes(self) -> dict[str, float]:
        return {"table": 3, "detail": 2} if self.has_class("wide") else {"table": 1, "detail": 1}

    def on_resize(self) -> None:
        self.set_class(self.size.width >= SIDE_BY_SIDE, "wide")

    def let_go(self) -> None:
        super().let_go()
        self._detailed = None

    # --- what it says of itself ----------------------------------------------------------------------------------------

    def place(self) -> Place:
        return Place(f"effect {self._object}", partial(OpenEffect, self._object))

    def title_parts(self) -> tuple[str, ...]:
        return (f"effect {self._object}", self.session.title)

    def ask(self, session: Session, work: Work) -> Rows[Any] | None:
        return rows_of_object(session.mesh, self._object, work)

    def counts(self, rows: Rows[Any]) -> str:
        return counted(line.effect.state for line in rows)

    @property
    def asked(self) -> tuple[str, ...]:
        return (word_for_shell(self._object),)

    @property
    def nouns(self) -> tuple[str, str]:
        return "answer", "answers"

    def why_gone(self) -> str:
        return f"{self._object} is not in this input"

    def object_in_question(self) -> str:
        return self._object

    def proxy_in_question(self) -> str:
        line = self._answer
        return line.proxies[0] if line and len(line.proxies) == 1 else ""

    @property
    def _answer(self) -> EffectLine | None:
        """The answer under the cursor."""
        pointed: object = self.table.pointed
        return pointed if isinstance(pointed, EffectLine) else None

    # --- the detail ----------------------------------------------------------------------------------------------------

    def on_row_pointed(self, message: RowPointed) -> None:
        super().on_row_pointed(message)
        if (line := self._answer) is not None and line is not self._detailed:
            self._detailed = line
            self.run_worker(partial(self._explain, line), thread=True, exclusive=True, group="detail")
        elif line is None and self._detailed is not None:
            self._detailed = None
            self.query_one("#detail", OutlineView).show(lambda _cells: ())

    def _explain(self, line: EffectLine) -> None:
        worker, lines = get_current_worker(), detail(line)
        if not worker.is_cancelled:
            self.call_later(self._explained, line, lines)

    def _explained(self, line: EffectLine, lines: tuple[Line, ...]) -> None:
        if line is self._detailed:
            self.query_one("#detail", OutlineView).show(partial(rows, lines))

    def action_pane(self) -> None:
        panes = [pane for pane in (self.table, self.query_one("#detail")) if pane.display]
        at = next((number for number, pane in enumerate(panes) if pane.has_focus), -1)
        self.set_focus(panes[(at + 1) % len(panes)])

    def action_zoom(self) -> None:
        """The pane with the focus gets the room of both."""
        if self.has_class("zoom-table") or self.has_class("zoom-detail"):
            self.remove_class("zoom-table", "zoom-detail")
        else:
            self.add_class("zoom-detail" if self.has_focus_on("detail") else "zoom-table")

    # --- the manifest, and what it made ----------------------------------------------------------------------------------

    def on_row_chosen(self, _message: RowChosen) -> None:
        self.action_beside()

    def action_beside(self) -> None:
        if (line := self._answer) is not None:
            self.run_worker(partial(self._open, self.session, line), thread=True, exclusive=True, group="open")

    def _open(self, session: Session, line: EffectLine) -> None:
        """The manifest at the rule beside the object that the rule made; alone where it made none."""
        worker, effect = get_current_worker(), line.effect
        item, written = item_of(session.mesh, self._object), target_of_object(session.mesh, self._object)
        if item is None or written is None:
            self.call_later(self.trouble, self.why_gone())
            return
        path = effect.location.path[len(item.location.path) :] if effect.location else ()
        rule, made = WrittenRule(self._object, written, path), None
        try:
            if effect.made and effect.proxy:
                work = Work(None, lambda: worker.is_cancelled)
                made = made_object(session.mesh, effect.proxy, effect.made, work)
        except CancelledError:
            return
        except MeshscopeError as error:
            self.call_later(self.trouble, str(error))
            return
        target = made or written
        start = ObjectStart(beside=True, rule=rule) if made else ObjectStart(part=path)
        if not worker.is_cancelled:
            self.post_message(OpenObject(target.kind, target.selection, start))
