"""Record a short walk through the browser on the bundled recording as docs/walk.cast, which `asciinema play` shows.

uv run python scripts/make_cast.py

The format is asciicast v2: https://docs.asciinema.org/manual/asciicast/v2/
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docs" / "walk.cast"
WIDTH, HEIGHT = 110, 30
LOOK, TYPE = 2.0, 0.35
"""Seconds that a viewer needs for a new screen, and between two keys."""
WALK = (
    ("", LOOK),
    *((key, TYPE) for key in "jj"),
    ("v", LOOK),
    ("l", TYPE),
    *(("j", TYPE) for _ in range(4)),
    ("\x1b", LOOK),
    ("3", LOOK),
    ("G", TYPE),
    *(("k", TYPE) for _ in range(4)),
    ("t", 2 * LOOK),
    ("q", TYPE),
)
"""Home, the columns of productpage, its routes, and the request that the canary splits. Each key, and how long it is shown."""


def events() -> Iterator[tuple[float, str]]:
    """What the program wrote, with seconds since its start; what came at once is one event."""
    own, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
    where = os.environ | {"TERM": "xterm-256color", "COLORTERM": ""}
    where.pop("NO_COLOR", None)
    words = [sys.executable, "-m", "meshscope", "ui", "--from", "recordings/bookinfo"]
    shown = 0.0
    with subprocess.Popen(
        words, stdin=its, stdout=its, stderr=its, env=where, cwd=ROOT, start_new_session=True
    ) as process:
        os.close(its)
        for key, seconds in WALK:
            os.write(own, key.encode())
            if text := _written(own):
                yield shown, text
            shown += seconds
        process.wait(10)
    os.close(own)


def _written(own: int, quiet: float = 0.8) -> str:
    """All that comes until nothing has come for so many seconds."""
    found = b""
    until = time.monotonic() + 10
    while time.monotonic() < until and select.select([own], [], [], quiet)[0]:
        try:
            found += os.read(own, 65536)
        except OSError:  # the program has gone
            break
    return found.decode(errors="replace")


def main() -> None:
    header = {"version": 2, "width": WIDTH, "height": HEIGHT, "title": "meshscope", "env": {"TERM": "xterm-256color"}}
    lines = [json.dumps(header), *(json.dumps([round(at, 3), "o", text], ensure_ascii=False) for at, text in events())]
    FILE.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
