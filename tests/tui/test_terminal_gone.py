"""A browser whose terminal is gone ends, instead of reading it for ever."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from ..cli.running import ROOT

pty = pytest.importorskip("pty", reason="terminals of POSIX")


def test_the_browser_ends_with_its_terminal() -> None:
    own, its = pty.openpty()
    words = [sys.executable, "-m", "meshscope", "ui", "--from", "demo"]
    env = {**os.environ, "TERM": "xterm-256color"}
    with subprocess.Popen(
        words, stdin=its, stdout=its, stderr=its, cwd=ROOT, env=env, start_new_session=True
    ) as process:
        os.close(its)
        drawn = b""
        while b"productpage" not in drawn:
            drawn += os.read(own, 65536)
        os.close(own)  # no SIGHUP: it is not the process's controlling terminal
        ends = time.monotonic() + 20
        while process.poll() is None and time.monotonic() < ends:
            time.sleep(0.1)
        is_left = process.poll() is None
        process.kill()
    assert not is_left
