"""What every way of asking has in common: one path, one answer, and no exception."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from meshscope.collect.spool import Stored

_TOLD = 200


class Answer(Struct, frozen=True):
    """`error` is one clear line where there is no usable body; `status` is HTTP's, 0 where it is not known.

    `is_reached`: somebody is there, whatever came of it. `is_late`: an answer may be on its way, and is not waited for.
    """

    status: int = 0
    stored: Stored | None = None
    error: str = ""
    is_reached: bool = True
    is_late: bool = False

    @property
    def said(self) -> str:
        """Why there is no answer: the error, or a text that came in its place."""
        return self.error or (first_words(self.stored) if self.stored else "no answer")

    @property
    def is_json(self) -> bool:
        """Whether it begins as JSON does; a plain text under status 200 is an error's message, or an old form."""
        if self.error or self.stored is None:
            return False
        return self.stored.head.lstrip()[:1] in (b"{", b"[") or self.stored.head.strip() == b"null"


class Asker(Protocol):
    """One server: an admin port, a debug port, or a pod through which one is asked.

    `name` begins the names of its documents: `http://127.0.0.1:15000` + `/clusters`.
    """

    name: str

    async def get(self, path: str) -> Answer:
        """GET `path`, which begins with a slash. Never raises for what the other side does."""
        ...


def first_words(stored: Stored) -> str:
    """What a server said instead of an answer, in a line."""
    text = " ".join(stored.head.decode("utf-8", "replace").split())
    return text if len(text) <= _TOLD else text[:_TOLD] + "…"
