"""A pinned world for the command line, and fixtures that run it in this process."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from .running import DATA, Answer, answer

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.fixture(autouse=True)
def _pinned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("MESHSCOPE_FROM", "NO_COLOR", "COLUMNS", "LINES", "KUBECONFIG", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(DATA)


@pytest.fixture
def meshscope(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answer]:
    """Runs a command line; `columns` is the width of the terminal that it writes to, without it a pipe."""

    def run(*words: str, columns: int | None = None) -> Answer:
        if columns:
            monkeypatch.setenv("COLUMNS", str(columns))
        return answer(monkeypatch, list(words), terminal=columns is not None)

    return run


@pytest.fixture
def small(meshscope: Callable[..., Answer]) -> Callable[..., Answer]:
    """Runs a command line over the small recording."""
    return lambda *words, columns=None: meshscope(*words, "--from", "small", columns=columns)


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compares a text with a file of tests/golden; MESHSCOPE_UPDATE_GOLDENS=1 writes the file."""

    def compare(name: str, text: str) -> None:
        file = GOLDEN / name
        if os.environ.get("MESHSCOPE_UPDATE_GOLDENS") == "1":
            file.write_text(text, encoding="utf-8")
        assert text == file.read_text(encoding="utf-8")

    return compare
