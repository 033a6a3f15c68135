"""A ring of recordings: a directory with the latest ones, named by their time, as `record --every` writes it."""

from __future__ import annotations

import re
from pathlib import Path

from meshscope.snapshot.member import is_hidden

RECORDING = r"\d{4}-\d\d-\d\dT\d{6}\.\d{3}Z\.tar\.gz"
"""The name of each; names sort by time."""


def newest_recording(folder: Path) -> Path | None:
    """The latest recording of a directory that holds recordings of a ring and nothing else; None for any other one."""
    newest = ""
    for entry in folder.iterdir():
        if is_hidden(entry.name):
            continue
        if not re.fullmatch(RECORDING, entry.name):
            return None
        newest = max(newest, entry.name)
    return folder / newest if newest else None
