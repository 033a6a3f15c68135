"""Make a recording for this repository from a folder that was captured by hand: recognise, label, write.

    uv run python scripts/make_recording.py SOURCE recordings/NAME --captured-at 2026-11-24T17:10:00Z \
        --leave-out 'stats.json' --leave-out '*.txt'

Unrecognised documents are left out. recordings/NAME.md says what was left out and scrubbed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from msgspec.structs import replace

from meshscope.mesh.labelling import labelled
from meshscope.snapshot.reading import open_snapshot
from meshscope.snapshot.recording import write_recording
from meshscope.snapshot.snapshot import Captured


def main() -> None:
    options = arguments()
    snapshot = labelled(open_snapshot(options.source))
    captured = tuple(chosen(snapshot.captured, options.captured_at, options.leave_out))
    recording = replace(snapshot, captured=captured, sources=(options.out.name,), captured_at=options.captured_at)
    write_recording(recording, options.out)
    print(f"{options.out}: {len(captured)} documents, {sum(len(one.document.body) for one in captured)} bytes")


def chosen(documents: tuple[Captured, ...], captured_at: str, leave_out: list[str]) -> Iterator[Captured]:
    for one in documents:
        name = PurePosixPath(one.document.name).name
        if one.kind and not any(fnmatch(name, pattern) for pattern in leave_out):
            yield replace(one, captured_at=captured_at, source="")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("out", type=Path)
    parser.add_argument("--captured-at", required=True, metavar="TIME")
    parser.add_argument("--leave-out", action="append", default=[], metavar="GLOB")
    return parser.parse_args()


if __name__ == "__main__":
    main()
