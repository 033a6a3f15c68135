"""Collects the names in any decoded document: by the keys above them, and by the form of the text itself."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Raw

from meshscope.anonymous.vocabulary import VocabularyBuilder
from meshscope.istio.raw_json import items_of, members_of, opener
from meshscope.location import Document
from meshscope.redaction.name_keys import (
    CATEGORIES,
    EMBEDDED_YAML,
    HEADER_MEMBERS,
    HOST,
    LABEL,
    LABEL_KEYS,
    MATCHER_KEYS,
    NAME,
    NAME_MAPS,
    NAME_MEMBERS,
    NAMESPACE,
    NOT_BESIDE,
    PATH,
    SOFTWARE_LISTS,
    SOFTWARE_MEMBERS,
    VALUE,
)
from meshscope.redaction.numbers import FAILURES, decoded
from meshscope.redaction.values import LONGEST_NAME
from meshscope.snapshot.json_text import GarbledError, values_of

SHORTEST_EMBEDDED_JSON = 8
"""Characters of a text that may be JSON; a shorter one has no names."""
_SMALL = 2048
"""Bytes of a slice that is decoded as a whole."""
_DEEPEST = 6
_CLUSTER = re.compile(
    r"(?:outbound|inbound|inbound-vip)(?:\||_\.)\d*(?:\||_\.)(?P<subset>[^|]*?)(?:\||_\.)(?P<host>[^|]*)"
)
_NODE_ID = re.compile(r"[a-z-]+~[^~]*~(?P<pod>[^~]+?)\.(?P<namespace>[^~.]+)~[^~]*")
_COMPOSITE_NAMES = (
    re.compile(r"spiffe://(?P<zone>[^/]*)/ns/(?P<ns>[^/]*)/sa/(?P<sa>[^/]*)"),
    re.compile(r"(?:/|kubernetes://)apis/[^/]*/[^/]*/namespaces/(?P<ns>[^/]*)/[^/]*/(?P<name>[^/]+)"),
    re.compile(r"(?:istio-ext-authz-.*)?ns\[(?P<ns>[^\]]*)\]-policy\[(?P<name>[^\]]*)\].*"),
    re.compile(r"(?P<svc>[\w-]+)\.(?P<ns>[\w-]+)\.svc(?:\..*|:\d+)?"),
    re.compile(r"kubernetes(?:-gateway)?://(?:(?P<ns>[^/]*)/)?(?P<name>[^/]*)"),
)
"""Names of Istio and Kubernetes that contain other names; each group is named after its category."""


def collect_names(value: Any, builder: VocabularyBuilder, under: str = "") -> None:
    """Adds the names in a decoded value of any document. `under` is the key above it."""
    if isinstance(value, str):
        _collect_text(value, builder, under)
    elif isinstance(value, list):
        for item in value:
            collect_names(item, builder, under_item(under, item))
    elif isinstance(value, dict):
        _collect_object(value, builder, under)


def collect_outer_names(text: Raw, builder: VocabularyBuilder, under: str = "", depth: int = _DEEPEST) -> None:
    """Adds the strings in the outer levels of a large text, by the keys above them. Small objects are skipped."""
    if opener(text) == b'"':
        collect_names(decoded(bytes(text)), builder, under)
    elif len(memoryview(text)) > _SMALL and depth:
        for item in items_of(text):
            collect_outer_names(item, builder, under, depth - 1)
        for key, member in members_of(text).items():
            collect_outer_names(member, builder, key, depth - 1)


def under_item(under: str, item: Any) -> str:
    """The key above an item of an array: an object in an array is not one of NAME_MAPS."""
    return "" if under in NAME_MAPS and isinstance(item, dict) else under


def _collect_object(value: dict[str, Any], builder: VocabularyBuilder, under: str) -> None:
    if not SOFTWARE_MEMBERS.isdisjoint(value):
        return
    if under not in SOFTWARE_LISTS and NOT_BESIDE.isdisjoint(value):
        for key in NAME_MEMBERS:
            _add_member(value, key, NAME, builder)
    if value.keys() <= HEADER_MEMBERS:
        _add_member(value, "key", NAME, builder)
        _add_member(value, "value", VALUE, builder)
    for key, member in value.items():
        if under in LABEL_KEYS:
            _add_member(value, key, LABEL, builder)
        if under in NAME_MAPS:
            builder.add_name(key, NAME)
        collect_composite_name(key, builder)
        collect_names(member, builder, key)


def _add_member(value: dict[str, Any], key: str, category: str, builder: VocabularyBuilder) -> None:
    if isinstance(text := value.get(key), str):
        builder.add_name(text, category)


def _collect_text(text: str, builder: VocabularyBuilder, under: str) -> None:
    if category := CATEGORIES.get(under):
        builder.add_name(text, category)
        if category == HOST and text[:1] == "*" and text[1:2].isalnum():
            builder.add_matcher("suffix", text[1:], category)
        if category == HOST and text[-1:] == "*" and text[-2:-1].isalnum():
            builder.add_matcher("prefix", text[:-1], category)
    elif under in MATCHER_KEYS:
        builder.add_matcher(MATCHER_KEYS[under], text, PATH if text.startswith("/") else VALUE)
    elif under in EMBEDDED_YAML or (text[:1] in ("{", "[") and len(text) > SHORTEST_EMBEDDED_JSON):
        _collect_embedded(text, builder)
    collect_composite_name(text, builder)


def _collect_embedded(text: str, builder: VocabularyBuilder) -> None:
    """Adds the names in a document inside a string. A text that is not a document has none."""
    try:
        for raw in values_of(Document.of("", text.encode("utf-8", "replace"))):
            value = decoded(bytes(raw))
            if not isinstance(value, str):
                collect_names(value, builder)
    except (GarbledError, *FAILURES):
        return


def collect_composite_name(text: str, builder: VocabularyBuilder) -> None:
    """Adds the names inside a name that Istio or Kubernetes composed of them."""
    if len(text) > LONGEST_NAME:
        return
    if "|" in text or "_." in text:
        if match := _CLUSTER.fullmatch(text):
            builder.add_name(match["subset"], NAME)
            builder.add_name(match["host"], HOST)
    elif "~" in text and (match := _NODE_ID.match(text)):
        builder.add_pod(match["pod"])
        builder.add_name(match["namespace"], NAMESPACE)
    for form in _COMPOSITE_NAMES if "/" in text or "." in text or "[" in text else ():
        if match := form.fullmatch(text):
            for category, name in match.groupdict().items():
                builder.add_name(name or "", category)
