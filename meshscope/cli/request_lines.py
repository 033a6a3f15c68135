"""`--requests FILE`: one JSON request a line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import BinaryIO

from meshscope.errors import UsageError

_LONGEST = 1 << 20
"""Bytes of a line."""


def lines_of(file: str) -> Iterator[bytes]:
    """Without empty lines; `-` is stdin. Raises UsageError for a file that cannot be read, and for an endless line."""
    try:
        if file == "-":
            yield from _lines(file, sys.stdin.buffer)
            return
        with open(file, "rb") as stream:  # noqa: PTH123  # as typed
            yield from _lines(file, stream)
    except OSError as error:
        raise UsageError(f"--requests {file}: {error.strerror or error}") from None


def _lines(file: str, stream: BinaryIO) -> Iterator[bytes]:
    while line := stream.readline(_LONGEST + 1):
        if len(line) > _LONGEST:
            raise UsageError(f"--requests {file}: a line has more than {_LONGEST:,} bytes, and a request is one line")
        if line.strip():
            yield line
