"""Keys of a burst in their order: one goes out when the one before has been handled, as it may have moved the focus.

Textual forwards each key at once to the widget that has the focus, and looks for bindings when the key has bubbled back: of
`/reviews` typed at once, or sent by a slow ssh in one piece, the letters would reach the table.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from textual import events
from textual.app import App
from textual.dom import DOMNode

STUCK = 0.3
"""Seconds after which a key counts as handled: what it went to may be gone."""


class KeyOrder:
    def __init__(self, app: App[None], forward: Callable[[events.Event], Awaitable[None]]) -> None:
        self._app, self._forward = app, forward
        self._waiting: deque[events.Key] = deque()
        self._since: float | None = None  # a key is on its way

    async def take(self, key: events.Key) -> None:
        self._waiting.append(key)
        if self._since is None:
            await self._next()
        else:
            self._app.set_timer(STUCK, self._look)

    async def _next(self) -> None:
        if self._waiting and self._app.screen_stack:
            self._since = since = time.monotonic()
            way = (self._app.focused or self._app.screen).ancestors_with_self
            await self._forward(self._waiting.popleft())
            await self._passed((*way, *way), since)  # the second time behind what its action posted, as Submitted

    async def _passed(self, way: Sequence[DOMNode], since: float) -> None:
        """A callback comes after the key in the queue of each node that the key may bubble to."""
        for number, node in enumerate(way, 1):
            if node.call_later(self._passed, way[number:], since):
                return
        if since == self._since:
            self._since = None
            await self._next()

    async def _look(self) -> None:
        if self._since is not None and time.monotonic() - self._since >= STUCK:
            self._since = None
            await self._next()
