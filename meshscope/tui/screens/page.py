"""What all screens share: a title line, a line of keys, the command line, and the way back."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.widgets import Footer, Input, Static

from meshscope.errors import UsageError
from meshscope.render.text import safe
from meshscope.tui import commands
from meshscope.tui.messages import RunCommand
from meshscope.tui.session import Session
from meshscope.tui.widgets.title_bar import TitleBar


class Page(Screen[None]):
    """A screen of one session. A page composes its `body`; `title_parts` are shown above it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back", id="page.back"),
        Binding("colon", "command", "command", key_display=":", id="page.command"),
    ]
    DEFAULT_CSS = """
    Page #body { height: 1fr; }
    Page #command { display: none; height: 1; border: none; padding: 0 1; background: $surface; }
    Page #command.open { display: block; }
    Page #trouble { display: none; height: auto; color: $text-error; padding: 0 1; }
    Page #trouble.open { display: block; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def compose(self) -> ComposeResult:
        yield TitleBar(*self.title_parts(), id="title")
        with Container(id="body"):
            yield from self.body()
        yield Static(id="trouble", markup=False)
        yield Input(placeholder="a kind of resource, or a verb", id="command", compact=True, select_on_focus=False)
        yield Footer(show_command_palette=False, compact=True)

    def body(self) -> ComposeResult:
        raise NotImplementedError

    def title_parts(self) -> tuple[str, ...]:
        return (self.session.title,)

    # --- command line --------------------------------------------------------------------------------------------------

    def action_command(self) -> None:
        box = self.query_one("#command", Input)
        box.value = ""
        box.add_class("open")
        box.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.input.id != "command":
            return
        event.stop()
        try:
            command = commands.command_of(event.value, self.session.mesh)
        except UsageError as error:
            self.trouble(str(error))
            return
        self.close_command()
        self.post_message(RunCommand(command))

    def close_command(self) -> None:
        self.query_one("#command", Input).remove_class("open")
        self.trouble("")
        self.focus_next()

    def trouble(self, text: str) -> None:
        """One line that says what is wrong; "" takes it away."""
        line = self.query_one("#trouble", Static)
        line.update(safe(text))
        line.set_class(bool(text), "open")

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape" and self.query_one("#command", Input).has_focus:
            event.stop()
            self.close_command()

    def action_back(self) -> None:
        if len(self.app.screen_stack) > 2:
            self.app.pop_screen()
