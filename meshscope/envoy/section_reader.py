"""Sections of a config_dump into an index: Envoy's own dump and its camelCase twin, in one scan."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, Literal

from msgspec import Raw

from meshscope.envoy.dump_builder import FAILURES, Indexing, name_of
from meshscope.envoy.resource import LISTENER, SCOPED_ROUTES, Resource
from meshscope.envoy.sections import ABSENT, ARRAYS, LISTENER_STATES, SECTION_KINDS, spelling
from meshscope.path import Path, camel
from meshscope.xds.extension import type_name
from meshscope.xds.message import present

Rename = Literal["camel"] | None


def read_sections(index: Indexing, value: Raw, path: Path) -> bool:
    """Whether the value is a whole dump whose every entry reads; nothing was added if not."""
    renames: tuple[Rename, ...] = (None, "camel")
    for rename in renames:
        try:
            sections = spelling(rename).dump.decode(value).configs
        except FAILURES:
            return False
        if any(getattr(section, name) for section in sections for name in ARRAYS):
            if rename is None and any(present(getattr(section, f"{name}_")) for section in sections for name in ARRAYS):
                return False  # both spellings in one dump
            index.dump.rewritten = rename is not None or not index.dump.document.is_json
            for number, section in enumerate(sections):
                _section(index, section, (*path, "configs", number), rename)
            return True
    return False


def _section(index: Indexing, section: Any, path: Path, rename: Rename) -> None:
    name = type_name(section.type_url)
    index.dump.has_sections = True
    index.dump.api_v2 = index.dump.api_v2 or ".v2alpha." in name
    if kind := SECTION_KINDS.get(name.rpartition(".")[2]):
        index.evidence.add(kind)
    index.add_bootstrap(name, section.bootstrap, path)
    for array, (kind, state) in ARRAYS.items():
        if entries := getattr(section, array):
            index.evidence.add(kind)
            _entries(index, entries, kind, state, (*path, camel(array) if rename else array), rename)


def _entries(index: Indexing, entries: list[Any], kind: str, state: str, base: Path, rename: Rename) -> None:  # noqa: PLR0913, PLR0917  # the innermost loop
    body_of = attrgetter(kind) if kind != SCOPED_ROUTES else None
    field = camel(kind) if rename else kind
    for number, entry in enumerate(entries):
        body = body_of(entry) if body_of else ABSENT
        at = (*base, number)
        if body is ABSENT or entry.error_state is not None or entry.client_status:
            read_entry(index, entry, kind, state, at)
        else:  # most of a dump: the time of indexing goes into these lines
            version, updated = entry.version_info, entry.last_updated
            index.resources.append(Resource(index.dump, kind, name_of(body), state, body, at, field, version, updated))


def read_entry(index: Indexing, entry: Any, kind: str, state: str, at: Path) -> None:
    """One entry of a section, whatever it holds: a body, a listener in several states, a refused update."""
    spelled = camel if entry.is_camel else str
    if kind == SCOPED_ROUTES:
        field = spelled("scoped_route_configs")
        if present(entry.scoped_route_configs):
            for number, body in enumerate(index.items(entry.scoped_route_configs, (*at, field))):
                index.add(SCOPED_ROUTES, state, body, (*at, field, number), of=entry)
        return
    body, field = getattr(entry, kind), spelled(kind)
    if not present(body) and present(mixed := getattr(entry, f"{kind}_", ABSENT)):
        body, field = mixed, kind
    found = present(body)
    if found:
        index.add(kind, state, body, at, field, of=entry)
    for name, its_state in LISTENER_STATES.items():
        held = getattr(entry, name)
        if held is not None and present(held.listener):
            found = True
            named = entry.name or name_of(held.listener)
            index.add(kind, its_state, held.listener, at, f"{spelled(name)}.listener", name=named, of=held)
    if entry.error_state is not None and kind == LISTENER:
        index.add_refused(kind, entry, at, spelled("error_state"))
    elif not found and entry.client_status:
        index.add_refused(kind, entry, at, "")
