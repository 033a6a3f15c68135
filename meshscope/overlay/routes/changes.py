"""What would be different in the routes of one virtual host."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from meshscope.effect.answer import Difference
from meshscope.effect.clients import Client
from meshscope.effect.http_routes.at_place import route_words
from meshscope.effect.http_routes.facts import facts_of
from meshscope.istio.owner_text import parse_owner
from meshscope.location import Location
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.owners import made_from
from meshscope.overlay.change import Change, Kind
from meshscope.overlay.draft import Json
from meshscope.overlay.routes.virtual_host import Today, pairs
from meshscope.overlay.routes.wanted import WantedRoutes
from meshscope.path import path_text
from meshscope.xds.message import decode
from meshscope.xds.route import Route


def route_changes(  # noqa: PLR0913, PLR0917  # both sides of a place
    client: Client,
    spot: tuple[str, str],
    now: Today,
    after: WantedRoutes,
    routes: Sequence[Json],
    here: Location | None,
    mesh: Mesh,
) -> Iterator[Change]:
    """In the order of the routes that would be there; those that vanish come last. `here` is the place of today's routes."""
    typed = (decode(msgspec.json.encode(body), Route) for body in routes)
    new = [one for one in typed if isinstance(one, Route)]
    old = [one.route for one in now.routes]
    seen: set[int] = set()
    for number, pair in enumerate(pairs(old, new)):
        wanted = after.routes[number].rule if after.is_owned else None
        change = Change(
            proxy=client.name,
            what="route",
            name=" ".join(part for part in ("/".join(spot), new[number].name) if part),
            change=Kind.MADE,
            object=wanted.object if wanted else "",
            rule=wanted.rule if wanted else "",
            after=route_words(new[number]),
            location=wanted.location if wanted else None,
        )
        if pair.actual is None:
            yield change
            continue
        seen.add(pair.actual.index)
        was = pair.actual.route
        change = replace(
            change, before=route_words(was), made=here / pair.actual.index if here else None, change=Kind.CHANGED
        )
        if found := tuple(_differences(was, new[number], mesh)):
            yield replace(change, differences=found)
        elif pair.is_moved:
            yield replace(change, change=Kind.MOVED)
    for one in now.routes:
        if one.index not in seen:
            yield Change(
                proxy=client.name,
                what="route",
                name=" ".join(part for part in ("/".join(spot), one.route.name) if part),
                change=Kind.VANISHES,
                object=_parted(one.owner)[0],
                rule=_parted(one.owner)[1] or "",
                before=route_words(one.route),
                made=here / one.index if here else None,
            )


def _parted(owner: str) -> tuple[str, str | None]:
    """The object, and the path of its rule where the words tell it."""
    found = parse_owner(owner)
    return (owner, None) if found is None or found.rule is None else (found.whole, path_text(found.part[1:]))


def _differences(was: Route, would: Route, mesh: Mesh) -> Iterator[Difference]:
    """A rule of the Gateway API gives its routes its number as a name, which changes with every rule before it."""
    mine, theirs = facts_of(would), facts_of(was)
    owners = [made_from(one.metadata, one.name, mesh) or "" for one in (would, was)]
    is_numbered = None not in [rule for _, rule in map(_parted, owners)]
    if _parted(owners[0])[0] != _parted(owners[1])[0]:
        yield Difference("owner", *owners)
    for field in dict.fromkeys((*mine, *theirs)):
        if mine.get(field) != theirs.get(field) and not (field == "name" and is_numbered):
            yield Difference(field, mine.get(field, ""), theirs.get(field, ""))
