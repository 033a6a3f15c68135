"""How a stage of a proxy is asked: which Envoy, where its configuration is written, and whether words are wanted."""

from __future__ import annotations

from msgspec import Struct

from meshscope.location import Location
from meshscope.simulation.connection import Envoy


class Stage(Struct, frozen=True):
    """`explain` False leaves steps out, which is what asking for thousands of decisions a second takes."""

    envoy: Envoy = Envoy()
    location: Location | None = None
    explain: bool = True


PLAIN = Stage()
