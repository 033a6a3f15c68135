"""Everything that is measured, in one run, as ratios: uv run python benchmarks/run.py [--quick]

Makes its inputs in a temporary folder (or in --inputs, to keep them). Exit 1 where a limit is not kept.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import browsing
import collecting
import effects
import following
import index
import make_dump
import memory
import processes
import rows
import waiting
from measure import Result

SERVICES, ROUTES = 5000, 100_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="three repetitions instead of nine")
    parser.add_argument("--inputs", type=Path, help="a folder that keeps the inputs")
    options = parser.parse_args()
    kept = True
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.inputs or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        print("| what | measured | limit |\n|---|---|---|")
        for result in results(folder, 3 if options.quick else 9):
            mark = "" if result.kept else " **not kept**"
            print(f"| {result.what} | {result.measured} | {result.limit or '–'}{mark} |", flush=True)
            kept = kept and result.kept
    return 0 if kept else 1


def results(folder: Path, runs: int) -> Iterator[Result]:
    big = written(folder / "sidecar.json", lambda: make_dump.sidecar(SERVICES))
    gateway = written(folder / "gateway.json", lambda: make_dump.gateway(ROUTES))
    yield from index.results(big, runs)
    yield from processes.results(big, runs)
    yield from following.results(big, runs)
    yield from effects.results(folder, runs)
    yield from rows.results(gateway, runs)
    yield from browsing.results(big, gateway, runs)
    yield from waiting.results(big, gateway, runs)
    yield from memory.results(big, gateway)
    yield from collecting.results(folder, max(1, runs // 3))


def written(file: Path, make: object) -> Path:
    if not file.exists() and callable(make):
        with file.open("w") as out:
            json.dump(make(), out, indent=1)
    return file


if __name__ == "__main__":
    sys.exit(main())
