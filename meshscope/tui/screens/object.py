"""One object by its keys: its links to follow, and the manifest beside it."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Static
from textual.worker import get_current_worker

from meshscope.errors import CancelledError, MeshscopeError
from meshscope.location import Location
from meshscope.render.text import safe, shortened
from meshscope.tui.collector import kept_from_collector
from meshscope.tui.copied import copied
from meshscope.tui.effect.offered import has_effect, name_of_thing
from meshscope.tui.manifest_beside import Beside, beside, link_beside, why_not_beside
from meshscope.tui.messages import OpenEffect, OpenObject, RowChosen, TraceRow
from meshscope.tui.object_start import ObjectStart
from meshscope.tui.object_view import DECIDER, MADE_BY, OWNER, USED_BY, Link
from meshscope.tui.screens.object_page import ObjectPage
from meshscope.tui.screens.panes import PanesPage
from meshscope.tui.screens.text_page import LONGEST_NAMED
from meshscope.tui.text.forms import Text
from meshscope.tui.widgets.virtual_table import VirtualTable
from meshscope.tui.widgets.virtual_text import VirtualText
from meshscope.work import Work

SIDE_BY_SIDE = 120
"""Columns from which an object and its manifest stand beside each other."""


class ObjectScreen(ObjectPage, PanesPage):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "owner", "owner", id="object.owner"),
        Binding("u", "used_by", "users", id="object.used_by"),
        Binding("x", "beside", "manifest", id="object.beside"),
        Binding("i", "effect", "in effect?", id="object.effect"),
        Binding("t", "trace", "trace", id="object.trace"),
        Binding("y", "form", "raw", id="object.form"),
        Binding("tab", "pane", "links", id="object.pane"),
        Binding("backslash", "zoom", "zoom", key_display="\\", show=False, id="object.zoom"),
        Binding("c", "copy", "copy", id="object.copy"),
    ]

    @property
    def panes(self) -> dict[str, float]:
        return {"text": 1, "other": 1}

    # --- links ---------------------------------------------------------------------------------------------------------

    def action_pane(self) -> None:
        panes = [self.query_one("#links"), self.text, self.query_one("#beside")]
        panes = [pane for pane in panes if pane.focusable and pane.region]
        at = next((number for number, pane in enumerate(panes) if pane.has_focus), -1)
        if panes:
            self.set_focus(panes[(at + 1) % len(panes)])

    def on_row_chosen(self, message: RowChosen) -> None:
        self._follow(self._links[message.position])

    def _follow(self, link: Link) -> None:
        if link.target:
            self.trouble("")
            start = ObjectStart(part=link.part, at=link.at)
            self.post_message(OpenObject(link.target.kind, link.target.selection, start))
        else:
            self.trouble(f"{link.text}: {link.remark}")

    def action_owner(self) -> None:
        roles = {link.role for link in self._links}
        role = next((role for role in (DECIDER, MADE_BY) if role in roles), OWNER)
        self._follow_only(role, "no rule in this input made it, and its metadata does not name an owner")

    def action_used_by(self) -> None:
        self._follow_only(USED_BY, "nothing in this input refers to this object")

    def _follow_only(self, role: str, otherwise: str) -> None:
        """Follows the link of a role, the first where all lead to one object; else points to the first."""
        places = [index for index, link in enumerate(self._links) if link.role == role]
        if len({self._links[place].target for place in places}) == 1:
            self._follow(self._links[places[0]])
        elif places:
            table = self.query_one("#links", VirtualTable)
            table.cursor = places[0]
            self.set_focus(table)
        elif self._thing is not None:
            self.trouble(otherwise)

    def action_trace(self) -> None:
        self.post_message(TraceRow(self._kind.name, self._selection))

    def action_copy(self) -> None:
        name = self._thing.name if self._thing else self._selection.name
        self.notice(copied(self.app, name, shortened(name, LONGEST_NAMED)))

    # --- the manifest beside -------------------------------------------------------------------------------------------

    def action_effect(self) -> None:
        if self._thing is not None and (name := name_of_thing(self._thing)):
            self.post_message(OpenEffect(name))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return (action != "effect" or has_effect(self._kind)) and super().check_action(action, parameters)

    def on_resize(self) -> None:
        self.set_class(self.size.width >= SIDE_BY_SIDE, "wide")

    def action_beside(self) -> None:
        """Shows the other side, and takes it away again."""
        if self._beside:
            self._beside = None
            self._show_beside(None)
        else:
            self.show_beside()

    def show_beside(self) -> None:
        if self._thing is None:
            return
        table = self.query_one("#links", VirtualTable)
        is_manifest = self._thing.proxy is None
        link = link_beside(self._links, table.cursor if table.has_focus else None, is_manifest=is_manifest)
        if (rule := self.start.rule) and not is_manifest:  # metadata names one manifest at most, and not of every kind
            link = Link(role=OWNER, text=rule.text, target=rule.target, part=rule.path)
        if link is None:
            self.trouble(why_not_beside(self._links, is_manifest=is_manifest))
        else:
            self.run_worker(partial(self._read_beside, link), thread=True, exclusive=True, group="beside")

    def _read_beside(self, link: Link) -> None:
        worker = get_current_worker()
        try:
            with kept_from_collector():
                work = Work(None, lambda: worker.is_cancelled)
                found = beside(self.session.mesh, link, work, made=self._thing, cluster=self.start.cluster)
        except CancelledError:
            return
        except MeshscopeError as error:
            self.from_worker(self.trouble, str(error))
            return
        self.from_worker(self._show_beside, found)

    def _show_beside(self, found: Beside | None) -> None:
        self.trouble("")
        self._beside = found
        self.remove_class("zoom-text", "zoom-other")
        self.set_class(found is not None, "beside")
        if found is None:
            self.set_focus(self.text)
        else:
            self.query_one("#title-beside", Static).update(safe(found.title))
            pane = self.query_one("#beside", VirtualText)
            pane.show(found.text.lines, found.text.widest, found.text.depths)
            self.call_after_refresh(pane.begin_at, found.line)  # it may have no height before

    def action_zoom(self) -> None:
        """The pane with the focus gets the room of both."""
        if self.has_class("zoom-text") or self.has_class("zoom-other"):
            self.remove_class("zoom-text", "zoom-other")
        elif self._beside:
            self.add_class("zoom-other" if self.has_focus_on("beside") else "zoom-text")

    def shown(self) -> tuple[Text, Location | None, int]:
        if self._beside and self.has_focus_on("beside"):
            text, location = self._beside.text, self._beside.thing.location
            return text, location, self.query_one("#beside", VirtualText).current
        return self._text, self._thing.location if self._thing else None, self.text.current
