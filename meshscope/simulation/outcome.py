"""What one stage of a proxy answers: the request goes on, or ends. Stages are pure; they return every possibility.

A stage answers with a tuple of Outcomes whose probabilities add up to 1 (None: possible, its
probability unknown, and not part of the sum). Each carries the value that the next stage needs, or an End.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from msgspec import Struct

from meshscope.location import Location
from meshscope.simulation.connection import Envoy
from meshscope.simulation.endings import End
from meshscope.simulation.trace import Step

T = TypeVar("T")


class Outcome(Struct, Generic[T], frozen=True):
    """`condition` says in words when this outcome happens, "" where it is the only one. `assuming` lists its assumptions."""

    value: T | End
    probability: float | None = 1.0
    condition: str = ""
    steps: tuple[Step, ...] = ()
    assuming: tuple[str, ...] = ()


class StageContext(Struct, frozen=True):
    """What a stage needs beside its configuration: the Envoy, where the configuration is written, whether steps are wanted."""

    envoy: Envoy = Envoy()
    location: Location | None = None
    explain: bool = True


PLAIN = StageContext()
