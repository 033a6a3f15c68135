"""Reads the sections of a config_dump, Envoy's own or its camelCase twin, in one scan."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, Literal

from msgspec import Raw

from meshscope.envoy.dump_builder import FAILURES, DumpBuilder, name_of
from meshscope.envoy.resource import LISTENER, SCOPED_ROUTES, Origin, Resource
from meshscope.envoy.sections import ABSENT, ARRAYS, LISTENER_STATES, LONG, SECTION_KINDS, Spelling, spelling
from meshscope.path import Path, camel
from meshscope.xds.extension import type_name
from meshscope.xds.message import present

_MOST_SECTIONS = 10_000
"""More are no sections of a dump, which has ten or twenty; the fallback looks at them one at a time."""
Rename = Literal["camel"] | None


def read_sections(builder: DumpBuilder, value: Raw | bytes, path: Path) -> bool:
    """Whether the value is a whole dump whose every entry can be read; otherwise nothing is added."""
    renames: tuple[Rename, ...] = (None, "camel")
    for rename in renames:
        try:
            sections = _decoded(spelling(rename), value)
        except FAILURES:
            return False
        if len(sections) > _MOST_SECTIONS:
            return False
        if any(getattr(section, name) for section in sections for name in ARRAYS):
            if rename is None and any(present(getattr(section, f"{name}_")) for section in sections for name in ARRAYS):
                return False  # both spellings in one dump
            is_rewritten = rename is not None or not builder.document.is_json
            is_old = any(".v2alpha." in type_name(section.type_url) for section in sections)
            builder.origin = Origin(builder.document, is_rewritten, is_old)
            for number, section in enumerate(sections):
                _section(builder, section, (*path, "configs", number), rename)
            return True
    return False


def _decoded(decoders: Spelling, value: Raw | bytes) -> list[Any]:
    """Raises FAILURES."""
    if isinstance(value, bytes) and len(value) >= LONG:
        from meshscope.envoy.long_dumps import is_awaited, sections_one_by_one  # few dumps are long

        if is_awaited() and (in_pieces := sections_one_by_one(decoders, value)) is not None:
            return in_pieces
    configs: list[Any] = decoders.dump.decode(value).configs
    return configs


def _section(builder: DumpBuilder, section: Any, path: Path, rename: Rename) -> None:
    name = type_name(section.type_url)
    builder.has_sections = True
    if kind := SECTION_KINDS.get(name.rpartition(".")[2]):
        builder.evidence.add(kind)
    builder.add_bootstrap(name, section.bootstrap, path)
    for array, (kind, state) in ARRAYS.items():
        if entries := getattr(section, array):
            builder.evidence.add(kind)
            _entries(builder, entries, kind, state, (*path, camel(array) if rename else array), rename)


def _entries(builder: DumpBuilder, entries: list[Any], kind: str, state: str, base: Path, rename: Rename) -> None:  # noqa: PLR0913, PLR0917  # the innermost loop
    body_of = attrgetter(kind) if kind != SCOPED_ROUTES else None
    field = camel(kind) if rename else kind
    origin, add = builder.origin, builder.resources.append
    for number, entry in enumerate(entries):
        body = body_of(entry) if body_of else ABSENT
        at = (*base, number)
        if body is ABSENT or entry.error_state is not None or entry.client_status:
            read_entry(builder, entry, kind, state, at)
        else:  # most of a dump: indexing spends its time in these lines
            version, updated = entry.version_info, entry.last_updated
            add(Resource(origin, kind, name_of(body), state, body, at, field, version, updated))


def read_entry(builder: DumpBuilder, entry: Any, kind: str, state: str, at: Path) -> None:
    """One entry of a section: a body, a listener in several states, or a refused update."""
    spelled = camel if entry.is_camel else str
    if kind == SCOPED_ROUTES:
        field = spelled("scoped_route_configs")
        if present(entry.scoped_route_configs):
            for number, body in enumerate(builder.items(entry.scoped_route_configs, (*at, field))):
                builder.add(SCOPED_ROUTES, state, body, (*at, field, number), of=entry)
        return
    body, field = getattr(entry, kind), spelled(kind)
    if not present(body) and present(mixed := getattr(entry, f"{kind}_", ABSENT)):
        body, field = mixed, kind
    found = present(body)
    if found:
        builder.add(kind, state, body, at, field, of=entry)
    for name, its_state in LISTENER_STATES.items():
        held = getattr(entry, name)
        if held is not None and present(held.listener):
            found = True
            named = entry.name or name_of(held.listener)
            builder.add(kind, its_state, held.listener, at, f"{spelled(name)}.listener", name=named, of=held)
    if entry.error_state is not None and kind == LISTENER:
        builder.add_refused(kind, entry, at, spelled("error_state"))
    elif not found and entry.client_status:
        builder.add_refused(kind, entry, at, "")
