"""The browser as a Textual app: it owns the session and moves between screens; what they show is theirs."""

from __future__ import annotations

import os
from functools import partial
from typing import ClassVar

from textual.app import App
from textual.binding import Binding, BindingType

from meshscope.listing.registry import kind_named
from meshscope.listing.selection import Selection
from meshscope.tui import commands
from meshscope.tui.help_view import KeyLine, key_lines
from meshscope.tui.likely_request import likely_request, why_none
from meshscope.tui.marks import kept
from meshscope.tui.messages import (
    OpenList,
    OpenObject,
    OpenScope,
    OpenSearch,
    OpenTrace,
    RunCommand,
    SessionOpened,
    TraceRow,
)
from meshscope.tui.screens.help import HelpScreen
from meshscope.tui.screens.home import HomeScreen
from meshscope.tui.screens.list import ListScreen
from meshscope.tui.screens.opening import OpeningScreen
from meshscope.tui.screens.scope import ScopeScreen
from meshscope.tui.screens.search import SearchScreen
from meshscope.tui.screens.trace import TraceScreen
from meshscope.tui.session import OpenMesh, Session


class Browser(App[None]):
    """`open_mesh` opens the sources in a worker, and again for each refresh. `at` is the moment of judgement."""

    TITLE = "meshscope"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "quit", id="app.quit"),
        Binding("ctrl+c", "quit", "quit", show=False, id="app.interrupt"),
        Binding("f", "search", "find", id="app.search"),
        Binding("question_mark", "help", "keys", key_display="?", id="app.help"),
    ]

    def __init__(self, open_mesh: OpenMesh, sources: tuple[str, ...], *, at: str = "") -> None:
        super().__init__()
        self._open_mesh, self._sources, self._at = open_mesh, sources, at
        self.session: Session | None = None
        if {"SSH_CONNECTION", "SSH_TTY"} & os.environ.keys():
            self.animation_level = "none"
        if self.console.color_system == "standard" and "TEXTUAL_THEME" not in os.environ:
            self.theme = "ansi-dark"  # the terminal's own sixteen colours on its own background, dark or light

    def on_mount(self) -> None:
        self.push_screen(OpeningScreen(self._open_mesh, self._sources, self._at))

    def on_session_opened(self, message: SessionOpened) -> None:
        if before := self.session:
            is_same_source = before.sources == message.session.sources
            message.session.marks.update(kept(before.marks, is_same_source=is_same_source))
        self.session = message.session
        self.switch_screen(HomeScreen(message.session, message.home))

    def on_open_list(self, message: OpenList) -> None:
        if self.session:
            show = self.switch_screen if message.instead else self.push_screen
            kind = kind_named(message.kind, self.session.mesh)
            show(ListScreen(self.session, kind, message.selection, message.row))

    def on_open_object(self, message: OpenObject) -> None:
        if self.session:
            from meshscope.tui.screens.object import ObjectScreen  # the first frame does not wait for it

            kind = kind_named(message.kind, self.session.mesh)
            self.push_screen(ObjectScreen(self.session, kind, message.selection, has_manifest_beside=message.beside))

    def on_open_trace(self, message: OpenTrace) -> None:
        if self.session:
            self.push_screen(TraceScreen(self.session, message.request))

    def on_trace_row(self, message: TraceRow) -> None:
        if self.session:
            work = partial(self._trace_row, self.session, message)
            self.run_worker(work, thread=True, exclusive=True, group="likely request")

    def _trace_row(self, session: Session, message: TraceRow) -> None:
        request = likely_request(session.mesh, message.row)
        if request is None:
            why = why_none(kind_named(message.kind, session.mesh))
            self.call_from_thread(partial(self.notify, why, timeout=5, markup=False))
        else:
            self.call_from_thread(self.post_message, OpenTrace(request))

    def on_open_scope(self, message: OpenScope) -> None:
        if self.session:
            for proxy in Selection(proxy=message.proxy).proxies(self.session.mesh)[:1]:
                self.push_screen(ScopeScreen(self.session, proxy))

    def on_run_command(self, message: RunCommand) -> None:
        match message.command:
            case commands.Quit():
                self.exit()
            case commands.ShowHome():
                while len(self.screen_stack) > 2:
                    self.pop_screen()
            case commands.ShowList(kind, selection):
                self.on_open_list(OpenList(kind, selection))
            case commands.ShowTrace(request):
                self.on_open_trace(OpenTrace(request))
            case commands.ShowScope(proxy):
                self.on_open_scope(OpenScope(proxy))
            case commands.ShowSearch(text):
                self.on_open_search(OpenSearch(text))

    def on_open_search(self, message: OpenSearch) -> None:
        if self.session:
            self.push_screen(SearchScreen(self.session, message.text))

    def action_search(self) -> None:
        self.on_open_search(OpenSearch())

    def action_help(self) -> None:
        self.push_screen(HelpScreen(key_lines(self.screen.active_bindings.values())), self._run_key)

    async def _run_key(self, line: KeyLine | None) -> None:
        if line is not None:
            await self.run_action(line.action, line.node)
