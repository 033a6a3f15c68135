"""Writing a ring of recordings (`snapshot.ring`): the next name, and what is deleted."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from meshscope.errors import UsageError
from meshscope.snapshot.ring import RECORDING

DEFAULT, _MOST = 20, 1_000_000


def patterns_and_last(keep: tuple[str, ...], last: int | None, *, repeats: bool) -> tuple[tuple[str, ...], int]:
    """The patterns of `--keep`, and how many recordings stay. `--every 30s --keep 20` is what `--last 20` was called before.

    Raises UsageError for a number without `--every`, for two of them, and for one that is no number of recordings.
    """
    numbers = [one for one in keep if one.isascii() and one.isdigit()]
    patterns = tuple(one for one in keep if one not in numbers)
    if last is not None:
        numbers.append(str(last))
    if not numbers:
        return patterns, DEFAULT
    if not repeats:
        what = "--last" if last is not None else "--keep"
        raise UsageError(f"{what} {numbers[0]:.20} is a number of recordings, which only --every makes")
    if len(numbers) > 1:
        raise UsageError(f"{numbers[0]:.20} and {numbers[1]:.20} recordings are to stay: give --last N once")
    if len(numbers[0]) > len(str(_MOST)) or not 1 <= int(numbers[0]) <= _MOST:
        raise UsageError(f"--last {numbers[0]:.20}: 1 to {_MOST:,} recordings can stay")
    return patterns, int(numbers[0])


def next_path(folder: Path) -> Path:
    """The path of the next recording. Names sort by time, and have no colons, which some file systems refuse."""
    now = datetime.now(UTC)
    return folder / f"{now:%Y-%m-%dT%H%M%S}.{now.microsecond // 1000:03}Z.tar.gz"


def delete_oldest(folder: Path, keep: int) -> None:
    """Deletes all but the last `keep` recordings. Files with other names are not the ring's and stay."""
    recordings = sorted(path for path in folder.iterdir() if re.fullmatch(RECORDING, path.name))
    for path in recordings[:-keep]:
        path.unlink(missing_ok=True)
