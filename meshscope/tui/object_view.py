"""What the screen of an object shows: its links, and its text in three forms. No widget in it."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from meshscope.istio.owner_text import parse_owner
from meshscope.listing.column import Column
from meshscope.listing.describe import Description, Reference
from meshscope.listing.row import Row
from meshscope.listing.row_id import row_ids
from meshscope.listing.rows import Rows
from meshscope.location import Location, Place
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.network.facts import SERVICE_ENTRY
from meshscope.path import Path
from meshscope.render.painting import CYAN, MAGENTA, MISSING
from meshscope.tui.cycle import Cycle
from meshscope.tui.target import Target, target_in_proxy, target_of_object
from meshscope.tui.text.folds import depths_of
from meshscope.tui.text.raw_slice import raw_slice
from meshscope.tui.text.yaml_lines import yaml_lines
from meshscope.work import UNFOLLOWED, Work

DECIDER, OWNER, USED_BY, REACHES, ALSO_IN = "decided by", "owner", "used by", "reaches", "also in"
_LINES_OF_A_STEP = 20_000


class Form(Cycle):
    """The forms of a text, in the order in which a key changes them."""

    YAML = "YAML"
    RAW = "raw"
    JSON = "JSON"


class Link(Row, frozen=True, kw_only=True):
    """The other end of a reference. `target` is None where nothing opens. `is_inside` is true for its own part. `part` is
    where in the other object the reference leads.
    """

    role: str
    text: str
    proxy: str = ""
    exists: bool = True
    is_inside: bool = False
    target: Target | None = None
    part: Path = ()

    @property
    def remark(self) -> str:
        if not self.exists:
            return MISSING
        if self.is_inside:
            return "in this object"
        is_known = self.target is not None or self.role in (USED_BY, REACHES)
        return "" if is_known else "not in this input"


LINK_COLUMNS: tuple[Column[Link], ...] = (
    Column("LINK", lambda link: link.role),
    Column("OBJECT", lambda link: link.text),
    Column("PROXY", lambda link: link.proxy),
    Column(" ", lambda link: link.remark),
)


class Text(Struct, frozen=True):
    """`widest` is the length of the longest line. `note` says how the text differs from the whole object.

    `depths` has a byte a line, see `folds`. `value` is what YAML and JSON are written from, None for a raw text.
    """

    lines: Sequence[str]
    widest: int
    note: str = ""
    depths: bytes = b""
    value: Any = None


def links(mesh: Mesh, thing: Description, decider: str = "") -> tuple[Link, ...]:
    """Owner first, then users, what the object reaches, and other proxies with one of that name. Before all of them the
    manifest that decides a request here, in the words of an answer.
    """
    return (*_decider(mesh, decider), *_owner(mesh, thing), *_references(mesh, thing), *_elsewhere(thing))


def _decider(mesh: Mesh, decider: str) -> Iterator[Link]:
    if owner := parse_owner(decider):
        yield Link(role=DECIDER, text=owner.whole, target=target_of_object(mesh, decider), part=owner.part)


def _owner(mesh: Mesh, thing: Description) -> Iterator[Link]:
    if thing.owner:
        yield Link(role=OWNER, text=thing.owner, target=target_of_object(mesh, thing.owner))


def _references(mesh: Mesh, thing: Description) -> Iterator[Link]:
    for role, references in ((USED_BY, thing.used_by), (REACHES, thing.reaches)):
        yield from (_link(mesh, thing, role, reference) for reference in references)


def _link(mesh: Mesh, thing: Description, role: str, reference: Reference) -> Link:
    proxy = reference.proxy or ""
    target = _target(mesh, reference) if reference.exists else None
    is_inside = target is not None and (target.kind, target.selection.name, proxy) == (
        thing.kind,
        thing.name,
        thing.proxy,
    )
    return Link(
        role=role,
        text=f"{reference.kind} {reference.name}",
        proxy="" if proxy == thing.proxy else proxy,
        exists=reference.exists,
        is_inside=is_inside,
        target=None if is_inside else target,
    )


def _target(mesh: Mesh, reference: Reference) -> Target | None:
    """What a reference opens: a resource of a proxy, or an object; of a host the object that declares it."""
    if reference.proxy:
        return target_in_proxy(mesh, reference.kind, reference.name, reference.proxy)
    service = mesh.network.service_named(reference.name) if reference.kind == "Service" else None
    if service is None:
        return target_of_object(mesh, f"{reference.kind} {reference.name}")
    kind = "ServiceEntry" if service.source == SERVICE_ENTRY else "Service"
    return target_of_object(mesh, f"{kind} {service.namespace}/{service.name}")


def _elsewhere(thing: Description) -> Iterator[Link]:
    from meshscope.listing.selection import Selection  # beside its use

    for proxy in thing.also_in:
        target = Target(thing.kind, Selection(proxy=proxy, name=thing.name))
        yield Link(role=ALSO_IN, text=thing.name, proxy=proxy, target=target)


def link_rows(found: Sequence[Link]) -> Rows[Link]:
    return Rows(found, row_ids((link.proxy, link.role, link.text) for link in found), LINK_COLUMNS)


def facts(thing: Description) -> str:
    """State, place, first wrong field and sync of an object on one line, without what is unknown."""
    parts = [thing.state or ""]
    if thing.location:
        parts.append(_place(thing.location))
    if thing.field_problems:
        more = len(thing.field_problems) - 1
        parts.append(f"{thing.field_problems[0]}{f' and {more} more' if more else ''}")
    if thing.sync:
        states = (("CDS", thing.sync.cds), ("LDS", thing.sync.lds), ("EDS", thing.sync.eds), ("RDS", thing.sync.rds))
        if odd := [f"{name} {state.replace('_', ' ')}" for name, state in states if state != "synced"]:
            parts.append(", ".join(odd))
    return " · ".join(part for part in parts if part)


def _place(location: Location) -> str:
    """The file's own name first: a narrow screen cuts the end."""
    place = location.place()
    folder, _, name = place.document.rpartition("/")
    there = f"{name}:{place.line}" if place.line and place.line > 1 else f"{name} {place.path}".rstrip()
    return f"{there} in {folder}" if folder else there


