"""A file of a source as its document loads it: within the memory of the source, checked, and cleaned where it must be."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from threading import Lock

from msgspec import Struct

from meshscope.snapshot.cleaning import CleanedDocument, clean
from meshscope.snapshot.member import MANIFEST, MOST_TOTAL


class Budget:
    """The bytes that the documents of one source may take in memory together; another process has a budget of its own."""

    def __init__(self, most: int = MOST_TOTAL) -> None:
        self._most = self._left = most
        self._lock = Lock()

    def spend(self, length: int) -> None:
        """Raises OSError where it is too much."""
        with self._lock:
            if length > self._left:
                raise OSError(
                    f"the texts of this source unfold to more than {self._most:,} bytes; this one is not read"
                )
            self._left -= length

    def give_back(self, length: int) -> None:
        with self._lock:
            self._left += length

    def __reduce__(self) -> tuple[type[Budget], tuple[int]]:
        return Budget, (self._most,)


class MemberText(Struct, frozen=True):
    """`expected` is the text's SHA-256 in hexadecimal, "" for any text."""

    load: Callable[[], bytes]
    budget: Budget
    expected: str = ""
    is_cleaned: bool = False

    def __call__(self) -> bytes:
        """Raises OSError."""
        body = self.load()
        if self.expected and sha256(body).hexdigest() != self.expected:
            raise OSError(
                f"changed since it was recorded: its checksum is not the one in {MANIFEST}"
                " (without its entry there it is read as it is)"
            )
        return clean(body) if self.is_cleaned else body


class MemberDocument(CleanedDocument):
    """The document of a file. Its body counts in the budget of its `load`, a MemberText, until it is let go."""

    _load: MemberText

    def _read(self) -> bytes:
        body = super()._read()
        self._load.budget.spend(len(body))
        return body

    def forget(self) -> None:
        self._load.budget.give_back(len(vars(self).get("body", b"")))
        super().forget()
