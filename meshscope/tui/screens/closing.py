"""A screen of a session that holds nothing big once it is closed: until the collector finds it, it is still in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar
from weakref import WeakSet

from textual.screen import Screen
from textual.worker import Worker

from meshscope.tui.letting_go import Once
from meshscope.tui.session import Session


class ClosingScreen(Screen[None]):
    closed: ClassVar[WeakSet[ClosingScreen]] = WeakSet()
    """Those that the collector has not found yet. The app gives them its session, so that they hold no older mesh."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def run_worker(self, work: Callable[[], Any], *arguments: Any, **options: Any) -> Worker[Any]:  # type: ignore[override]  # threads alone
        """In a thread. What it is asked about is given up as it ends."""
        return super().run_worker(Once(work), *arguments, **options)

    def on_unmount(self) -> None:
        self.closed.add(self)
        self.let_go()

    def let_go(self) -> None:
        """Forgets what it showed."""
