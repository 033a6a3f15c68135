"""The body of a document without what is not known to be configuration: JSON, YAML, logs and plain text.

Invariant: a body in which nothing is replaced is returned as the same bytes, if it is JSON or has no comments. A body that
should be structured and cannot be read raises UnredactableError, so that no document is posted that was not understood.
"""

from __future__ import annotations

import re
from collections import Counter

from msgspec import Raw

from meshscope.mesh.opening.recognise import recognise_document
from meshscope.redaction import place as kinds
from meshscope.redaction.lines import Lines
from meshscope.redaction.numbers import FAILURES, decoded, encoded
from meshscope.redaction.place import CONFIGURATION, Place
from meshscope.redaction.slices import Slices
from meshscope.redaction.values import Values
from meshscope.redaction.walk import Walk
from meshscope.snapshot.json_text import FENCE_AT_THE_MARGIN, YAML_PREAMBLE, GarbledError, values_of
from meshscope.snapshot.snapshot import Captured

TEXTS = frozenset({"access_log", "clusters", "listeners", "stats", "version"})
"""Kinds that are either JSON or plain text."""
_YAML = rb"\A" + YAML_PREAMBLE + rb"""(?:---|\{|- |["']?[\w@./-]+["']?:(?:[ \t\r]*$|[ \t]))"""
_COMMENT = rb"(?m)(?:^|\s)#"
_UNKNOWN = Place(kind=kinds.UNKNOWN_DOCUMENT)


class UnredactableError(Exception):
    """Why a body cannot be redacted, in one line."""


class BodyRedaction:
    """The bodies of one snapshot; equal parts are redacted once."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._walk = Walk(values)
        self._lines = Lines(self._walk)
        self._slices = Slices(self._change, self._walk.below, noted=self._count)
        self._counted: Counter[str] = Counter()

    def redacted(self, captured: Captured, count: Counter[str]) -> bytes:
        """Adds to `count` what was replaced. Raises UnredactableError. A document that could not be read has no body."""
        document = captured.document
        body = document.body
        if not body.strip():
            return body
        kind = captured.kind or recognise_document(captured)[0] or _by_name(captured)
        self._values.count = count
        self._counted = count
        if not document.is_json and FENCE_AT_THE_MARGIN.search(body):
            raise UnredactableError("a Markdown text: give what is in its code blocks as files of their own")
        if kind == "access_log":
            return self._lines.text(body, kind)
        if document.is_json or (kind not in TEXTS and re.search(_YAML, body[:65536], re.MULTILINE)):
            is_known = bool(kind or captured.owner or captured.istiod)
            return self._structured(captured, CONFIGURATION if is_known else _UNKNOWN)
        return self._lines.text(body, kind)

    def _structured(self, captured: Captured, place: Place) -> bytes:
        """JSON values one after another stand for YAML documents where one of them had to be changed, or has comments."""
        document = captured.document
        try:
            values = values_of(document)
            new = [self._slices.rewritten(value, place) for value in values]
        except GarbledError as error:
            if not document.is_json and not captured.kind and place.kind:
                return self._lines.text(document.body, "")
            raise UnredactableError(str(error)) from None
        except FAILURES as error:
            raise UnredactableError(" ".join(str(error).split()) or type(error).__name__) from None
        has_comments = not document.is_json and re.search(_COMMENT, document.body)
        if not has_comments and all(one is other for one, other in zip(new, values, strict=True)):
            return document.body
        return b"\n".join(map(bytes, new)) + (b"\n" if document.body.endswith(b"\n") else b"")

    def _change(self, body: bytes, place: Place) -> tuple[bytes, Counter[str]]:
        self._values.count = count = Counter[str]()
        value = decoded(Raw(body))
        new = self._walk.value(value, place)
        return body if new is value else encoded(new), count

    def _count(self, count: Counter[str]) -> None:
        self._counted.update(count)


def _by_name(captured: Captured) -> str:
    return "access_log" if captured.document.name.endswith((".log", ".jsonl")) else ""
