"""Waiting for the network until the user cancels."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

_INTERVAL = 0.1
"""Seconds between two checks of the cancel token."""


async def is_finished(task: asyncio.Future[Any], is_cancelled: Callable[[], bool]) -> bool:
    """Whether the task came to its end; soon after cancellation it is cancelled too, with its requests in flight."""
    while not task.done():
        await asyncio.wait([task], timeout=_INTERVAL)
        if is_cancelled() and not task.done():
            task.cancel()
            await asyncio.wait([task])
            if not task.cancelled():
                task.exception()  # else asyncio prints what failed while it was abandoned
            return False
    return True
