"""What one place of one proxy says of a rule, before the places are put together."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from meshscope.effect.answer import Difference, Made, State
from meshscope.location import Location
from meshscope.path import Path


class Outcome(Struct, frozen=True):
    """`path` leads to the rule in the object. `is_meant`: the rule should have reached this place; where it should not, an
    answer is worth a line only to somebody who asks for this proxy. `is_local`: it counts only where the rule is in effect at
    no other place of the proxy. `kind` and `name` are those of the resource that should hold it, "" where that is not told.
    `origin` is the path of the rule in the delegate that wrote it. `more` is what the rule made besides `made`.
    """

    path: Path
    state: State
    because: str
    is_meant: bool = True
    is_local: bool = False
    expected: str | None = None
    actual: str | None = None
    differences: tuple[Difference, ...] = ()
    made: Location | None = None
    kind: str = ""
    name: str = ""
    origin: Path = ()
    more: tuple[Made, ...] = ()


def of_fields(found: Outcome, is_own: Callable[[str], bool]) -> Outcome:
    """Without the differences of fields that are not a rule's own: those that another one of the same object asks for."""
    own = tuple(one for one in found.differences if is_own(one.field))
    if own == found.differences:
        return found
    state = State.PARTLY if own else State.IN_EFFECT
    because = "; ".join(map(str, own[:3])) or f"{found.kind} {found.name}"
    return replace(found, state=state, because=because, differences=own)
