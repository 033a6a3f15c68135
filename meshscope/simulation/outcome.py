"""What one stage of a proxy answers: the request goes on, or ends. Stages are pure; they return every possibility.

A stage answers with a tuple of Outcomes whose probabilities add up to 1 (None: possible, its
probability unknown, and not part of the sum). Each carries the value that the next stage needs, or an End.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

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


def in_sequence(before: Outcome[Any], after: Outcome[T]) -> Outcome[T]:
    """One outcome after the other: probabilities multiply, and steps, conditions and assumptions add up."""
    if after.probability == 1.0 and not (after.steps or after.assuming or after.condition):
        return Outcome(after.value, before.probability, before.condition, before.steps, before.assuming)
    probability = None
    if before.probability is not None and after.probability is not None:
        probability = before.probability * after.probability
    condition = " and ".join(filter(None, (before.condition, after.condition)))
    return Outcome(after.value, probability, condition, before.steps + after.steps, before.assuming + after.assuming)


class StageContext(Struct, frozen=True):
    """What a stage needs beside its configuration: the Envoy, where the configuration is written, whether steps are wanted, and
    the time (RFC 3339, "" where it is unknown).
    """

    envoy: Envoy = Envoy()
    location: Location | None = None
    explain: bool = True
    at: str = ""


PLAIN = StageContext()
