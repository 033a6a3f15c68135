"""How these tests run the program: in this process where they can, as a child where the process is what they test."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from meshscope.cli.app import run

DATA = Path(__file__).parents[1] / "data"
ROOT = Path(__file__).parents[2]


class Answer(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def error_line(self) -> str:
        """The one line of stderr."""
        assert self.err.endswith("\n")
        assert self.err.count("\n") == 1, self.err
        assert "Traceback" not in self.err
        return self.err.rstrip("\n")


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def answer(monkeypatch: pytest.MonkeyPatch, words: list[str], *, terminal: bool) -> Answer:
    out, err = Terminal() if terminal else io.StringIO(), io.StringIO()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", out)
        patched.setattr(sys, "stderr", err)
        code = run(words)
    return Answer(code, out.getvalue(), err.getvalue())


def child(*words: str, **options: Any) -> subprocess.Popen[str]:
    """The program as a process of its own; `env` adds to the environment."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
    pipe = subprocess.PIPE
    settings = {"stdout": pipe, "stderr": pipe, "text": True, "encoding": "utf-8", "cwd": DATA, **options}
    return subprocess.Popen([sys.executable, "-m", "meshscope", *words], env=env, **settings)
