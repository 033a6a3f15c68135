"""Collects the resources, the evidence and the problems of one dump; `dump` makes the Dump of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from meshscope.envoy.dump import Dump
from meshscope.envoy.resource import BOOTSTRAP, ERROR, SCOPED_ROUTES, STATIC, ErrorState, Origin, Resource
from meshscope.location import Document
from meshscope.path import Path, path_text
from meshscope.snapshot.snapshot import Problem
from meshscope.xds.message import present

FAILURES = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
"""What decoding a broken or hostile text may raise."""

_NAME_FIRST = re.compile(rb'\{\s*(?:"@type":\s*"[^"\\]*",\s*)?"(?:name|cluster_name|clusterName)":\s*"([^"\\]*)"')
_EMPTY = rb"\{\s*\}"


class _Named(msgspec.Struct):
    name: str = ""
    cluster_name: str = ""
    clusterName: str = ""  # noqa: N815  # as protobuf's JSON spells it


_named = msgspec.json.Decoder(_Named)
_object = msgspec.json.Decoder(dict[str, Raw])
_array = msgspec.json.Decoder(list[Raw])


MOST_PROBLEMS = 10_000
"""So many parts of a document may be unreadable before the rest is left alone: what is mostly noise would take minutes."""


def name_of(body: Raw) -> str:
    """The resource's name without reading its body; "" where it has none or cannot be read."""
    if found := _NAME_FIRST.match(body):
        try:
            return found[1].decode()
        except UnicodeDecodeError:
            return ""
    try:
        named = _named.decode(body)
    except FAILURES:
        return ""
    return named.name or named.cluster_name or named.clusterName


def opener(value: Raw) -> bytes:
    """The first byte of a slice: `{` for an object, `[` for an array."""
    return bytes(memoryview(value)[:1])


class DumpBuilder:
    """What cannot be read becomes a problem, never an error.

    `origin` is set before resources are added; one that a later section sets anew holds for all of them. `node` is set where
    no bootstrap has it.
    """

    def __init__(self, document: Document) -> None:
        self.origin = Origin(document)
        self.resources: list[Resource] = []
        self.evidence: set[str] = set()
        self.problems: list[Problem] = []
        self.is_full = False
        self.has_sections = False
        self.is_partial = False
        self.open_kinds: frozenset[str] = frozenset()
        self._has_empty_bootstrap = False
        self.node = Raw()

    @property
    def document(self) -> Document:
        return self.origin.document

    def dump(self) -> Dump:
        if any(resource.origin is not self.origin for resource in self.resources[:1]):
            self.resources = [replace(resource, origin=self.origin) for resource in self.resources]
        return Dump(
            origin=self.origin,
            resources=tuple(self.resources),
            evidence=frozenset(self.evidence),
            problems=tuple(self.problems),
            has_sections=self.has_sections,
            is_partial=self.is_partial,
            open_kinds=self.open_kinds | self.evidence if self.is_full else self.open_kinds,
            has_empty_bootstrap=self._has_empty_bootstrap,
            node_beside=self.node,
        )

    def mark_api_v2(self) -> None:
        """All resources of the dump are of API v2."""
        if not self.origin.api_v2:
            self.origin = replace(self.origin, api_v2=True)

    def add(  # noqa: PLR0913  # a resource has that many parts
        self, kind: str, state: str, raw: Raw, at: Path, field: str = "", *, name: str | None = None, of: Any = None
    ) -> None:
        """One resource. `of` is the entry or state that holds it, with its version, times and error."""
        self.resources.append(
            Resource(
                self.origin,
                kind,
                name_of(raw) if name is None else name,
                state,
                raw,
                at,
                field,
                getattr(of, "version_info", ""),
                getattr(of, "last_updated", ""),
                error_of(of),
                getattr(of, "client_status", ""),
                getattr(of, "name", "") if kind == SCOPED_ROUTES else "",
            )
        )

    def add_bootstrap(self, message: str, body: Raw, at: Path) -> None:
        """istiod sends the section empty, an Envoy never does."""
        if present(body) and not re.fullmatch(_EMPTY, body):
            self.add(BOOTSTRAP, STATIC, body, at, "bootstrap", name="")
        elif message.endswith("BootstrapConfigDump"):
            self._has_empty_bootstrap = True

    def add_list(self, value: Raw, kind: str, state: str, at: Path) -> None:
        self.evidence.add(kind)
        for index, body in enumerate(self.items(value, at)):
            self.add(kind, state, body, (*at, index))

    def add_refused(self, kind: str, entry: Any, at: Path, field: str) -> None:
        """A refused update, with the refused configuration where the entry has it, or a resource that does not exist."""
        refused = entry.error_state.failed_configuration if entry.error_state is not None else Raw(b"{}")
        has_body = present(refused) and refused != Raw(b"{}")
        path = f"{field}.failed_configuration" if has_body and field else field
        raw = refused if present(refused) else Raw(b"{}")
        self.add(kind, ERROR, raw, at, path, name=entry.name or name_of(raw), of=entry)

    # --- slices ----------------------------------------------------------------------------------------------------

    def items(self, value: Raw, at: Path) -> Iterator[Raw]:
        """Up to the end, or to the last of too many problems."""
        try:
            items = _array.decode(value)
        except FAILURES as error:
            self.problem(at, f"not a list: {error}")
            return
        for item in items:
            if self.is_full:
                return
            yield item

    def members(self, value: Raw, at: Path) -> dict[str, Raw]:
        try:
            return _object.decode(value)
        except FAILURES as error:
            self.problem(at, f"not an object: {error}")
            return {}

    def problem(self, at: Path, message: str) -> None:
        if not self.is_full:
            self.problems.append(Problem(self.document.name, f"{path_text(at) or 'the document'}: {message}"))
        if len(self.problems) == MOST_PROBLEMS and not self.is_full:
            self.is_full = True
            what = f"{MOST_PROBLEMS:,} of its parts cannot be read: the rest is not looked at"
            self.problems.append(Problem(self.document.name, what))


def error_of(entry: Any) -> ErrorState | None:
    """Why an entry's update was refused; None where it was not."""
    state = getattr(entry, "error_state", None)
    return ErrorState(state.details, state.last_update_attempt, state.version_info) if state is not None else None
