"""How long a key waits for the interpreter while a big dump is opened, or read again, in a worker of the browser."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from measure import Result

from meshscope.listing.home import home_view
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.reading import open_snapshot
from meshscope.tui.collector import kept_from_collector

LONGEST = 0.05
LOOK = 0.001
"""Seconds between two looks of the waiting thread, which is the main one as in the browser."""


def results(big: Path, gateway: Path, runs: int) -> Iterator[Result]:
    yield _waited("of many sections", big, runs, LONGEST)
    yield _waited("of one route table", gateway, runs, None)


def _waited(what: str, file: Path, runs: int, limit: float | None) -> Result:
    taken = median(_longest_wait(file) for _ in range(runs))
    return Result(
        f"the longest wait of a key while a dump {what}, {file.stat().st_size / 1e6:.0f} MB, is read in a worker",
        f"{taken * 1000:.0f} ms",
        f"{limit * 1000:.0f} ms" if limit else "",
        limit is None or taken <= limit,
    )


def _longest_wait(file: Path) -> float:
    worker = threading.Thread(target=_read, args=(file,))
    worker.start()
    longest, last = 0.0, time.perf_counter()
    while worker.is_alive():
        time.sleep(LOOK)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    return longest


def _read(file: Path) -> None:
    """As `tui/screens/opening.py` and `home.py` do."""
    with kept_from_collector():
        mesh = Mesh(open_snapshot(str(file)))
        mesh.index()
        home_view(mesh, "")
