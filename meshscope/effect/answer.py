"""Answers: one for each rule of an object and each proxy that it should reach."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from meshscope.location import Location


class State(StrEnum):
    IN_EFFECT = "in_effect"
    """The proxy has what the rule asks for."""
    PARTLY = "partly"
    """The proxy has something of the rule, but in other words, in another order, or not everywhere."""
    NOT_IN_EFFECT = "not_in_effect"
    """The proxy has nothing of the rule, or cannot reach what it has."""
    UNKNOWN = "unknown"
    """The input does not tell, or the rule is of a kind that is not modelled."""


WORST_FIRST = (State.NOT_IN_EFFECT, State.PARTLY, State.UNKNOWN, State.IN_EFFECT)


class Difference(Struct, frozen=True):
    """One field of a proxy's configuration, by its dotted name in Envoy's terms; "" where a side has nothing."""

    field: str
    expected: str
    actual: str

    def __str__(self) -> str:
        return f"{self.field} is {self.actual or 'absent'}, {self.expected or 'none'} was expected"


class Made(Struct, frozen=True):
    """One of Envoy's objects: a route, filter chain, cluster, listener or list of endpoints, by the name that `describe` takes.

    `location` is that of the part of it that a rule made.
    """

    kind: str
    name: str
    location: Location


class RuleEffect(Struct, frozen=True, kw_only=True):
    """`object` is `Kind namespace/name`. `rule` is the path of the rule in the object's spec (`http[0].match[1]`), "" for the
    object as a whole. `proxy` is None where it reaches none.

    `expected` and `actual` are in words; `location` is the rule's in the manifest, `made` that of what it made in the proxy.
    `makes` is all that it made there.
    """

    object: str
    rule: str
    proxy: str | None
    state: State
    because: str
    expected: str | None = None
    actual: str | None = None
    differences: tuple[Difference, ...] = ()
    location: Location | None = None
    made: Location | None = None
    makes: tuple[Made, ...] = ()


class ObjectEffect(Struct, frozen=True, kw_only=True):
    """All rules of an object together: the worst state, and how many pairs of rule and proxy have which."""

    object: str
    state: State
    in_effect: int
    partly: int
    not_in_effect: int
    unknown: int
    because: str
    location: Location | None = None


def together(effects: tuple[RuleEffect, ...]) -> ObjectEffect:
    """Of the effects of one object, at least one. `because` is of the first rule in the worst state."""
    worst = min(effects, key=lambda one: WORST_FIRST.index(one.state))
    counts = {state.value: sum(one.state is state for one in effects) for state in State}
    because = "" if worst.state is State.IN_EFFECT else f"{worst.rule}: {worst.because}".removeprefix(": ")
    return ObjectEffect(object=worst.object, state=worst.state, because=because, location=worst.location, **counts)
