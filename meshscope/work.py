"""Long work: its progress, and whether it is cancelled."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from meshscope.errors import CancelledError


class Work(Struct, frozen=True):
    """`progress(done, total)` is called now and then, from the working thread.

    Once `cancelled()` is true the next `step` raises CancelledError.
    """

    progress: Callable[[int, int], None] | None = None
    cancelled: Callable[[], bool] | None = None

    def step(self, done: int, total: int) -> None:
        """Report that `done` of `total` are finished, before the next one. Raises CancelledError."""
        if self.cancelled is not None and self.cancelled():
            raise CancelledError(f"cancelled: {total - done} of {total} were not looked at")
        self.report(done, total)

    def report(self, done: int, total: int) -> None:
        """Report progress alone: after the last step there is nothing to cancel."""
        if self.progress is not None:
            self.progress(done, total)


UNFOLLOWED = Work()
"""Work without progress and without cancelling."""
