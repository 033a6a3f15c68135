"""Writing a ring of recordings (`snapshot.ring`): the next name, and what is deleted."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from meshscope.snapshot.ring import RECORDING


def next_path(folder: Path) -> Path:
    """The path of the next recording. Names sort by time, and have no colons, which some file systems refuse."""
    now = datetime.now(UTC)
    return folder / f"{now:%Y-%m-%dT%H%M%S}.{now.microsecond // 1000:03}Z.tar.gz"


def delete_oldest(folder: Path, keep: int) -> None:
    """Deletes all but the last `keep` recordings. Files with other names are not the ring's and stay."""
    recordings = sorted(path for path in folder.iterdir() if re.fullmatch(RECORDING, path.name))
    for path in recordings[:-keep]:
        path.unlink(missing_ok=True)
