"""The real program in a real terminal, tmux: keys go in, the screen comes out as text.

with Terminal("ui", "--from", str(BOOKINFO)) as terminal:
    terminal.wait_for("9 proxies")
    terminal.press("j", "Enter")
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

LONGEST = 30.0
"""Seconds until a text must be on the screen; a busy machine may need many."""

needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="no tmux on this machine; .ci/run installs it")


class Terminal:
    """A program in a window of `width` × `height` cells, with a home directory of its own."""

    def __init__(self, *words: str, home: Path, width: int = 110, height: int = 30) -> None:
        self._socket = f"meshscope-{uuid.uuid4().hex}"
        self._words = (sys.executable, "-m", "meshscope", *words)
        self._home, self._size = home, (width, height)

    def __enter__(self) -> Terminal:
        width, height = self._size
        environment = {"HOME": str(self._home), "KUBECONFIG": os.devnull, "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        given = [f"{name}={value}" for name, value in environment.items()]
        command = shlex.join(["env", "-i", "TERM=screen-256color", *given, *self._words])
        keep = "; echo left with $?; read wait"  # so that what the program left behind can be read
        self._tmux("-f", os.devnull, "new-session", "-d", "-x", str(width), "-y", str(height), command + keep)
        self._tmux("set-option", "-s", "set-clipboard", "on")
        return self

    def __exit__(self, *_: object) -> None:
        self._tmux("kill-server")

    def press(self, *keys: str) -> None:
        """Keys by tmux's names: `j`, `Enter`, `Escape`."""
        self._tmux("send-keys", *keys)

    @property
    def screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    @property
    def copied(self) -> str:
        """What the program put into the terminal's clipboard last."""
        return self._tmux("show-buffer")

    def wait_for(self, *texts: str) -> str:
        """The screen as soon as it has all texts: a frame may be half drawn. Fails with the screen where it never has."""
        until = time.monotonic() + LONGEST
        while missing := [text for text in texts if text not in (screen := self.screen)]:
            assert time.monotonic() < until, f"{missing} not on the screen:\n{screen}"
            time.sleep(0.05)
        return screen

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(["tmux", "-L", self._socket, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0 or words[0] == "kill-server", done.stderr
        return done.stdout
