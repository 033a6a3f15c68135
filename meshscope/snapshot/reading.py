"""Sources, as the user types them -> one snapshot. A source is recognised by its content, never by its name.

No network is needed. Documents load at the first question; opening reads names and first bytes.
"""

from __future__ import annotations

import stat
import sys
from pathlib import Path

from meshscope.errors import CancelledError, UsageError
from meshscope.snapshot import naming
from meshscope.snapshot.assembling import assembled
from meshscope.snapshot.directory import read_directory
from meshscope.snapshot.member import Listing, printable
from meshscope.snapshot.ring import newest_recording
from meshscope.snapshot.snapshot import Problem, Snapshot, joined
from meshscope.work import UNFOLLOWED, Work

STDIN, DEMO = "-", "demo"
WORDS = (STDIN, DEMO)
"""Sources that are not paths."""


def open_snapshot(*sources: str, work: Work = UNFOLLOWED) -> Snapshot:
    """Everything that the sources hold, in their order.

    A source is a path to a directory, to an archive (.tar, .tar.gz, .zip) or to a single file, `-` for stdin, or `demo`
    for the bundled recording; of a ring of recordings the latest is read. `NAME=PATH` names the mesh cluster of what lies
    there. `work` counts bytes of an archive, files of a directory. Once it is cancelled the snapshot holds the sources
    that are done and a problem that says so.

    Raises UsageError for a source that does not exist. Anything that cannot be read is a problem of the snapshot.
    """
    snapshots: list[Snapshot] = []
    named = [(source, *naming.split_name(source, WORDS)) for source in sources]
    for _, _, place in named:  # complain before anything is read
        if naming.is_live(place):
            raise UsageError(naming.live(place))
        if place not in WORDS and not naming.exists(place):
            raise UsageError(naming.missing(place))
    for source, mesh_cluster, place in named:
        try:
            snapshots.append(_opened(source, mesh_cluster, place, work))
        except CancelledError:
            snapshots.append(Snapshot((), (Problem(source, "stopped before it was read"),), (source,)))
            break
    return joined(snapshots)


def place_of(source: str) -> str:
    """Where a source lies, without the name of its mesh cluster: the names of its documents begin with it."""
    _, place = naming.split_name(source, WORDS)
    return str(_demo()) if place == DEMO else place


def _opened(source: str, mesh_cluster: str, place: str, work: Work) -> Snapshot:
    try:
        listing = listing_of(place, work)
    except OSError as error:
        return Snapshot((), (Problem(printable(place), error.strerror or str(error)),), (source,))
    return assembled(listing, source, mesh_cluster)


def listing_of(place: str, work: Work) -> Listing:
    """The files of a place. Raises OSError, and UsageError for a demo that is not installed."""
    if place == STDIN:
        return _stdin(work)
    path = _demo() if place == DEMO else Path(place)
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        if (newest := newest_recording(path)) is None:
            return read_directory(path, work)
        path, place, mode = newest, str(newest), newest.stat().st_mode
    from meshscope.snapshot.single import read_single, read_stream  # a folder does not pay for archives

    if stat.S_ISFIFO(mode) or stat.S_ISCHR(mode):  # `--from <(kubectl get … -o yaml)`
        with path.open("rb") as file:
            return read_stream(place, file, work)
    if not stat.S_ISREG(mode):
        raise OSError("neither a file nor a directory")
    return read_single(path, printable(place), work)


def _stdin(work: Work) -> Listing:
    from meshscope.snapshot.single import read_stream  # a folder does not pay for archives

    return read_stream(STDIN, sys.stdin.buffer, work) if sys.stdin else Listing()


def _demo() -> Path:
    package = Path(__file__).parent.parent
    for place in (package / "bundled" / "bookinfo", package.parent / "recordings" / "bookinfo"):
        if place.is_dir():
            return place
    raise UsageError("this installation lacks the demo recording: install meshscope anew, or name a source of your own")
