"""What all screens share: a title line, a line of keys, the command line, a line of notice, and the way back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget
from textual.widgets import Input, Static

from meshscope.errors import UsageError
from meshscope.listing.registry import KINDS
from meshscope.render.text import safe
from meshscope.tui import commands
from meshscope.tui.changes import NONE, Changes
from meshscope.tui.copied import copied
from meshscope.tui.messages import RunCommand
from meshscope.tui.screens.marked import MarkedScreen
from meshscope.tui.session import Session
from meshscope.tui.shell_line import line_of_words
from meshscope.tui.source_state import SourceState
from meshscope.tui.widgets.command_line import CommandLine
from meshscope.tui.widgets.key_line import KeyLine
from meshscope.tui.widgets.title_bar import TitleBar


class Page(MarkedScreen):
    """A screen of one session. A page composes its `body`; `title_parts` are shown above it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("colon", "command", "command", key_display=":", id="page.command"),
        Binding("escape", "back", "back", id="page.back"),
        Binding("ctrl+o", "back", "back", show=False, id="page.back_too"),
        Binding("left_square_bracket", "back", "back", key_display="[", show=False, id="page.earlier"),
        Binding("dollar_sign", "shell_line", "shell", key_display="$", show=False, id="page.shell_line"),
    ]
    DEFAULT_CSS = """
    Page #body { height: 1fr; }
    Page #command { display: none; height: 1; border: none; padding: 0 1; background: $surface; }
    Page #command.open { display: block; }
    Page #trouble { display: none; height: auto; max-height: 3; padding: 0 1; color: $text-error; }
    Page #trouble.open { display: block; }
    Page #notice { display: none; height: auto; max-height: 6; padding: 0 1; color: $text-success; }
    Page #notice.open { display: block; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._source_state = SourceState()
        self.changes = NONE
        self._is_gone = False
        self._focus_before: Widget | None = None

    def compose(self) -> ComposeResult:
        yield TitleBar(*self.title_parts(), state=self._source_state, id="title")
        with Container(id="body"):
            yield from self.body()
        yield Static(id="notice", markup=False)
        yield Static(id="trouble", markup=False)
        yield KeyLine(id="keys")

    def body(self) -> ComposeResult:
        raise NotImplementedError

    def title_parts(self) -> tuple[str, ...]:
        return (self.session.title,)

    # --- renewal -------------------------------------------------------------------------------------------------------

    def renew(self, session: Session) -> None:
        """Reads in a worker what the page shows, of another session; also at the start.

        A page has the session of what it shows: until the worker is done, and where the session lacks its object, it stays as
        it is. What the user arranged stays in any case.
        """
        raise NotImplementedError

    def renewed(self, session: Session) -> None:
        """The worker is done."""
        self.session = session
        self.query_one("#title", TitleBar).rename(*self.title_parts())
        if self._is_gone:
            self._is_gone = False
            self.trouble("")

    def note(self, found: Changes) -> None:
        """What a renewal changed is marked until the next one that changes something, or a key."""
        self.changes = found or self.changes

    def forget_changes(self) -> None:
        """They are seen by now: the page takes its marks away."""

    def gone(self, why: str) -> None:
        """The newer session lacks what this page is about."""
        self._is_gone = True
        self.trouble(f"{why}\nthis is what was read before; esc goes back")

    def tell_sources(self, state: SourceState) -> None:
        """How old the picture is, and who does not answer, in the title."""
        self._source_state = state
        for title in self.query("#title").results(TitleBar):
            title.tell(state)

    # --- command line --------------------------------------------------------------------------------------------------

    def _completions(self, line: str) -> list[str]:
        """Printable ones; kinds of proxies are before those of manifests."""
        lines = (each for each in commands.completions(line, self.session) if each.isprintable())
        return sorted(lines, key=lambda each: each not in KINDS)

    async def action_command(self) -> None:
        self._focus_before = self.focused
        if not self.query("#command"):  # mounted when it is first wanted, so that the first frame is early
            line = CommandLine(self._completions, placeholder="a kind of resource, home, or quit", id="command")
            await self.mount(line, before="#keys")
        self.query_one("#command", CommandLine).open(self.session.history)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.input.id != "command":
            return
        event.stop()
        self.query_one("#command", CommandLine).remember()
        try:
            command = commands.command_of(event.value, self.session.mesh)
        except UsageError as error:
            self.trouble(str(error))
            return
        self.close_command()
        self.post_message(RunCommand(command))

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input.id == "command":
            self.trouble("")

    def close_command(self) -> None:
        self.query_one("#command", CommandLine).remove_class("open")
        self.trouble("")
        if self._focus_before is not None:
            self.set_focus(self._focus_before)
        else:
            self.focus_next()

    def shell_line(self) -> str:
        """The line of a shell that shows the same, or opens the browser on it."""
        return line_of_words(("ui",), self.session.sources, self.session.options)

    def beside_shell_line(self) -> Iterable[str]:
        """Sentences about it."""
        return ()

    def action_shell_line(self) -> None:
        """Says and copies it."""
        if self.session.is_anonymous:
            self.notice("no line of a shell shows these names; P shows those of the sources")
            return
        line = self.shell_line()
        self.notice("\n".join((line, copied(self.app, line, "this line"), *self.beside_shell_line())))

    # --- lines below the body ------------------------------------------------------------------------------------------

    def trouble(self, text: str) -> None:
        """Says what is wrong; "" takes it away."""
        self._line("#trouble", text)

    def notice(self, text: str) -> None:
        """Says what was done, until the next key; "" takes it away."""
        self._line("#notice", text)

    @property
    def has_notice(self) -> bool:
        return self.query_one("#notice").has_class("open")

    def _line(self, name: str, text: str) -> None:
        line = self.query_one(name, Static)
        if not text and not line.has_class("open"):
            return  # an update lays the whole screen out anew
        line.update("\n".join(map(safe, text.split("\n"))))
        line.set_class(bool(text), "open")

    def on_key(self, event: events.Key) -> None:
        self.notice("")
        if self.changes:
            self.changes = NONE
            self.forget_changes()
        if self.awaits_mark:
            self.take_mark(event)
        elif event.key == "escape" and self.has_focus_on("command"):
            event.stop()
            self.close_command()

    def has_focus_on(self, name: str) -> bool:
        """Whether the widget of an id has the focus."""
        return self.focused is not None and self.focused.id == name

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's signature
        return not (action == "back" and len(self.app.screen_stack) <= 2 and not self.has_focus_on("command"))

    def action_back(self) -> None:
        if self.has_focus_on("command"):
            self.close_command()
        elif len(self.app.screen_stack) > 2:
            self.leave_place()
            self.app.pop_screen()
