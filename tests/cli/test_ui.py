"""The browser opens on a terminal only; a pseudo-terminal is one."""

from __future__ import annotations

import os
import pty
import struct
import subprocess
import sys
import termios
import time
from fcntl import ioctl
from pathlib import Path
from select import select

import pytest

from meshscope.errors import ExitCode

from .running import ROOT, child

SECONDS = 30.0
MOUSE = "\x1b[?1000h"
"""Asks a terminal for the mouse."""


def on_terminal(*words: str, until: str, keys: str) -> tuple[int, str]:
    """The exit code and all that was drawn; the keys are typed once a text is on the screen."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "MESHSCOPE_FROM": "demo"}
    command = [sys.executable, "-m", "meshscope", *words]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=env, start_new_session=True)
    os.close(theirs)
    drawn, end = b"", time.monotonic() + SECONDS
    try:
        while until.encode() not in drawn and time.monotonic() < end:
            drawn += read(ours)
        os.write(ours, keys.encode())
        while process.poll() is None and time.monotonic() < end:
            drawn += read(ours)
        drawn += read(ours)
        return process.wait(1), drawn.decode("utf-8", "replace")
    finally:
        process.kill()
        os.close(ours)


def read(terminal: int) -> bytes:
    if not select([terminal], [], [], 0.1)[0]:
        return b""
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so when the other end is closed
        return b""


@pytest.mark.parametrize("words", [(), ("ui",)])
def test_on_a_terminal_the_browser_opens_and_q_leaves_it(words: tuple[str, ...]) -> None:
    code, drawn = on_terminal(*words, until="CDS", keys="q")
    assert code == 0
    assert "productpage" in drawn
    assert "Traceback" not in drawn


def test_on_a_pipe_no_verb_prints_the_help_and_ui_is_refused() -> None:
    out, err = child(stdin=subprocess.DEVNULL).communicate(timeout=SECONDS)
    assert out.startswith("Usage: ")
    assert not err
    process = child("ui", stdin=subprocess.DEVNULL)
    out, err = process.communicate(timeout=SECONDS)
    assert process.returncode == ExitCode.USAGE
    assert not out
    assert "needs a terminal" in err


def test_the_mouse_is_left_to_the_terminal_and_the_line_of_the_screen_to_the_shell() -> None:
    code, drawn = on_terminal("ui", until="CDS", keys="Q")
    assert code == 0
    assert MOUSE in drawn
    assert drawn.rstrip().endswith("meshscope get proxies --from demo")
    _, drawn = on_terminal("ui", "--no-mouse", "--theme", "light", until="CDS", keys="q")
    assert MOUSE not in drawn


@pytest.mark.parametrize("words", [("--from", "demo"), ("--view", "istiod"), ("--context", "prod")])
def test_the_tour_takes_no_other_source(words: tuple[str, ...]) -> None:
    code, drawn = on_terminal("ui", "--tour", *words, until="meshscope: ", keys="")
    assert code == ExitCode.USAGE
    assert "--tour is on the bundled recording alone" in drawn


@pytest.mark.parametrize(
    ("words", "text", "says"),
    [
        (("ui",), "theme = 'nrod'", "config.toml: no theme 'nrod'; did you mean nord"),
        (
            (),
            "[keys]\ntable.sort = 'f'",
            "config.toml: `keys`: f is both app.search and table.sort on the screen effect",
        ),
        (("ui", "--theme", "nrod"), "", "meshscope: no theme 'nrod'; did you mean nord"),
    ],
)
def test_a_setting_that_is_wrong_is_told_before_the_browser_opens(
    words: tuple[str, ...], text: str, says: str, tmp_path: Path
) -> None:
    file = tmp_path / "config/meshscope/config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    code, drawn = on_terminal(*words, until="meshscope: ", keys="")
    assert code == ExitCode.USAGE
    assert says in drawn.replace("\r\n", "")
    assert "\x1b" not in drawn
