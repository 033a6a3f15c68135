"""The browser as a Textual app: it owns the session and moves between screens; what they show is theirs."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace
from textual.binding import Binding, BindingType
from textual.filter import LineFilter, Monochrome, NoColor

from meshscope.listing.registry import kind_named
from meshscope.listing.selection import Selection
from meshscope.tui import commands
from meshscope.tui.lists_app import ListsApp
from meshscope.tui.marks import kept as kept_marks
from meshscope.tui.messages import (
    OpenEffect,
    OpeningFailed,
    OpenList,
    OpenObject,
    OpenScope,
    OpenSearch,
    OpenTrace,
    RunCommand,
    SessionOpened,
    TraceRow,
)
from meshscope.tui.preferences.first_hint import first_hint
from meshscope.tui.preferences.kept import Kept
from meshscope.tui.preferences.settings import DEFAULTS, Settings
from meshscope.tui.refreshing import Refresher
from meshscope.tui.screens.home import HomeScreen
from meshscope.tui.screens.list import ListScreen
from meshscope.tui.screens.opening import OpeningScreen
from meshscope.tui.screens.page import Page
from meshscope.tui.session import Opener, Session
from meshscope.tui.terminal_gone import LOOK_SECONDS, watcher

if TYPE_CHECKING:
    from meshscope.collect.rereading import Reading
    from meshscope.mesh.mesh import Mesh


class Browser(ListsApp):
    """`opener` reads the sources in workers, and again for each refresh. `at` is the moment of judgement; `contexts` are those
    of the kubeconfig."""

    TITLE = "meshscope"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "search", "find", id="app.search"),
        Binding("Q", "quit_with_line", "quit, the shell line stays", show=False, id="app.quit_with_line"),
        Binding("S", "picture", "save the screen as SVG", show=False, id="app.picture"),
        Binding("P", "anonymise", "anonymise, show the names", show=False, id="app.anonymise"),
        Binding("ctrl+c", "quit", "quit", show=False, id="app.interrupt"),
        Binding("q", "quit", "quit", id="app.quit"),
    ]

    def __init__(  # noqa: PLR0913  # sources, and how they are shown
        self,
        opener: Opener,
        sources: tuple[str, ...],
        *,
        at: str = "",
        options: tuple[str, ...] = (),
        contexts: Callable[[], list[str]] = list,
        settings: Settings = DEFAULTS,
        kept: Kept | None = None,
    ) -> None:
        """`kept` is what outlives the program: without it neither history nor hint."""
        super().__init__()
        self._opener, self._sources = opener, sources
        self._settings, self._kept = settings, kept
        self._history = kept.history() if kept else []
        self._new_session = partial(Session, at=at, options=options, history=self._history, contexts=contexts)
        self.last_line = ""
        self.set_keymap(settings.keymap)
        if {"SSH_CONNECTION", "SSH_TTY"} & os.environ.keys():
            self.animation_level = "none"
        if settings.theme:
            self.theme = settings.theme
        elif self.console.color_system == "standard" and "TEXTUAL_THEME" not in os.environ:
            self.theme = "ansi-dark"  # the terminal's own sixteen colours on its own background, dark or light

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's signature
        """While sources are opened there is nothing to ask them."""
        is_opening = bool(self.screen_stack) and isinstance(self.screen, OpeningScreen)
        return not is_opening or action == "quit"

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual chooses what NO_COLOR takes away by the theme that it starts with: of a terminal's own colours, which have no
        values, it would make black on black.
        """
        filters = super().get_line_filters()
        if self.native_ansi_color:
            filters = [NoColor() if isinstance(each, Monochrome) else each for each in filters]
        if not self._settings.is_ascii:
            return filters
        from meshscope.tui.ascii import AsciiFilter  # only for a terminal without UTF-8

        return [*filters, AsciiFilter()]

    def on_mount(self) -> None:
        self._open(self._sources)
        if is_gone := watcher():
            self.set_interval(LOOK_SECONDS, lambda: self.exit() if is_gone() else None)

    # --- sources -------------------------------------------------------------------------------------------------------

    def _open(self, sources: tuple[str, ...]) -> None:
        """The command line's history goes on with other sources."""
        start = partial(self._new_session, sources=sources)
        self.push_screen(OpeningScreen(self._opener, sources, start, returns=self.session is not None))

    def action_anonymise(self) -> None:
        """The same with other names, for pictures to share; the names are back with the sources read anew."""
        session = self.session
        if session is None:
            return
        if session.is_anonymous:
            self._open(session.sources)
            return
        from meshscope.tui.anonymous_view import AnonymousOpener  # most sessions are never shared

        start = partial(self._new_anonymous, session.sources)
        opener = AnonymousOpener(self._opener, session.readings)
        self.push_screen(OpeningScreen(opener, session.sources, start, returns=True))

    def _new_anonymous(self, sources: tuple[str, ...], mesh: Mesh, readings: tuple[Reading, ...]) -> Session:  # noqa: ARG002  # they name who does not answer
        return self._new_session(mesh=mesh, sources=sources, history=[], is_anonymous=True)

    def on_session_opened(self, message: SessionOpened) -> None:
        before = self.session
        if before and before.is_anonymous == message.session.is_anonymous:  # else a mark would tell names
            is_same_source = before.sources == message.session.sources
            message.session.marks.update(kept_marks(before.marks, is_same_source=is_same_source))
        if self._refresher:
            self._refresher.stop()
        self._known(message.session)
        self._refresher = Refresher(self, self._opener, message.session)
        self._pop_to_first()
        home = HomeScreen(message.session, message.home, titles=self._settings.columns.get("home", ()))
        self.switch_screen(home)
        self._refresher.start()
        self._tell_sources()
        if self._kept and self._kept.is_first_start():
            home.call_after_refresh(self._say_hint, home)

    def _say_hint(self, home: HomeScreen) -> None:
        active = [each.binding for each in home.active_bindings.values()]
        shown = {each.id: each.key_display or self.get_key_display(each) for each in active if each.id}
        if not home.has_notice:  # of a key that was faster
            home.notice(first_hint(shown))

    def on_opening_failed(self, message: OpeningFailed) -> None:
        if isinstance(self.screen, OpeningScreen):
            self.pop_screen()
        if message.why:
            self._on_page(lambda page: page.trouble(message.why))

    # --- screens -------------------------------------------------------------------------------------------------------

    def on_open_list(self, message: OpenList) -> None:
        if self.session:
            show = self.switch_screen if message.instead else self.push_screen
            kind = kind_named(message.kind, self.session.mesh)
            titles = self._settings.columns.get(kind.name, ())
            show(ListScreen(self.session, kind, message.selection, titles=titles, start=message.start))

    def on_open_object(self, message: OpenObject) -> None:
        if self.session:
            from meshscope.tui.screens.object import ObjectScreen  # the first frame does not wait for it

            kind = kind_named(message.kind, self.session.mesh)
            self.push_screen(ObjectScreen(self.session, kind, message.selection, message.start))

    def on_open_trace(self, message: OpenTrace) -> None:
        if self.session:
            from meshscope.tui.screens.trace import TraceScreen

            self.push_screen(TraceScreen(self.session, message.request))

    def on_open_effect(self, message: OpenEffect) -> None:
        if self.session:
            from meshscope.tui.screens.effect import EffectScreen
            from meshscope.tui.screens.effects import EffectsScreen

            self.push_screen(
                EffectScreen(self.session, message.object) if message.object else EffectsScreen(self.session)
            )

    def on_trace_row(self, message: TraceRow) -> None:
        if self.session:
            work = partial(self._trace_row, self.session, message)
            self.run_worker(work, thread=True, exclusive=True, group="likely request")

    def _trace_row(self, session: Session, message: TraceRow) -> None:
        from meshscope.tui.going.request_of import request_of, why_none

        kind = kind_named(message.kind, session.mesh)
        request = request_of(session.mesh, kind, message.row)
        if request is None:
            why = why_none(kind)
            self.call_from_thread(self._on_page, lambda page: page.notice(why))
        else:
            self.call_from_thread(self.post_message, OpenTrace(request))

    def on_open_scope(self, message: OpenScope) -> None:
        if self.session:
            from meshscope.tui.screens.scope import ScopeScreen

            for proxy in Selection(proxy=message.proxy).proxies(self.session.mesh)[:1]:
                self.push_screen(ScopeScreen(self.session, proxy, message.start))

    def on_run_command(self, message: RunCommand) -> None:
        self._keep_history()
        match message.command:
            case commands.Quit():
                self.exit()
            case commands.ShowHome():
                self._pop_to_first()
            case commands.SwitchSources(sources):
                self._open(sources)
            case commands.SwitchNamespace(namespace):
                self._narrow(namespace)
            case commands.ShowList(kind, selection):
                self.on_open_list(OpenList(kind, selection))
            case commands.ShowTrace(request):
                self.on_open_trace(OpenTrace(request))
            case commands.ShowScope(proxy):
                self.on_open_scope(OpenScope(proxy))
            case commands.ShowSearch(text):
                self.on_open_search(OpenSearch(text))
            case commands.ShowEffect(name):
                self.on_open_effect(OpenEffect(name))

    def _keep_history(self) -> None:
        if self._kept:
            self._kept.keep_history(self._history)

    def _narrow(self, namespace: str) -> None:
        if self.session:
            self._renew(replace(self.session, namespace=namespace))

    def _pop_to_first(self) -> None:
        while len(self.screen_stack) > 2:
            self.pop_screen()

    def on_open_search(self, message: OpenSearch) -> None:
        if self.session:
            from meshscope.tui.screens.search import SearchScreen

            self.push_screen(SearchScreen(self.session, message.text))

    def action_search(self) -> None:
        self.on_open_search(OpenSearch())

    def action_quit_with_line(self) -> None:
        """`last_line` is for the shell that comes back."""
        if isinstance(self.screen, Page) and self.session and not self.session.is_anonymous:
            self.last_line = self.screen.shell_line()
        self.exit()

    def action_picture(self) -> None:
        """Says where it is, or why it is not."""
        from meshscope.tui.picture import save_picture  # most sessions take none

        name, image = type(self.screen).__name__.removesuffix("Screen").lower(), self.export_screenshot()
        try:
            said = f"saved {save_picture(image, name, datetime.now())}"
        except OSError as error:
            said = f"not saved: {error.filename}: {error.strerror}"
        if isinstance(self.screen, Page):
            self.screen.notice(said)
        else:
            self.notify(said, markup=False)
