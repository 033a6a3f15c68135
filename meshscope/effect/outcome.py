"""What one place of one proxy says of a rule, before the places are put together."""

from __future__ import annotations

from msgspec import Struct

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
