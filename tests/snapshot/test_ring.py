from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from meshscope.snapshot.reading import open_snapshot
from meshscope.snapshot.ring import newest_recording

RECORDED = Path(__file__).parent.parent / "data" / "snapshot" / "recorded"
OLD, NEW = "2026-11-28T235707.481Z.tar.gz", "2026-11-28T235709.496Z.tar.gz"


def ring(folder: Path, *names: str) -> Path:
    made = Path(shutil.make_archive(str(folder / "made"), "gztar", RECORDED))
    (folder / "ring").mkdir()
    for name in names:
        shutil.copy(made, folder / "ring" / name)
    return folder / "ring"


@pytest.mark.parametrize(
    ("names", "newest"),
    [
        ((OLD, NEW), NEW),
        ((NEW, OLD, ".partial"), NEW),
        ((), None),
        ((NEW, "notes.txt"), None),
        (("2026-11-28.tar.gz",), None),
    ],
)
def test_a_directory_of_recordings_alone_is_a_ring(tmp_path: Path, names: tuple[str, ...], newest: str | None) -> None:
    folder = ring(tmp_path, *names)
    assert newest_recording(folder) == (folder / newest if newest else None)


def test_of_a_ring_the_latest_recording_is_read(tmp_path: Path) -> None:
    folder = ring(tmp_path, OLD, NEW)
    snapshot = open_snapshot(str(folder))
    assert snapshot.problems == ()
    assert len(snapshot.captured) == len(open_snapshot(str(RECORDED)).captured)
    assert all(one.document.name.startswith(str(folder / NEW)) for one in snapshot.captured)