def text_of(thing: Description, form: Form, work: Work = UNFOLLOWED) -> Text:
    """Takes seconds for a large object. Raises CancelledError."""
    note, value = "", None
    if form is Form.RAW:
        raw, note = (
            ("", "the place of this object is unknown")
            if thing.location is None
            else raw_slice(thing.location, is_secret="secret" in thing.kind.lower())
        )
        lines = raw.expandtabs(4).split("\n")
    else:
        body = msgspec.json.encode(thing.object, enc_hook=_place_value)
        value = msgspec.json.decode(body)
        is_yaml = form is Form.YAML
        lines = yaml_lines(value, work) if is_yaml else msgspec.json.format(body, indent=2).decode().split("\n")
    return Text(lines, max(map(len, lines), default=0), note, depths_of(lines, work), value)


def _place_value(value: object) -> Place:
    if isinstance(value, Location):
        return value.place()
    raise TypeError(f"{type(value).__name__} has no form as text")


def lines_with(lines: Sequence[str], text: str, work: Work = UNFOLLOWED) -> array[int]:
    """The indices of the lines that contain a text, case ignored. Raises CancelledError."""
    wanted = text.casefold()
    found = array("I")
    for start in range(0, len(lines) if wanted else 0, _LINES_OF_A_STEP):
        work.step(start, len(lines))
        part = lines[start : start + _LINES_OF_A_STEP]
        found.extend(index for index, line in enumerate(part, start) if wanted in line.casefold())
    return found


def next_place(found: Sequence[int], line: int, *, forward: bool = True) -> int | None:
    """The place in `found` of the first line beyond another one; it begins again at the other end. None without any."""
    if not found:
        return None
    return bisect_right(found, line) % len(found) if forward else (bisect_left(found, line) - 1) % len(found)


Span = tuple[str, str]
"""A piece of a line and its style, a code of `render.painting` or ""."""

_LINE = re.compile(
    r'(?P<lead>\s*(?:- )*)(?:(?P<key>"(?:[^"\\]|\\.)*+"|[^\s"#{\[][^\s]*?)(?P<colon>:(?:\s+|$)))?(?P<rest>.*)'
)
_LITERAL = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")


def spans(line: str) -> tuple[Span, ...]:
    """A line of YAML or JSON: its key, and a value that is no text, in the colours of `render.highlighting`."""
    parts = _LINE.fullmatch(line)
    if parts is None:
        return ((line, ""),)
    rest = parts["rest"]
    value = rest.rstrip(" ,")
    pieces = [(parts["lead"], ""), (parts["key"] or "", CYAN), (parts["colon"] or "", "")]
    if _LITERAL.fullmatch(value):
        pieces += [(value, MAGENTA), (rest[len(value) :], "")]
    else:
        pieces.append((rest, ""))
    return tuple(piece for piece in pieces if piece[0])
