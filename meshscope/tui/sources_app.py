"""The browser's side of sources that change: its session is renewed, and every page with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from msgspec.structs import replace
from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.worker import Worker

from meshscope.tui.collector import IDLE, Collector
from meshscope.tui.key_order import KeyOrder
from meshscope.tui.letting_go import Once
from meshscope.tui.messages import RefreshEnded, SessionRenewed
from meshscope.tui.refreshing import Refresher
from meshscope.tui.screens.closing import ClosingScreen
from meshscope.tui.screens.page import Page
from meshscope.tui.session import Session

CLOCK = 1.0
"""Seconds between two looks at how old the picture is."""


class SourcesApp(App[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "refresh", "refresh", show=False, id="app.refresh"),
        Binding("ctrl+f", "freeze", "freeze, thaw", show=False, id="app.freeze"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.session: Session | None = None
        self._refresher: Refresher | None = None
        self._collector = Collector()
        self._keys = KeyOrder(self, super().on_event)

    def run_worker(self, work: Callable[[], Any], *arguments: Any, **options: Any) -> Worker[Any]:  # type: ignore[override]  # threads alone
        """In a thread. What it is asked about is given up as it ends."""
        return super().run_worker(Once(work), *arguments, **options)

    def on_mount(self) -> None:
        self.set_interval(CLOCK, self._tell_sources)
        self.set_interval(IDLE, self._collector.look)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.InputEvent):
            self._collector.used()
        if isinstance(event, events.Key) and not event.is_forwarded:
            await self._keys.take(event)
        else:
            await super().on_event(event)

    def on_session_renewed(self, message: SessionRenewed) -> None:
        if self.session:
            before = self.session.mesh
            self._renew(replace(self.session, mesh=message.mesh, readings=message.readings))
            self._collector.renewed(before)

    def _renew(self, session: Session) -> None:
        self._known(session)
        for page in self._pages():
            if page.is_mounted:
                page.renew(session)
            else:  # it reads when it is
                page.session = session

    def _known(self, session: Session) -> None:
        """Closed pages get it too: they wait for the collector, and an older mesh does not."""
        self.session = session
        for page in ClosingScreen.closed:
            page.session = session

    def _pages(self) -> list[Page]:
        """The screens of the session, the one on top last."""
        return [screen for screen in self.screen_stack if isinstance(screen, Page)]

    def on_refresh_ended(self, message: RefreshEnded) -> None:
        self._tell_sources()
        if message.why:
            self._on_page(lambda page: page.trouble(message.why))
        elif not message.has_news and self.session:
            words = f"nothing changed since {self.session.read_at}"
            self._on_page(lambda page: page.notice(words))

    def _on_page(self, tell: Callable[[Page], None]) -> None:
        if isinstance(self.screen, Page):
            tell(self.screen)

    def _tell_sources(self) -> None:
        if self._refresher:
            state = self._refresher.state
            for page in self._pages():
                page.tell_sources(state)

    def action_refresh(self) -> None:
        if self._refresher:
            self._refresher.refresh()

    def action_freeze(self) -> None:
        if self._refresher is None:
            return
        if not self._refresher.is_live:
            self._on_page(lambda page: page.notice("recordings do not change by themselves; r reads them again"))
        elif self._refresher.frozen_at:
            self._refresher.thaw()
        else:
            self._refresher.freeze()
        self._tell_sources()
