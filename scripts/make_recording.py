"""Make a recording of this repository from a folder that was captured by hand: recognise, label, write.

    uv run python scripts/make_recording.py SOURCE recordings/NAME --captured-at 2026-11-24T17:10:00Z \
        --leave-out 'stats.json' --leave-out '*.txt'

Documents that nobody knows are left out; what was left out and scrubbed is told in the recording's ORIGIN.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from msgspec.structs import replace

from meshscope.mesh.loading import read_dumps
from meshscope.mesh.recognise import CONFIG, recognised
from meshscope.snapshot.layout import debug_endpoint
from meshscope.snapshot.reading import open_snapshot
from meshscope.snapshot.recording import write_recording
from meshscope.snapshot.snapshot import Captured


def main() -> None:
    options = arguments()
    snapshot = open_snapshot(options.source)
    captured = tuple(labelled(snapshot.captured, options.captured_at, options.leave_out))
    recording = replace(snapshot, captured=captured, sources=(options.out.name,), captured_at=options.captured_at)
    write_recording(recording, options.out)
    print(f"{options.out}: {len(captured)} documents, {sum(len(one.document.body) for one in captured)} bytes")


def labelled(documents: tuple[Captured, ...], captured_at: str, leave_out: list[str]) -> Iterator[Captured]:
    for one in documents:
        name = PurePosixPath(one.document.name)
        if any(fnmatch(name.name, pattern) for pattern in leave_out):
            continue
        kind, _, problem = recognised(one)
        endpoint = debug_endpoint(one.document.name)
        if kind in CONFIG:
            kind = view_of(one) or f"debug/{endpoint}"  # without an owner: an old Pilot's edsz, of no single proxy
        elif not kind and endpoint and not problem:
            kind = f"debug/{endpoint}"  # an empty answer
        if kind and not problem:
            yield replace(one, kind=kind, captured_at=captured_at, source="")


def view_of(one: Captured) -> str:
    """The word by which a manifest tells istiod's documents from Envoy's."""
    dumps, _ = read_dumps(one.document, ())
    if not dumps or not one.owner:
        return ""
    dump = dumps[0][1]
    if dump.evidence == {"endpoint_config"} and dump.rewritten:
        return "istiod_edsz"
    return "istiod_config_dump" if dump.is_control_planes_view else "config_dump"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("out", type=Path)
    parser.add_argument("--captured-at", required=True, metavar="TIME")
    parser.add_argument("--leave-out", action="append", default=[], metavar="GLOB")
    return parser.parse_args()


if __name__ == "__main__":
    main()
