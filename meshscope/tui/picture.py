"""The screen as an SVG file in the current directory."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from pathlib import Path


def save_picture(image: str, screen: str, now: datetime) -> Path:
    """Writes `meshscope-home-20261128-174905.svg`, with a number where that is taken. Raises OSError."""
    stem = f"meshscope-{screen}-{now:%Y%m%d-%H%M%S}"
    for number in count(1):
        file = Path(f"{stem}{f'-{number}' if number > 1 else ''}.svg")
        try:
            with file.open("x", encoding="utf-8") as out:
                out.write(image)
        except FileExistsError:
            continue
        return file
    raise AssertionError  # `count` does not end
