"""`--requests FILE`: one JSON request a line."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from meshscope.errors import UsageError


def lines_of(file: str) -> Iterator[bytes]:
    """Without empty lines; `-` is stdin. Raises UsageError for a file that cannot be read."""
    try:
        if file == "-":
            yield from (line for line in sys.stdin.buffer if line.strip())
            return
        with open(file, "rb") as stream:  # noqa: PTH123  # as typed
            yield from (line for line in stream if line.strip())
    except OSError as error:
        raise UsageError(f"--requests {file}: {error.strerror or error}") from None
