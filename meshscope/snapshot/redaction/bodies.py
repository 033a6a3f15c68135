"""The body of a document without its secrets: JSON, YAML, access logs and plain text, each as far as it can be understood.

Invariant: a body without secrets is returned as the same bytes. A body that should be structured and cannot be read raises
UnredactableError, so that no document is posted that was not understood.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from meshscope.location import Document
from meshscope.snapshot.json_text import FENCE_AT_THE_MARGIN, YAML_PREAMBLE, GarbledError, values_of
from meshscope.snapshot.redaction.numbers import FAILURES, decoded, encoded
from meshscope.snapshot.redaction.queries import redacted_line
from meshscope.snapshot.redaction.sensitive import REDACTED
from meshscope.snapshot.redaction.slices import Slices
from meshscope.snapshot.redaction.texts import SUSPICIOUS, redacted_text
from meshscope.snapshot.redaction.values import Redaction

_TEXTS = frozenset({"access_log", "clusters", "listeners", "stats", "version"})
"""Kinds that are either JSON or plain text."""
_YAML = rb"\A" + YAML_PREAMBLE + rb"""(?:---|\{|- |["']?[\w@./-]+["']?:(?:[ \t\r]*$|[ \t]))"""
_MANIFEST = rb"(?m)^\s*(?:- )?[\"']?(?:apiVersion|kind|@type)\b"
_LOG_LINE = rb"\s*\[\d{4}-\d\d-\d\dT"


class UnredactableError(Exception):
    """Why a body cannot be redacted, in one line."""


class BodyRedaction:
    """The bodies of one snapshot; equal parts are redacted once."""

    def __init__(self) -> None:
        self._slices = Slices(_slice(Redaction()))
        self._log = Redaction(is_log=True)

    def redacted(self, document: Document, kind: str) -> bytes:
        """Raises UnredactableError. A document that could not be read has no body."""
        body = document.body
        if _is_log(document, kind):
            return self._redacted_log(body)
        if not body.strip() or not _suspicious().search(body):
            return body
        if not document.is_json and FENCE_AT_THE_MARGIN.search(body):
            raise UnredactableError("a Markdown text: give what is in its code blocks as files of their own")
        if document.is_json or (kind not in _TEXTS and re.search(_YAML, body[:65536], re.MULTILINE)):
            return self._structured(document)
        return _plain(body)

    def _structured(self, document: Document) -> bytes:
        """JSON values one after another stand for YAML documents where one of them had to be changed."""
        try:
            values = values_of(document)
            new = [self._slices.rewritten(value) for value in values]
        except GarbledError as error:
            if not document.is_json and not re.search(_MANIFEST, document.body):
                return _plain(document.body)
            raise UnredactableError(str(error)) from None
        except FAILURES as error:
            raise UnredactableError(" ".join(str(error).split()) or type(error).__name__) from None
        if all(one is other for one, other in zip(new, values, strict=True)):
            return document.body
        return b"\n".join(map(bytes, new)) + (b"\n" if document.body.endswith(b"\n") else b"")

    def _redacted_log(self, body: bytes) -> bytes:
        """Line by line: a line that breaks off costs no other."""
        lines = body.decode("utf-8", "replace").split("\n")
        new = list(map(self._line, lines))
        return body if new == lines else "\n".join(new).encode()

    def _line(self, line: str) -> str:
        if not line.lstrip().startswith("{"):
            return redacted_text(redacted_line(line))
        try:
            value: Any = decoded(line.encode())
        except FAILURES:
            return REDACTED  # it breaks off, and its secrets cannot be told from the rest
        new = self._log.value(value)
        return line if new is value else encoded(new).decode()


def _slice(redaction: Redaction) -> Any:
    def change(body: bytes) -> bytes:
        if not _suspicious().search(body):
            return body
        value = decoded(body)
        new = redaction.value(value)
        return body if new is value else encoded(new)

    return change


def _plain(body: bytes) -> bytes:
    text = body.decode("utf-8", "replace")
    new = redacted_text(text)
    return body if new is text else new.encode()


def _is_log(document: Document, kind: str) -> bool:
    """By its kind; a document without a kind by its name or its first line."""
    if kind:
        return kind == "access_log"
    return document.name.endswith((".log", ".jsonl")) or bool(re.match(_LOG_LINE, document.body[:4096]))


@cache
def _suspicious() -> Any:
    """RE2, Envoy's own engine, searches megabytes at once."""
    import re2  # type: ignore[import-untyped]  # no stubs; only redaction pays for it

    return re2.compile(SUSPICIOUS)
