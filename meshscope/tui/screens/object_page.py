"""What is read of one object: where it is, its links, and its text as YAML, as JSON or as the document has it."""

from __future__ import annotations

from functools import partial
from typing import Any

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.widgets import Static
from textual.worker import get_current_worker

from meshscope.errors import CancelledError, MeshscopeError
from meshscope.listing.describe import Description, describe
from meshscope.listing.kind import Kind
from meshscope.listing.selection import Selection
from meshscope.render.options import option_of
from meshscope.render.text import safe, shortened
from meshscope.tui.changes import CHANGED
from meshscope.tui.collector import kept_from_collector
from meshscope.tui.manifest_beside import Beside
from meshscope.tui.marks import Place
from meshscope.tui.messages import OpenObject
from meshscope.tui.object_start import NO_OBJECT_START, ObjectStart
from meshscope.tui.object_view import Link, facts, links
from meshscope.tui.rule_beside import line_of, part_of
from meshscope.tui.screens.linked_page import LinkedPage
from meshscope.tui.session import Session
from meshscope.tui.shell_line import line_of_words
from meshscope.tui.text.finding import lines_with
from meshscope.tui.text.forms import Form, Text, text_of
from meshscope.tui.widgets.typed_line import TypedLine
from meshscope.tui.widgets.virtual_table import VirtualTable
from meshscope.tui.widgets.virtual_text import VirtualText
from meshscope.work import Work

_TRAIL_NAME = 24


class ObjectPage(LinkedPage):
    """What is read of the object; a subclass has the keys of its links and of what stands beside it."""

    DEFAULT_CSS = """
    ObjectPage #facts { height: 1; text-wrap: nowrap; text-overflow: ellipsis; padding: 0 1; color: $text-muted; }
    ObjectPage #state { height: 1; padding: 0 1; color: $text-muted; }
    ObjectPage #texts { height: 1fr; layout: vertical; }
    ObjectPage #other { display: none; height: 1fr; border-top: solid $surface-lighten-2; }
    ObjectPage.beside #other { display: block; }
    ObjectPage.beside #links { display: none; }
    ObjectPage.beside.wide #links.open { display: block; }
    ObjectPage #other:focus-within { border-top: solid $primary; }
    ObjectPage.wide #texts { layout: horizontal; }
    ObjectPage.wide #text { width: 1fr; }
    ObjectPage.wide #other { width: 1fr; border-top: none; border-left: solid $surface-lighten-2; }
    ObjectPage.wide #other:focus-within { border-left: solid $primary; }
    ObjectPage.zoom-text #other { display: none; }
    ObjectPage.zoom-other #text { display: none; }
    ObjectPage #title-beside { height: 1; text-wrap: nowrap; text-overflow: ellipsis; padding: 0 1; color: $text-muted; }
    """

    def __init__(
        self, session: Session, kind: Kind[Any], selection: Selection, start: ObjectStart = NO_OBJECT_START
    ) -> None:
        super().__init__(session)
        self._kind, self._selection = kind, selection
        self._form = Form.YAML
        self._changed_since = ""
        self._beside: Beside | None = None
        self.start = start

    @property
    def name_in_trail(self) -> str:
        return f"{self._kind.singular} {self._selection.name}"

    def place(self) -> Place:
        start = replace(self.start, beside=self._beside is not None)
        message = partial(OpenObject, self._kind.name, self._selection, start)
        return Place(" ".join(filter(None, (self.name_in_trail, self._selection.proxy))), message)

    def title_parts(self) -> tuple[str, ...]:
        """The objects on the way here, the nearest last."""
        before = [screen.name_in_trail for screen in self.app.screen_stack if isinstance(screen, ObjectPage)]
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
        yield TypedLine(placeholder="text to search for", id="search", does="stay there")

    def on_mount(self) -> None:
        self.text.focus()
        self.renew(self.session)

    def let_go(self) -> None:
        self._beside = None
        self.forget_links()

    # --- reading -------------------------------------------------------------------------------------------------------

    def renew(self, session: Session) -> None:
        self.run_worker(partial(self._read, session), thread=True, exclusive=True, group="object")

    def _read(self, session: Session) -> None:
        worker = get_current_worker()
        work = Work(None, lambda: worker.is_cancelled)
        try:
            with kept_from_collector():
                thing = describe(session.mesh, self._kind, self._selection, work)
                if thing is None:
                    self.from_worker(self._nothing, f"nothing has this name: {self.name_in_trail}")
                    return
                is_first, since = self._thing is None, self.session.read_at
                found = links(session.mesh, thing, self.start.decider)
                self.from_worker(self._shown, session, thing, found, facts(thing))
                text = text_of(thing, self._form, work)
                line = line_of(text, thing, part_of(thing, self.start.part, self.start.at)) if is_first else None
            if not is_first:
                self.from_worker(self._show_newer_text, text, since)
                return
            self.from_worker(self._show_text, text, line or 0)
            if self.start.beside:
                self.from_worker(self.show_beside)
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
        self._thing = thing
        self.query_one("#facts", Static).update(safe(facts_line))
        self.show_links(session.mesh, thing, found)
        if not self._text.lines:
            self.query_one("#state", Static).update("writing the text …")

    def _show_text(self, text: Text, line: int = 0) -> None:
        self._text = text
        self.text.show(text.lines, text.widest, text.depths)
        if line:
            self.call_after_refresh(self.text.begin_at, line)  # the links below take their room first
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
            self.show_beside()

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

    def show_beside(self) -> None:
        """Reads what stands beside the object, and shows it."""
        raise NotImplementedError

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
            with kept_from_collector():
                text = text_of(self._thing, self._form, Work(None, lambda: worker.is_cancelled))
        except CancelledError:
            return
        self.from_worker(self._show_text, text)
