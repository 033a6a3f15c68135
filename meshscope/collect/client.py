"""What all clients have in common: one path, one response, and no exception."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from meshscope.collect.spool import StoredBody

_LONGEST_MESSAGE = 200
"""Characters of a server's text in an error line."""


class HttpResponse(Struct, frozen=True):
    """`error` is one line if there is no usable body; `status` is HTTP's, 0 if unknown.

    `is_reached`: the server accepted the connection, whatever it did next. `is_timeout`: a response may still be on its way.
    `is_endless`: it came and came, until its bound of time or length.
    """

    status: int = 0
    body: StoredBody | None = None
    error: str = ""
    is_reached: bool = True
    is_timeout: bool = False
    is_endless: bool = False

    @property
    def failure(self) -> str:
        """Why there is no document: the error, or the text that the server sent instead."""
        return self.error or (first_words(self.body) if self.body else "no response")

    @property
    def is_json(self) -> bool:
        """Whether the body begins as JSON does. Plain text under status 200 is an error message or an old format."""
        if self.error or self.body is None:
            return False
        return self.body.head.lstrip()[:1] in (b"{", b"[") or self.body.head.strip() == b"null"


class DocumentClient(Protocol):
    """One server: an admin port, a debug port, or a pod that contains one.

    `name` is the prefix of its documents' names: `http://127.0.0.1:15000` + `/clusters`.
    """

    name: str

    async def get(self, path: str) -> HttpResponse:
        """GET `path`, which begins with a slash. Never raises for what the server does."""
        ...


def first_words(body: StoredBody) -> str:
    """The beginning of a server's text, in one line."""
    text = " ".join(body.head.decode("utf-8", "replace").split())
    return text if len(text) <= _LONGEST_MESSAGE else text[:_LONGEST_MESSAGE] + "…"
