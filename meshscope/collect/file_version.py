"""A fingerprint of a recorded source by the sizes and times of its files. No network's client is loaded for it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from meshscope.snapshot import naming, reading


def file_version(place: str) -> str:
    """It differs once the files do. What can be read once only never changes: stdin, a pipe."""
    is_file = place not in reading.WORDS and naming.exists(place)
    return " ".join(_file_times(Path(place))) if is_file else place


def _file_times(place: Path) -> Iterator[str]:
    """What cannot be looked at is left out; reading it says why."""
    for path in (place, *(Path(folder) / name for folder, _, names in os.walk(place) for name in sorted(names))):
        try:
            found = path.stat()
        except OSError:
            continue
        if stat.S_ISREG(found.st_mode):
            yield f"{path}:{found.st_size}:{found.st_mtime_ns}"
