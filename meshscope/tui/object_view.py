"""What the screen of an object says of it: its links, its place and state. No widget in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from meshscope.istio.owner_text import parse_owner
from meshscope.listing.column import Column
from meshscope.listing.describe import Description, Reference
from meshscope.listing.row import Row
from meshscope.listing.row_id import row_ids
from meshscope.listing.rows import Rows
from meshscope.location import Location
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.network.facts import SERVICE_ENTRY
from meshscope.path import Path
from meshscope.render.painting import MISSING
from meshscope.tui.target import Target, target_in_proxy, target_of_object

DECIDER, MADE_BY, OWNER = "decided by", "made by", "owner"
MADE, USED_BY, REACHES, ALSO_IN = "made", "used by", "reaches", "also in"


class Link(Row, frozen=True, kw_only=True):
    """The other end of a reference. `target` is None where nothing opens. `is_inside` is true for its own part. `part` is
    where in the other object the reference leads, `at` the same as a place in a document.

    Of what a rule made: the `rule` by its path in the spec, the glyph of its `effect`, and in `note` where it is written, or
    why it is not in effect.
    """

    role: str
    text: str
    proxy: str = ""
    exists: bool = True
    is_inside: bool = False
    target: Target | None = None
    part: Path = ()
    at: Location | None = None
    rule: str = ""
    effect: str = ""
    note: str = ""

    @property
    def remark(self) -> str:
        if self.note:
            return self.note
        if not self.exists:
            return MISSING
        if self.is_inside:
            return "in this object"
        is_known = self.target is not None or self.role in (USED_BY, REACHES)
        return "" if is_known else "not in this input"


LINK_COLUMNS: tuple[Column[Link], ...] = (
    Column("LINK", lambda link: link.role),
    Column("OBJECT", lambda link: link.text),
    Column("", lambda link: link.effect),
    Column("RULE", lambda link: link.rule),
    Column("PROXY", lambda link: link.proxy),
    Column(" ", lambda link: link.remark),
)


def links(mesh: Mesh, thing: Description, decider: str = "") -> tuple[Link, ...]:
    """Owner first, then users, what the object reaches, and other proxies with one of that name. Before all of them the
    manifest that decides a request here, in the words of an answer.
    """
    return (*_decider(mesh, decider), *_owner(mesh, thing), *_references(mesh, thing), *_elsewhere(thing))


def with_rules(found: tuple[Link, ...], rules: tuple[Link, ...]) -> tuple[Link, ...]:
    """The links of an object with those of `effect.attributed`: behind what decides, and instead of an owner that they name
    with its rule.
    """
    named = {link.target for link in rules if link.role == MADE_BY}
    others = [link for link in found if link.role != DECIDER and not (link.role == OWNER and link.target in named)]
    return (*(link for link in found if link.role == DECIDER), *rules, *others)


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
    return Rows(found, row_ids((link.proxy, link.role, f"{link.text} {link.rule}") for link in found), LINK_COLUMNS)


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
