"""How an object is shown at first."""

from __future__ import annotations

from msgspec import Struct

from meshscope.location import Location
from meshscope.path import Path
from meshscope.tui.target import WrittenRule


class ObjectStart(Struct, frozen=True):
    """At a place or a part of it, and `beside` the manifest that it was made from.

    `decider`, in the words of an answer, is the manifest that decides here where the whole object was not made from it; its
    rule is shown. Of a route that splits its traffic, the destination that became a `cluster`. `rule` is the part of a manifest
    that goes beside, where that is known.
    """

    beside: bool = False
    cluster: str = ""
    decider: str = ""
    part: Path = ()
    at: Location | None = None
    rule: WrittenRule | None = None


NO_OBJECT_START = ObjectStart()
