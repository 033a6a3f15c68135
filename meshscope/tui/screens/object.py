"""One object: where it is, its links to follow, and its text as YAML, as JSON or as the document has it."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from meshscope.errors import CancelledError, MeshscopeError
from meshscope.listing.describe import Description, describe
from meshscope.listing.kind import Kind
from meshscope.listing.selection import Selection
from meshscope.mesh.bodies import collector_paused
from meshscope.render.options import option_of
from meshscope.render.text import safe, shortened
from meshscope.tui.changes import CHANGED
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
    next_place,
    text_of,
)
from meshscope.tui.screens.page import Page
from meshscope.tui.session import Session
from meshscope.tui.shell_line import line_of_words
from meshscope.tui.table_view import view_of
from meshscope.tui.widgets.virtual_table import VirtualTable
from meshscope.tui.widgets.virtual_text import VirtualText
from meshscope.work import Work

MOST_LINKS = 6
"""Links that are shown at once; the others scroll."""
_TRAIL_NAME = 24


class ObjectScreen(Page):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "pane", "links", id="object.pane"),
        Binding("y", "form", "raw", id="object.form"),
        Binding("o", "owner", "owner", id="object.owner"),
        Binding("u", "used_by", "users", id="object.used_by"),
        Binding("slash", "search", "search", key_display="/", id="object.search"),
        Binding("n", "next(True)", "next match", show=False, id="object.next"),
        Binding("N", "next(False)", "previous match", show=False, id="object.previous"),
        Binding("c", "copy", "copy", id="object.copy"),
    ]
    DEFAULT_CSS = """
    ObjectScreen #facts { height: 1; text-wrap: nowrap; text-overflow: ellipsis; padding: 0 1; color: $text-muted; }
    ObjectScreen #links { display: none; }
    ObjectScreen #links.open { display: block; }
    ObjectScreen #state { height: 1; padding: 0 1; color: $text-muted; }
    ObjectScreen #search { display: none; height: 1; border: none; padding: 0 1; background: $surface; }
    ObjectScreen #search.open { display: block; }
    """

    def __init__(self, session: Session, kind: Kind[Any], selection: Selection) -> None:
        super().__init__(session)
        self._kind, self._selection = kind, selection
        self._thing: Description | None = None
        self._links: tuple[Link, ...] = ()
        self._form, self._text = Form.YAML, Text((), 0)
        self._changed_since = ""
        self._wanted, self._matches, self._place = "", lines_with((), ""), 0

    @property
    def name_in_trail(self) -> str:
        return f"{self._kind.singular} {self._selection.name}"

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
        yield VirtualText(id="text")
        yield Static(id="state", markup=False)
        yield Input(placeholder="text to search for", id="search", compact=True, select_on_focus=False)

    def on_mount(self) -> None:
        self.query_one(VirtualText).focus()
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
                    self._from_worker(self._nothing, f"nothing has this name: {self.name_in_trail}")
                    return
                is_first, since = self._thing is None, self.session.read_at
                self._from_worker(self._shown, session, thing, links(session.mesh, thing), facts(thing))
                text = text_of(thing, self._form, work)
            if is_first:
                self._from_worker(self._show_text, text)
            else:
                self._from_worker(self._show_newer_text, text, since)
        except CancelledError:
            return
        except MeshscopeError as error:
            self._from_worker(self._nothing, str(error))

    def _from_worker(self, function: Any, *values: Any) -> None:
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(function, *values)

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
        self.query_one(VirtualText).show(text.lines, text.widest)
        self._wanted, self._matches = "", lines_with((), "")
        self._show_state()

    def _show_newer_text(self, text: Text, since: str) -> None:
        """A text of the same form: the place stays, and what is searched."""
        if text.lines != self._text.lines:
            self._changed_since = since
        self._text = text
        self.query_one(VirtualText).show(text.lines, text.widest, keeps_place=True)
        self._show_state()
        if self._wanted:
            self.run_worker(self._look, thread=True, exclusive=True, group="search")

    def _show_state(self) -> None:
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
        self._from_worker(self._show_text, text)

    # --- links ---------------------------------------------------------------------------------------------------------

    def action_pane(self) -> None:
        table, text = self.query_one("#links", VirtualTable), self.query_one(VirtualText)
        (text if table.has_focus or not self._links else table).focus()

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
            table.focus()
        elif self._thing is not None:
            self.trouble(otherwise)

    def action_copy(self) -> None:
        name = self._thing.name if self._thing else self._selection.name
        self.app.copy_to_clipboard(name)
        self.app.notify(f"copied {safe(name)}", markup=False)

    # --- searching -----------------------------------------------------------------------------------------------------

    def action_search(self) -> None:
        box = self.query_one("#search", Input)
        box.value = ""
        box.add_class("open")
        box.focus()

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
        self._from_worker(self._found, wanted, matches)

    def _found(self, wanted: str, matches: Any) -> None:
        if wanted != self._wanted:
            return
        self._matches = matches
        self._go(next_place(matches, self.query_one(VirtualText).top - 1))

    def _go(self, place: int | None) -> None:
        self._place = place or 0
        self.query_one(VirtualText).mark(self._wanted, -1 if place is None else self._matches[place])
        self._show_state()

    def action_next(self, forward: bool) -> None:
        text = self.query_one(VirtualText)
        if not self._wanted:
            self.trouble("/ searches; n and N go from line to line")
            return
        self._go(next_place(self._matches, text.current if text.current >= 0 else text.top - 1, forward=forward))

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
        self.query_one(VirtualText).focus()
