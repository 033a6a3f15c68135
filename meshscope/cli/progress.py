"""A progress bar for long work: on stderr, on a terminal only, and only once the work has taken a moment."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

PATIENCE = 0.7
"""Seconds of work before a bar appears."""


@contextmanager
def progress(label: str, *, quiet: bool, unit: str = "") -> Iterator[Callable[[int, int], None] | None]:
    """Gives the callback `(done, total)`, or None where nobody would see the bar. With a `unit`: how many, how fast."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    started, shown = time.monotonic(), False

    def rate(done: int | None) -> str:
        return f"{(done or 0) / (time.monotonic() - started):,.0f} {unit}/s"

    bar = click.progressbar(
        length=1,
        label=label,
        file=sys.stderr,
        show_eta=False,
        show_pos=bool(unit),
        item_show_func=rate if unit else None,
    )

    def told(done: int, total: int) -> None:
        nonlocal shown
        if not shown and time.monotonic() - started < PATIENCE:
            return
        shown = True
        bar.length, bar.finished = max(total, 1), False  # a total may grow after all of it was done
        bar.update(done - bar.pos, done)

    try:
        yield told
    finally:
        if shown:
            bar.render_finish()
