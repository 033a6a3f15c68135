"""A ring of recordings: a directory in which the last ones lie, named by their time."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

_NAME = r"\d{4}-\d\d-\d\dT\d{6}\.\d{3}Z\.tar\.gz"


def next_place(folder: Path) -> Path:
    """Names sort by time; colons are left out, as not every file system takes them."""
    now = datetime.now(UTC)
    return folder / f"{now:%Y-%m-%dT%H%M%S}.{now.microsecond // 1000:03}Z.tar.gz"


def shortened(folder: Path, keep: int) -> None:
    """Removes all but the last ones. What is named otherwise is not the ring's and stays."""
    ours = sorted(path for path in folder.iterdir() if re.fullmatch(_NAME, path.name))
    for path in ours[:-keep]:
        path.unlink(missing_ok=True)
