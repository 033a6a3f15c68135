"""All objects that people wrote and that have an effect on proxies, those that are not in effect first."""

from __future__ import annotations

from functools import partial
from typing import Any

from textual.app import ComposeResult
from textual.widgets import Static

from meshscope.effect.answer import ObjectEffect
from meshscope.effect.effects import KIND_NAMES
from meshscope.listing.rows import Rows
from meshscope.render.text import safe
from meshscope.tui.effect.effect_rows import counted
from meshscope.tui.effect.questions import name_of, rows_of_all
from meshscope.tui.marks import Place
from meshscope.tui.messages import OpenEffect, RowChosen, RowPointed
from meshscope.tui.screens.effect_page import EffectPage
from meshscope.tui.session import Session
from meshscope.work import Work

_KINDS_A_LINE = 3


class EffectsScreen(EffectPage):
    DEFAULT_CSS = """
    EffectsScreen #because { height: 2; padding: 0 1; }
    """

    def place(self) -> Place:
        return Place("effect", partial(OpenEffect))

    def title_parts(self) -> tuple[str, ...]:
        return ("effect", self.session.title)

    def ask(self, session: Session, work: Work) -> Rows[Any]:
        return rows_of_all(session.mesh, session.namespace, work)

    def counts(self, rows: Rows[Any]) -> str:
        return counted(row.state for row in rows)

    @property
    def asked(self) -> tuple[str, ...]:
        return ("-n", self.session.namespace) if self.session.namespace else ()

    @property
    def nouns(self) -> tuple[str, str]:
        return "object", "objects"

    def why_empty(self) -> str:
        of = f" in namespace {self.session.namespace}" if self.session.namespace else " in this input"
        kinds = KIND_NAMES
        return "\n".join(
            (
                f"no object{of} whose effect is known",
                "add what people wrote: --from manifests/, or :from with both sources",
                *(", ".join(kinds[first : first + _KINDS_A_LINE]) for first in range(0, len(kinds), _KINDS_A_LINE)),
            )
        )

    def object_in_question(self) -> str:
        row: object = self.table.pointed
        return name_of(row) if isinstance(row, ObjectEffect) else ""

    def below(self) -> ComposeResult:
        yield Static(id="because", markup=False)

    def on_row_pointed(self, message: RowPointed) -> None:
        """The reason is whole below a narrow table."""
        super().on_row_pointed(message)
        row: object = message.row
        self.query_one("#because", Static).update(safe(row.because) if isinstance(row, ObjectEffect) else "")

    def on_row_chosen(self, message: RowChosen) -> None:
        row: object = message.row
        if isinstance(row, ObjectEffect):
            self.post_message(OpenEffect(name_of(row)))
