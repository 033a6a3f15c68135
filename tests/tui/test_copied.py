from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest
from textual.app import App

from meshscope.tui.copied import cache_file, copied


def copy(text: str) -> tuple[str, str]:
    async def run() -> tuple[str, str]:
        app: App[None] = App()
        async with app.run_test():
            return copied(app, text, "a name"), app.clipboard

    return asyncio.run(run())


def test_a_copy_is_in_the_clipboard_and_in_a_file_of_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    said, clipboard = copy("reviews ✓")
    assert clipboard == "reviews ✓"
    assert cache_file().read_text() == "reviews ✓\n"
    assert said == f"copied a name, also to {tmp_path}/meshscope/copied.txt"
    assert stat.S_IMODE(cache_file().stat().st_mode) == 0o600


def test_the_file_is_below_home_without_a_cache_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    said, _ = copy("x")
    assert said == "copied a name, also to ~/.cache/meshscope/copied.txt"


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "meshscope").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    said, clipboard = copy("x")
    assert clipboard == "x"
    assert said.startswith("copied a name, not to ")
