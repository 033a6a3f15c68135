"""A request traced through today's mesh, and through the one that would be."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import fields

from meshscope.errors import UsageError
from meshscope.location import Location
from meshscope.mesh.mesh import Mesh
from meshscope.overlay.applied import Applied
from meshscope.overlay.change import NotRebuilt
from meshscope.overlay.what_if import WhatIf
from meshscope.simulation.journey.batch import LineError, Refusal, answer
from meshscope.simulation.journey.simulator import MAX_PATHS, Simulator
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Trace


class AppliedObject(Struct, frozen=True):
    """`change` is new, changed or gone."""

    object: str
    change: str
    location: Location | None = None


class BothSides(Struct, frozen=True, kw_only=True):
    """`is_different` is about everything in the two answers but the places of what is rebuilt. `applied` are the objects that
    differ from those of the input, `not_rebuilt` what they would change and is unknown. A side that cannot follow the request
    has an error instead of an answer.
    """

    id: Any
    applied: tuple[AppliedObject, ...]
    is_different: bool
    before: Trace | None
    after: Trace | None
    before_error: LineError | None = None
    after_error: LineError | None = None
    not_rebuilt: tuple[NotRebuilt, ...] = ()
    version: int = 1

    @property
    def is_well(self) -> bool:
        """Whether it would go well."""
        return self.after is not None and self.after.is_well

    @property
    def now(self) -> Trace | Refusal:
        """Today's answer."""
        return _side(self.id, self.before, self.before_error)

    @property
    def would(self) -> Trace | Refusal:
        """The answer that would be."""
        return _side(self.id, self.after, self.after_error)


class Sides:
    """Traces requests on both sides. `at` is the moment at which validity is judged, "" for that of the capture."""

    def __init__(self, what_if: WhatIf, *, at: str = "", max_paths: int = MAX_PATHS) -> None:
        self.what_if = what_if
        self.applied = tuple(map(told, what_if.applied))
        self._max_paths = max_paths
        self._before, self._after = (self._simulator(mesh, at) for mesh in (what_if.before, what_if.mesh))

    @staticmethod
    def _simulator(mesh: Mesh, at: str) -> Simulator:
        return Simulator(mesh, at=at)

    def traced(self, request: Request) -> BothSides:
        """Raises UsageError for a request that names something that exists on neither side."""
        sides: list[Trace | UsageError] = []
        for simulator in (self._before, self._after):
            try:
                sides.append(simulator.trace(request, max_paths=self._max_paths))
            except UsageError as error:
                sides.append(error)
        if isinstance(sides[0], UsageError) and isinstance(sides[1], UsageError):
            raise sides[1]
        before, after = (_refused(one, request) if isinstance(one, UsageError) else one for one in sides)
        return self._both(before, after)

    def answered(self, line: bytes, number: int) -> BothSides:
        """Of a line of `--requests`; `number` counts from 1."""
        before = answer(self._before, line, number, max_paths=self._max_paths)
        return self._both(before, answer(self._after, line, number, max_paths=self._max_paths))

    def _both(self, before: Trace | Refusal, after: Trace | Refusal) -> BothSides:
        would = self.what_if.doubted(after) if isinstance(after, Trace) else after
        return BothSides(
            id=before.id,
            applied=self.applied,
            is_different=not is_same(before, would),
            before=before if isinstance(before, Trace) else None,
            after=would if isinstance(would, Trace) else None,
            before_error=before.error if isinstance(before, Refusal) else None,
            after_error=would.error if isinstance(would, Refusal) else None,
            not_rebuilt=self.what_if.not_rebuilt,
        )


def _side(ident: Any, answer: Trace | None, error: LineError | None) -> Trace | Refusal:
    return answer or Refusal(id=ident, error=error or LineError(0, ""))


def _refused(error: UsageError, request: Request) -> Refusal:
    return Refusal(id=request.id, error=LineError(int(error.exit_code), str(error)))


def told(one: Applied) -> AppliedObject:
    change = "new" if one.before is None else "gone" if one.after is None else "changed"
    return AppliedObject(str(one), change, one.item.location)


def is_same(one: Any, other: Any) -> bool:
    """Whether two answers say the same, wherever it is written."""
    if type(one) is not type(other):
        return False
    if isinstance(one, Location):
        return True
    if isinstance(one, Struct):
        return all(is_same(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(is_same, one, other))
    return bool(one == other)
