"""Whole processes, start to exit, against bare interpreters in turn."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from measure import Result, processes

MESHSCOPE = (sys.executable, "-m", "meshscope")
BARE_SLICES = """
import msgspec, sys
class Top(msgspec.Struct):
    configs: list[msgspec.Raw]
msgspec.json.decode(open(sys.argv[1], "rb").read(), type=Top)
"""
BARE_IMPORTS = "import msgspec, yaml, click, rich.console, rich.tree"


def results(file: Path, runs: int) -> Iterator[Result]:
    one = (*MESHSCOPE, "get", "clusters", "--fqdn", "svc-7.ns-7.svc.cluster.local", "--from", str(file))
    ours, bare = processes([one, (sys.executable, "-c", BARE_SLICES, str(file))], runs)
    yield Result(
        f"`get clusters --fqdn …` of {file.stat().st_size / 1e6:.0f} MB",
        f"{ours:.3f} s = {ours / bare:.2f} × an interpreter that takes its sections ({bare:.3f} s)",
        "2 × bare + 150 ms",
        ours <= 2 * bare + 0.15,
    )
    ours, bare = processes([(*MESHSCOPE, "get", "routes"), (sys.executable, "-c", BARE_IMPORTS)], 2 * runs)
    yield Result(
        "`get routes` on Bookinfo, nine proxies",
        f"{ours:.3f} s = {ours / bare:.2f} × an interpreter with the same libraries ({bare:.3f} s)",
        "1.7 × bare",
        ours <= 1.7 * bare,
    )
