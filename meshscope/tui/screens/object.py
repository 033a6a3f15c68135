"""One object: where it is, its links to follow, and its text as YAML, as JSON or as the document has it."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from meshscope.errors import CancelledError, MeshscopeError
from meshscope.listing.describe import Description, describe
from meshscope.listing.kind import Kind
from meshscope.listing.selection import Selection
from meshscope.location import Location
from meshscope.mesh.bodies import collector_paused
from meshscope.render.options import option_of
from meshscope.render.text import safe, shortened
from meshscope.tui.changes import CHANGED
from meshscope.tui.copied import copied
from meshscope.tui.manifest_beside import Beside, beside, link_beside, why_not_beside
from meshscope.tui.marks import Place
from meshscope.tui.messages import OpenObject, RowChosen
from meshscope.tui.object_view import (
    OWNER,
    USED_BY,
    Form,
    Link,
    Text,
    facts,
    lines_with,
    link_rows,
    links,
    text_of,
)
from meshscope.tui.screens.text_page import LONGEST_NAMED, TextPage
from meshscope.tui.session import Session
from meshscope.tui.shell_line import line_of_words
from meshscope.tui.table_view import view_of
from meshscope.tui.widgets.virtual_table import VirtualTable
from meshscope.tui.widgets.virtual_text import VirtualText
from meshscope.work import Work

MOST_LINKS = 6
"""Links that are shown at once; the others scroll."""
_TRAIL_NAME = 24
SIDE_BY_SIDE = 120
"""Columns from which an object and its manifest stand beside each other."""


class ObjectScreen(TextPage):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "pane", "links", id="object.pane"),
        Binding("y", "form", "raw", id="object.form"),
        Binding("o", "owner", "owner", id="object.owner"),
        Binding("u", "used_by", "users", id="object.used_by"),
        Binding("x", "beside", "manifest", id="object.beside"),
        Binding("backslash", "zoom", "zoom", key_display="\\", show=False, id="object.zoom"),
        Binding("c", "copy", "copy", id="object.copy"),
    ]
    DEFAULT_CSS = """
    ObjectScreen #facts { height: 1; text-wrap: nowrap; text-overflow: ellipsis; padding: 0 1; color: $text-muted; }
    ObjectScreen #links { display: none; }
    ObjectScreen #links.open { display: block; }
    ObjectScreen #state { height: 1; padding: 0 1; color: $text-muted; }
    ObjectScreen #texts { height: 1fr; layout: vertical; }
    ObjectScreen #other { display: none; height: 1fr; border-top: solid $surface-lighten-2; }
    ObjectScreen.beside #other { display: block; }
    ObjectScreen.beside #links { display: none; }
    ObjectScreen.beside.wide #links.open { display: block; }
    ObjectScreen #other:focus-within { border-top: solid $primary; }
    ObjectScreen.wide #texts { layout: horizontal; }
    ObjectScreen.wide #text { width: 1fr; }
    ObjectScreen.wide #other { width: 1fr; border-top: none; border-left: solid $surface-lighten-2; }
    ObjectScreen.wide #other:focus-within { border-left: solid $primary; }
    ObjectScreen.zoom-text #other { display: none; }
    ObjectScreen.zoom-other #text { display: none; }
    ObjectScreen #title-beside { height: 1; text-wrap: nowrap; text-overflow: ellipsis; padding: 0 1; color: $text-muted; }
    """

    def __init__(
        self, session: Session, kind: Kind[Any], selection: Selection, *, has_manifest_beside: bool = False
    ) -> None:
        super().__init__(session)
        self._kind, self._selection = kind, selection
        self._thing: Description | None = None
        self._links: tuple[Link, ...] = ()
        self._form = Form.YAML
        self._changed_since = ""
        self._beside: Beside | None = None
        self._wants_beside = has_manifest_beside

    @property
    def name_in_trail(self) -> str:
        return f"{self._kind.singular} {self._selection.name}"

    def place(self) -> Place:
        message = partial(OpenObject, self._kind.name, self._selection, beside=self._beside is not None)
        return Place(" ".join(filter(None, (self.name_in_trail, self._selection.proxy))), message)

    def title_parts(self) -> tuple[str, ...]:
        """The objects on the way here, the nearest last."""
        before = [screen.name_in_trail for screen in self.app.screen_stack if isinstance(screen, ObjectScreen)]
        if before and before[-1] == self.name_in_trail and self in self.app.screen_stack:
            before.pop()
        trail = [*(["…"] if len(before) > 1 else []), *(shortened(name, _TRAIL_NAME) for name in before[-1:])]
        return (" ← ".join((self.name_in_trail, *reversed(trail))), self._selection.proxy or self.session.title)

    def shell_line(self) -> str:
        options = [(option_of(field), value) for field, value in self._selection.filters() if field != "name"]
        words = ("describe", f"{self._kind.name}/{self._selection.name}", *(word for pair in options for word in pair))
        return line_of_words(words, self.session.sources, self.session.options)

    def body(self) -> ComposeResult:
        yield Static("reading …", id="facts", markup=False)
        yield VirtualTable(id="links")
        with Container(id="texts"):
            yield VirtualText(id="text")
            with Vertical(id="other"):
                yield Static(id="title-beside", markup=False)
                yield VirtualText(id="beside")
        yield Static(id="state", markup=False)
        yield Input(placeholder="text to search for", id="search", compact=True, select_on_focus=False)

    def on_mount(self) -> None:
        self.text.focus()
        self.renew(self.session)

    # --- reading -------------------------------------------------------------------------------------------------------

    def renew(self, session: Session) -> None:
        self.run_worker(partial(self._read, session), thread=True, exclusive=True, group="object")

    def _read(self, session: Session) -> None:
        worker = get_current_worker()
        work = Work(None, lambda: worker.is_cancelled)
        try:
            with collector_paused():
                thing = describe(session.mesh, self._kind, self._selection, work)
                if thing is None:
                    self.from_worker(self._nothing, f"nothing has this name: {self.name_in_trail}")
                    return
                is_first, since = self._thing is None, self.session.read_at
                self.from_worker(self._shown, session, thing, links(session.mesh, thing), facts(thing))
                text = text_of(thing, self._form, work)
            if not is_first:
                self.from_worker(self._show_newer_text, text, since)
                return
            self.from_worker(self._show_text, text)
            if self._wants_beside:
                self.from_worker(self.action_beside)
        except CancelledError:
            return
        except MeshscopeError as error:
            self.from_worker(self._nothing, str(error))

    def _nothing(self, why: str) -> None:
        if self._thing:
            self.gone(why)
        else:
            self.query_one("#facts", Static).update(safe(f"{why}; esc goes back"))

    def _shown(self, session: Session, thing: Description, found: tuple[Link, ...], facts_line: str) -> None:
        self.renewed(session)
        self._thing, self._links = thing, found
        self.query_one("#facts", Static).update(safe(facts_line))
        table = self.query_one("#links", VirtualTable)
        table.set_class(bool(found), "open")
        if found:
            rows = link_rows(found)
            visible = [
                index for index in range(len(rows.columns)) if any(rows.columns[index].cell(row) for row in rows)
            ]
            table.styles.height = min(len(found), MOST_LINKS) + 1
            table.show(view_of(rows, visible))
        if not self._text.lines:
            self.query_one("#state", Static).update("writing the text …")

    def _show_text(self, text: Text) -> None:
        self._text = text
        self.text.show(text.lines, text.widest, text.depths)
        self._wanted, self._matches = "", lines_with((), "")
        self.show_state()

    def _show_newer_text(self, text: Text, since: str) -> None:
        """A text of the same form: the place stays, and what is searched."""
        if text.lines != self._text.lines:
            self._changed_since = since
        self._text = text
        self.text.show(text.lines, text.widest, text.depths, keeps_place=True)
        self.show_state()
        if self._wanted:
            self.run_worker(self._look, thread=True, exclusive=True, group="search")
        if self._beside:
            self._beside = None
            self.action_beside()

    def show_state(self) -> None:
        count = len(self._text.lines)
        parts = [str(self._form), f"{count:,} lines" if count != 1 else "1 line"]
        if self._changed_since:
            parts.append(f"{CHANGED} changed since {self._changed_since}")
        if self._wanted:
            at = f"{self._place + 1:,} of {len(self._matches):,}" if self._matches else "no line"
            parts.append(f"{at} with {safe(self._wanted)!r}")
        self.query_one("#state", Static).update(
            " · ".join([*parts, safe(self._text.note)] if self._text.note else parts)
        )

    # --- forms ---------------------------------------------------------------------------------------------------------

    def action_form(self) -> None:
        if self._thing is None:
            return
        self._form = self._form.next
        self.query_one("#state", Static).update(f"{self._form} …")
        self.run_worker(self._write, thread=True, exclusive=True, group="object")

    def _write(self) -> None:
        worker = get_current_worker()
        if self._thing is None:
            return
        try:
            with collector_paused():
                text = text_of(self._thing, self._form, Work(None, lambda: worker.is_cancelled))
        except CancelledError:
            return
        self.from_worker(self._show_text, text)

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
            self.post_message(OpenObject(link.target.kind, link.target.selection))
        else:
            self.trouble(f"{link.text}: {link.remark}")

    def action_owner(self) -> None:
        self._follow_only(OWNER, "the metadata of this object does not name an owner")

    def action_used_by(self) -> None:
        self._follow_only(USED_BY, "nothing in this input refers to this object")

    def _follow_only(self, role: str, otherwise: str) -> None:
        """Follows the link of a role; where there are several, points to the first."""
        places = [index for index, link in enumerate(self._links) if link.role == role]
        if len(places) == 1:
            self._follow(self._links[places[0]])
        elif places:
            table = self.query_one("#links", VirtualTable)
            table.cursor = places[0]
            self.set_focus(table)
        elif self._thing is not None:
            self.trouble(otherwise)

    def action_copy(self) -> None:
        name = self._thing.name if self._thing else self._selection.name
        self.notice(copied(self.app, name, shortened(name, LONGEST_NAMED)))

    # --- the manifest beside -------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        self.set_class(self.size.width >= SIDE_BY_SIDE, "wide")

    def action_beside(self) -> None:
        """Shows the other side, and takes it away again."""
        if self._thing is None:
            return
        if self._beside:
            self._beside = None
            self._show_beside(None)
            return
        table = self.query_one("#links", VirtualTable)
        is_manifest = self._thing.proxy is None
        link = link_beside(self._links, table.cursor if table.has_focus else None, is_manifest=is_manifest)
        if link is None:
            self.trouble(why_not_beside(self._links, is_manifest=is_manifest))
        else:
            self.run_worker(partial(self._read_beside, link), thread=True, exclusive=True, group="beside")

    def _read_beside(self, link: Link) -> None:
        worker = get_current_worker()
        try:
            with collector_paused():
                found = beside(self.session.mesh, link, Work(None, lambda: worker.is_cancelled))
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
            self.query_one("#beside", VirtualText).show(found.text.lines, found.text.widest, found.text.depths)

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
