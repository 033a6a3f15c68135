"""The progress bar of long work."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from meshscope.cli import progress as module
from meshscope.cli.progress import progress

from .running import Terminal

Report = Callable[[int, int], None]


@contextmanager
def on(stream: io.StringIO, *, patience: float = 0.0, quiet: bool = False, unit: str = "") -> Iterator[Any]:
    """The callback of work whose stderr is this stream."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "stderr", stream)
        patched.setattr(module, "PATIENCE", patience)
        with progress("reading", quiet=quiet, unit=unit) as report:
            yield report
        assert sys.stderr is stream


def shown(*steps: tuple[int, int], **options: Any) -> str:
    with on(stream := Terminal(), **options) as report:
        for done, total in steps:
            report(done, total)
    return stream.getvalue()


def test_short_work_shows_nothing() -> None:
    assert shown((1, 2), patience=60.0) == ""


def test_long_work_shows_how_far_it_is_and_clears_the_line() -> None:
    written = shown((0, 0), (1, 2))
    assert "reading" in written
    assert "50%" in written
    assert written.endswith("\x1b[2K")


def test_a_unit_shows_how_many_and_how_fast() -> None:
    written = shown((3, 12), unit="documents")
    assert "3/12" in written
    assert "documents/s" in written


def test_a_bar_has_no_colour() -> None:
    assert "\x1b[3" not in shown((1, 2), unit="documents")


def broken(stream: io.StringIO) -> None:
    with on(stream) as report:
        report(1, 2)
        raise ValueError("broken")


def test_a_failure_in_the_work_leaves_no_bar_behind() -> None:
    stream = Terminal()
    with pytest.raises(ValueError, match="broken"):
        broken(stream)
    assert stream.getvalue().endswith("\x1b[2K")


@pytest.mark.parametrize(("quiet", "stream"), [(True, Terminal()), (False, io.StringIO())])
def test_a_quiet_run_and_a_pipe_have_no_bar(quiet: bool, stream: io.StringIO) -> None:
    with on(stream, quiet=quiet) as report:
        assert report is None
    assert stream.getvalue() == ""


def test_work_that_goes_on_after_the_block_starts_no_bar() -> None:
    stream = Terminal()
    with on(stream, patience=60.0) as report:
        report(1, 3)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "stderr", stream)
        patched.setattr(module, "PATIENCE", 0.0)
        report(2, 3)
    assert stream.getvalue() == ""
