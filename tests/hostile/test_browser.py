"""Any keys in the browser over documents, folders and archives that were changed where it hurts.

A few seconds of it in CI; `MESHSCOPE_FUZZ_SECONDS`, `_SEED`, `_AT` and `_CORPUS` as for the commands.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from meshscope.cli.ui import Opening
from meshscope.collect.live import Live

from ..tui.driving import Driven, drive_sources
from ..tui.test_random_keys import LINES, wander
from .commands import SLOW
from .mutating import Corpus
from .test_mutated import AT, MAKERS, SECONDS, SEED, corpus

__all__ = ["corpus"]  # a fixture
KEYS = 10
"""A walk; more inputs find more than longer walks do, which tests/tui takes."""
pytestmark = [pytest.mark.fuzz, pytest.mark.long]


def walked(source: Path, random: Random) -> None:
    """Raises whatever the browser raises, and AssertionError for a screen that cannot be drawn or a key without an answer."""

    async def walk(browser: Driven) -> None:
        started = time.monotonic()
        await browser.type(f":{random.choice(LINES)}")
        await browser.press("enter")
        await wander(browser, random, KEYS)
        assert time.monotonic() - started < SLOW

    drive_sources(Opening(Live(), ""), walk, sources=(str(source),))


def test_any_keys_on_any_input_leave_a_screen(
    corpus: Corpus,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    for place in ("XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(place, str(tmp_path_factory.mktemp("home")))
    monkeypatch.chdir(tmp_path_factory.mktemp("here"))
    ends = time.monotonic() + SECONDS
    first = AT - 1 if AT else SEED * 1_000_000
    seed = first
    while time.monotonic() < ends and not (AT and seed == AT):
        seed += 1
        random, folder = Random(seed), tmp_path_factory.mktemp("fuzz")  # noqa: S311  # no secret
        source = random.choice(MAKERS)(corpus, random, folder)
        try:
            walked(source, random)
        except Exception as error:
            error.add_note(f"seed {seed}: MESHSCOPE_FUZZ_AT={seed}")
            raise
    record_property("inputs", seed - first)
    print(f"browser: {seed - first} inputs")  # noqa: T201
