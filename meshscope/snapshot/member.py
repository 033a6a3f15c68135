"""The files of one source, whatever holds them: a directory, an archive, a single file. Nothing here is read yet."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from msgspec import Struct

from meshscope.snapshot.cleaning import Look
from meshscope.snapshot.snapshot import Problem

MANIFEST = "meshscope.json"
MOST_MEMBERS = 100_000
"""Files of one source: thirty times a bug-report of hundreds of proxies. With LONGEST_NAME it bounds the index."""
LONGEST_NAME = 1024
MOST_TOTAL = 8 << 30
"""Bytes that one source may unfold to: hundreds of proxies with dumps of 20 MB, and inflated in half a minute."""
MOST_PROBLEMS = 100
"""Problems listed of one source; the rest is counted."""


class StoppedError(Exception):
    """The caller's cancel token said stop."""


class Member(Struct, frozen=True):
    """A file: `path` inside its source ("/" between parts), `name` as its user finds it, `load` its bytes as they are.

    `load` may be called from any thread, more than once, and raises OSError.
    """

    path: str
    name: str
    load: Callable[[], bytes]
    seen: Look = Look()


class Listing(Struct, frozen=True):
    members: tuple[Member, ...] = ()
    problems: tuple[Problem, ...] = ()


class Watch(Struct, frozen=True):
    """How the caller follows long work: `progress(done, total)` now and then, `cancelled()` before every step."""

    progress: Callable[[int, int], None] | None = None
    cancelled: Callable[[], bool] | None = None

    def told(self, done: int, total: int) -> None:
        """Raises StoppedError when the caller wants no more."""
        if self.cancelled is not None and self.cancelled():
            raise StoppedError
        if self.progress is not None:
            self.progress(done, total)


class Budget:
    """The bytes that the documents of one source may take in memory together."""

    def __init__(self, most: int = MOST_TOTAL) -> None:
        self._left = most
        self._lock = Lock()

    def spent(self, body: bytes) -> bytes:
        with self._lock:
            if len(body) > self._left:
                raise OSError(
                    f"the texts of this source unfold to more than {MOST_TOTAL:,} bytes; this one is not read"
                )
            self._left -= len(body)
        return body


def printable(path: str) -> str:
    """A path whose undecodable bytes can be shown and written as JSON (they become U+FFFD)."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def shortened(problems: list[Problem], source: str) -> tuple[Problem, ...]:
    """At most MOST_PROBLEMS of them, and how many more there are."""
    if len(problems) <= MOST_PROBLEMS:
        return tuple(problems)
    more = Problem(source, f"{len(problems) - MOST_PROBLEMS:,} more problems like these")
    return (*problems[:MOST_PROBLEMS], more)


def is_hidden(part: str) -> bool:
    """Files of version control, editors and Finder; no collector writes such names."""
    return part.startswith(".") or part == "__MACOSX"
