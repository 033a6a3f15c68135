"""A Dump while it is being filled: what was found, what it is evidence for, and what could not be read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Raw

from meshscope.envoy.dump import Dump
from meshscope.envoy.resource import BOOTSTRAP, ERROR, STATIC, ErrorState, Resource
from meshscope.location import Document
from meshscope.path import Path, written
from meshscope.snapshot.snapshot import Problem
from meshscope.xds.message import present

FAILURES = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
"""What decoding a hostile or broken text may raise."""

_NAME_FIRST = re.compile(rb'\{\s*(?:"@type":\s*"[^"\\]*",\s*)?"(?:name|cluster_name|clusterName)":\s*"([^"\\]*)"')
_EMPTY = re.compile(rb"\{\s*\}")


class _Named(msgspec.Struct):
    name: str = ""
    cluster_name: str = ""
    clusterName: str = ""  # noqa: N815  # as protobuf's JSON spells it


_named = msgspec.json.Decoder(_Named)
_object = msgspec.json.Decoder(dict[str, Raw])
_array = msgspec.json.Decoder(list[Raw])


def name_of(body: Raw) -> str:
    """The resource's name without reading its body; "" where it has none or is not readable."""
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
    """The first byte of a slice, which tells objects from arrays."""
    return bytes(memoryview(value)[:1])


class Indexing:
    """Collects the resources of one value; what cannot be read becomes a problem, never an error."""

    def __init__(self, document: Document) -> None:
        self.dump = Dump(document)
        self.resources: list[Resource] = []
        self.evidence: set[str] = set()
        self.problems: list[Problem] = []

    def done(self) -> Dump:
        self.dump.resources = tuple(self.resources)
        self.dump.evidence = frozenset(self.evidence)
        self.dump.problems = tuple(self.problems)
        return self.dump

    def add(  # noqa: PLR0913  # a resource has that many parts
        self, kind: str, state: str, raw: Raw, at: Path, field: str = "", *, name: str | None = None, of: Any = None
    ) -> None:
        """One resource; `of` is the entry or state that holds it and knows its version, times and errors."""
        self.resources.append(
            Resource(
                self.dump,
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
            )
        )

    def add_bootstrap(self, message: str, body: Raw, at: Path) -> None:
        """istiod sends the section empty, which tells its dumps from an Envoy's."""
        if present(body) and not _EMPTY.fullmatch(body):
            self.add(BOOTSTRAP, STATIC, body, at, "bootstrap", name="")
        elif message.endswith("BootstrapConfigDump"):
            self.dump.has_empty_bootstrap = True

    def add_list(self, value: Raw, kind: str, state: str, at: Path) -> None:
        self.evidence.add(kind)
        for index, body in enumerate(self.items(value, at)):
            self.add(kind, state, body, (*at, index))

    def add_refused(self, kind: str, entry: Any, at: Path, field: str) -> None:
        """What Envoy refused, or was told does not exist: the refused configuration where the entry holds it."""
        refused = entry.error_state.failed_configuration if entry.error_state is not None else Raw(b"{}")
        has_body = present(refused) and refused != Raw(b"{}")
        path = f"{field}.failed_configuration" if has_body and field else field
        raw = refused if present(refused) else Raw(b"{}")
        self.add(kind, ERROR, raw, at, path, name=entry.name or name_of(raw), of=entry)

    # --- slices ----------------------------------------------------------------------------------------------------

    def items(self, value: Raw, at: Path) -> Iterable[Raw]:
        try:
            return _array.decode(value)
        except FAILURES as error:
            self.problem(at, f"not a list: {error}")
            return ()

    def members(self, value: Raw, at: Path) -> dict[str, Raw]:
        try:
            return _object.decode(value)
        except FAILURES as error:
            self.problem(at, f"not an object: {error}")
            return {}

    def problem(self, at: Path, message: str) -> None:
        self.problems.append(Problem(self.dump.document.name, f"{written(at) or 'the document'}: {message}"))


def error_of(entry: Any) -> ErrorState | None:
    """Why an entry's update was refused; None where none was."""
    state = getattr(entry, "error_state", None)
    return ErrorState(state.details, state.last_update_attempt, state.version_info) if state is not None else None
