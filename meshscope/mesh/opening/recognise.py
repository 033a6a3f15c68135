"""The kind of a document, by its content, never by its name.

A kind is a word: "config_dump", "clusters", "manifests", "debug/syncz" …; "" is unknown.
"""

from __future__ import annotations

import re
from itertools import islice

from msgspec import Raw

from meshscope.envoy import recognise as envoy
from meshscope.envoy.dump_builder import opener
from meshscope.envoy.reading import is_dump_text, unwrapped
from meshscope.istio.recognition import recognise as istio
from meshscope.mesh.account import CONFIG
from meshscope.snapshot.json_text import YAML_PREAMBLE, GarbledError, values_of
from meshscope.snapshot.snapshot import Captured, Problem

_MOST_UNKNOWN = 10_000
"""So many values without a kind make a text one of none: a log of millions of lines would take minutes."""
_MANIFEST = rb"(?m)^(?:- )?(?:apiVersion|kind):[ \t]"


def recognise_document(captured: Captured) -> tuple[str, tuple[Raw, ...], Problem | None]:
    """The kind of a document, its values if they had to be read, and the problem of a document that cannot be read.

    A document with a kind in a recording's manifest is not parsed here, and neither is YAML that begins as manifests do.
    """
    document = captured.document
    try:
        if (kind := _at_first_sight(captured)) is not None:
            return kind, (), None
        values = values_of(document)
    except GarbledError as garbled:
        if _is_foreign(captured):
            return "", (), None
        return "", (), Problem(document.name, _explained(document.body, str(garbled)))
    first = islice(values, _MOST_UNKNOWN)
    kinds = (istio.recognise(value) or envoy.recognise(value) or _wrapped(value) for value in first)
    kind = captured.kind or next(filter(None, kinds), "")
    is_bare = not any(opener(value) in (b"{", b"[") for value in values) and document.body.strip() != b"null"
    if not kind and is_bare and not document.failure and not _is_foreign(captured):
        return "", (), Problem(document.name, _explained(document.body, "a bare value"))
    return kind, values, None


def _at_first_sight(captured: Captured) -> str | None:
    """The kind of a text that need not be parsed; "" for a text that is not an answer; None if it must be parsed."""
    if captured.kind and captured.kind not in CONFIG:
        return captured.kind  # it is read at the first question
    body = captured.document.body
    if is_dump_text(body):
        return "config_dump"
    if captured.document.is_json:
        return None
    return _text_kind(body) or ("" if _is_bystander(captured) else None)


_FIRST_LINE = YAML_PREAMBLE + rb"""(?:---|- |[\w"'@.!/-]+:(?:\s|$))"""


def _is_bystander(captured: Captured) -> bool:
    """Whether a text of a folder is not an answer (a README, a log): it was not meant to be read, which is not a problem.

    YAML starts with a key, an item or a marker. An answer of one line is an error's message.
    """
    body = captured.document.body
    if captured.document.name == captured.source or re.match(_FIRST_LINE, body[:65536]):
        return False
    if not body.strip():
        return captured.document.name.endswith((".jsonl", ".log"))  # nothing was logged
    return b"\n" in body.strip() or not (captured.owner or captured.istiod)


def _is_foreign(captured: Captured) -> bool:
    """Whether a text of a folder starts like YAML but is prose. A text that names Envoy's types was meant to be read."""
    document = captured.document
    in_a_folder = document.name != captured.source and not (captured.owner or captured.istiod)
    return in_a_folder and not document.is_json and not re.search(_MEANT, document.body[:65536])


_MEANT = rb"(?m)@type|^(?:static_?[rR]esources|dynamic_?[rR]esources|resources|admin):"


def _wrapped(value: Raw) -> str:
    """The kind of the first dump below names of proxies."""
    return next((envoy.recognise(inner) for path, inner in unwrapped(value) if path), "")


def _text_kind(body: bytes) -> str:
    if kind := envoy.recognise_text(body) or istio.recognise_text(body):
        return kind
    return "manifests" if re.search(_MANIFEST, body[:4096]) else ""


def _explained(body: bytes, why: str) -> str:
    """The message about an unreadable text; an error's message instead of an answer is quoted."""
    start = body[:200].strip()
    if start.startswith((b"{", b"[")) or b"\n" in start or not start:
        return f"not readable: {why}"
    return f"not a document but a message: {start[:160].decode(errors='replace')}"
