"""Long work as its caller follows it: how far it is, and whether it is still wanted."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from meshscope.errors import CancelledError


class Work(Struct, frozen=True):
    """`progress(done, total)` is called now and then, from the thread that works.

    Once `cancelled()` is true the next `step` raises CancelledError.
    """

    progress: Callable[[int, int], None] | None = None
    cancelled: Callable[[], bool] | None = None

    def step(self, done: int, total: int) -> None:
        """Report that `done` of `total` is finished. Raises CancelledError where the caller has lost interest."""
        if self.cancelled is not None and self.cancelled():
            raise CancelledError(f"cancelled: {total - done} of {total} were not looked at")
        if self.progress is not None:
            self.progress(done, total)


UNFOLLOWED = Work()
"""Nobody looks at the progress, and nobody cancels."""
