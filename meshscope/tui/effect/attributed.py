"""What the page of an object says of effects: the rules that made it, or what its own rules made in each proxy. For workers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from meshscope.effect.answer import WORST_FIRST, RuleEffect, State
from meshscope.effect.described import attribution
from meshscope.listing.describe import Description
from meshscope.location import Location
from meshscope.mesh.mesh import Mesh
from meshscope.tui.effect.effect_rows import STATES
from meshscope.tui.object_view import MADE, MADE_BY, Link
from meshscope.tui.target import target_in_proxy, target_of_object
from meshscope.work import UNFOLLOWED, Work

WHOLE = "all"
"""The rule of an object that counts as a whole."""


def attributed(mesh: Mesh, thing: Description, work: Work = UNFOLLOWED) -> tuple[Link, ...]:
    """Nothing for an object that neither is made by a rule nor has one. Raises CancelledError."""
    if not mesh.objects:  # nobody wrote a rule; what is derived of a mesh waits for the collector
        return ()
    found = attribution(mesh, thing, work)
    return (*_makers(mesh, found.made_by), *_made(mesh, found.rules))


def _makers(mesh: Mesh, effects: Iterable[RuleEffect]) -> Iterator[Link]:
    """Each leads to its rule in the manifest."""
    for one in effects:
        yield Link(
            role=MADE_BY,
            text=one.object,
            target=target_of_object(mesh, one.object),
            at=one.location,
            rule=one.rule or WHOLE,
            effect=_glyph(one),
            note=" · ".join(filter(None, (_written(one.location), _because(one)))),
        )


def _made(mesh: Mesh, effects: Iterable[RuleEffect]) -> Iterator[Link]:
    """One for each object that a rule made in each proxy, and one for a rule that made nothing there; what is wrong first."""
    for one in sorted(effects, key=lambda one: WORST_FIRST.index(one.state)):
        rule, proxy, effect = one.rule or WHOLE, one.proxy or "", _glyph(one)
        for made in one.makes if proxy else ():
            yield Link(
                role=MADE,
                text=f"{made.kind} {made.name}",
                proxy=proxy,
                target=target_in_proxy(mesh, made.kind, made.name, proxy),
                at=made.location,
                rule=rule,
                effect=effect,
                note=_because(one),
            )
        if not (one.makes and proxy):
            nothing = "at several places" if one.state is State.IN_EFFECT else "nothing"
            note = _because(one) or "no single object holds it"
            yield Link(role=MADE, text=nothing, proxy=proxy, rule=rule, effect=effect, note=note)


def _glyph(one: RuleEffect) -> str:
    return STATES[one.state].partition(" ")[0]


def _because(one: RuleEffect) -> str:
    """`not in effect: …`, "" for a rule that is."""
    words = STATES[one.state].partition(" ")[2]
    return "" if one.state is State.IN_EFFECT else ": ".join(filter(None, (words, one.because)))


def _written(location: Location | None) -> str:
    """`istio.yaml:51`: the folder is in the title of what opens."""
    place = location.place() if location else None
    if place is None:
        return ""
    name = place.document.rpartition("/")[2]
    return f"{name}:{place.line}" if place.line else f"{name} {place.path}".rstrip()
