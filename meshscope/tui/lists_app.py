"""The lists in front of every screen: its keys, all commands, everything by its name. Imported when they are opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from meshscope.listing.selection import Selection
from meshscope.tui.commands import command_of
from meshscope.tui.messages import OpenList, OpenObject, RunCommand
from meshscope.tui.sources_app import SourcesApp

if TYPE_CHECKING:
    from meshscope.tui.going.things import Thing
    from meshscope.tui.help_view import KeyLine


class ListsApp(SourcesApp):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("at", "goto", "go to …", key_display="@", show=False, id="app.goto"),
        Binding("ctrl+p", "palette", "all keys and commands", show=False, id="app.palette"),
        Binding("question_mark", "help", "keys", key_display="?", id="app.help"),
    ]

    def action_help(self) -> None:
        from meshscope.tui.help_view import key_lines
        from meshscope.tui.screens.help import HelpScreen

        self.push_screen(HelpScreen(key_lines(self.screen.active_bindings.values())), self._run_key)

    def action_palette(self) -> None:
        """The keys of the screen and the lines of `:`."""
        from meshscope.tui.help_view import command_lines, key_lines
        from meshscope.tui.screens.help import HelpScreen

        lines = (*key_lines(self.screen.active_bindings.values()), *command_lines(self))
        self.push_screen(HelpScreen(lines, title="keys and commands"), self._run_key)

    def action_run_line(self, line: str) -> None:
        if self.session:
            self.post_message(RunCommand(command_of(line, self.session.mesh)))

    def action_goto(self) -> None:
        if self.session:
            from meshscope.tui.screens.goto import GotoScreen

            self.push_screen(GotoScreen(self.session), self._go_to)

    def _go_to(self, thing: Thing | None) -> None:
        if thing is not None and thing.is_proxy:
            self.post_message(OpenList("listeners", Selection(proxy=thing.name)))
        elif thing is not None:
            self.post_message(OpenObject(thing.target.kind, thing.target.selection))

    async def _run_key(self, line: KeyLine | None) -> None:
        if line is not None:
            await self.run_action(line.action, line.node)
