"""A progress bar for long work: on stderr, on a terminal only, and only after a moment."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 0.7
"""Seconds of work before a bar appears."""


@contextmanager
def progress(label: str, *, quiet: bool, unit: str = "") -> Iterator[Callable[[int, int], None] | None]:
    """Gives the callback `(done, total)`, None without a terminal. With a `unit` the bar shows how many and how fast.

    The bar is gone at the end of the block, whether the work goes on or not.
    """
    if quiet or not sys.stderr.isatty():
        yield None
        return
    started = time.monotonic()
    bar: Progress | None = None
    is_over = False

    def report(done: int, total: int) -> None:
        nonlocal bar
        if bar is None:
            if is_over or time.monotonic() - started < PATIENCE:
                return
            bar = _bar(label, unit)
            bar.start()
        bar.update(bar.task_ids[0], completed=done, total=max(total, 1), rate=done / (time.monotonic() - started))

    try:
        yield report
    finally:
        is_over = True  # the work may go on, and nobody looks at it any more
        if bar is not None:
            bar.stop()


def _bar(label: str, unit: str) -> Progress:
    from rich.console import Console  # takes 0.1 s, so only for work that takes longer
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = [TextColumn("{task.description}"), BarColumn(), TaskProgressColumn()]
    if unit:
        columns.append(TextColumn(f"{{task.completed}}/{{task.total}}  {{task.fields[rate]:,.0f}} {unit}/s"))
    console = Console(file=sys.stderr, no_color=True)  # --no-color is known to the answer alone
    bar = Progress(*columns, console=console, transient=True, redirect_stdout=False)
    bar.add_task(label, total=1, rate=0.0)
    return bar
