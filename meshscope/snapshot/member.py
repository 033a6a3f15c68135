"""The files of one source: a directory, an archive, or a single file. Nothing is read here."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from meshscope.snapshot.cleaning import Sniffed
from meshscope.snapshot.snapshot import Problem

MANIFEST = "meshscope.json"
MOST_MEMBERS = 100_000
"""Files of one source: thirty times a bug-report of hundreds of proxies. With LONGEST_NAME it bounds the index."""
LONGEST_NAME = 1024
MOST_TOTAL = 8 << 30
"""Bytes that one source may unfold to: hundreds of proxies with dumps of 20 MB, and inflated in half a minute."""
SMALL_TOTAL, MOST_TIMES = 1 << 30, 200
"""A source of any size may unfold to so many bytes; a larger one to so many times its size. Dumps unfold to 10 to 70 times."""
MOST_PROBLEMS = 100
"""Problems listed of one source; the rest is counted."""


class StoredText:
    """Loads a text that lies in a file, in any process that has the file: `key` says where it lies, and pickles.

    Two of one key load the same text: size and time of the file are part of it.
    """

    def __init__(self, *key: str | int) -> None:
        self.key = key

    def __call__(self) -> bytes:
        """Raises OSError."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, StoredText) and other.key == self.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __reduce__(self) -> tuple[type[StoredText], tuple[str | int, ...]]:
        return type(self), self.key


class Member(Struct, frozen=True):
    """A file: `path` inside its source ("/" between parts), `name` as its user finds it, `load` its bytes as they are.

    `load` may be called from any thread, more than once, and raises OSError.
    """

    path: str
    name: str
    load: Callable[[], bytes]
    sniffed: Sniffed = Sniffed()

    @property
    def stored_as(self) -> StoredText | None:
        """None where the file's bytes are held in memory, as those of a stream are."""
        return self.load if isinstance(self.load, StoredText) else None


class Listing(Struct, frozen=True):
    """`stored` is the number of bytes that all of them take where they are stored."""

    members: tuple[Member, ...] = ()
    problems: tuple[Problem, ...] = ()
    stored: int = 0


def most_unfolded(stored: int) -> int:
    """The bytes that a source of so many bytes may unfold to."""
    return min(MOST_TOTAL, max(SMALL_TOTAL, MOST_TIMES * stored))


def printable(path: str) -> str:
    """A path to show, and to write as JSON: undecodable bytes become U+FFFD."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def limited_problems(problems: list[Problem], source: str) -> tuple[Problem, ...]:
    """At most MOST_PROBLEMS of them, and the number of the others."""
    if len(problems) <= MOST_PROBLEMS:
        return tuple(problems)
    more = Problem(source, f"{len(problems) - MOST_PROBLEMS:,} more problems like these")
    return (*problems[:MOST_PROBLEMS], more)


def is_hidden(part: str) -> bool:
    """Whether a name is one of version control, editors or Finder; no collector writes such names."""
    return part.startswith(".") or part == "__MACOSX"
