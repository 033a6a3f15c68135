"""Requests as lines of JSON, answered one by one; a line that cannot be followed is answered with its error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct

from meshscope.errors import ExitCode, MeshscopeError
from meshscope.simulation.journey.simulator import MAX_PATHS, Simulator
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Trace
from meshscope.untyped import untyped


class LineError(Struct, frozen=True):
    """`code` is the exit code that this error alone would have."""

    code: int
    message: str


class Refusal(Struct, frozen=True, kw_only=True):
    """The answer to a line that is no request, or one that names something that does not exist."""

    version: int = 1
    id: Any
    error: LineError

    @property
    def is_well(self) -> bool:
        return False


def answer(
    simulator: Simulator,
    line: bytes,
    number: int,
    *,
    max_paths: int = MAX_PATHS,
    change: Callable[[Request], Request] | None = None,
) -> Trace | Refusal:
    """The trace of the request on a line; `number` is the line's, from 1. Fields that are null are not given.

    `change` gives the request that is followed instead, or raises a MeshscopeError.
    """
    given: Any = None
    try:
        given = untyped(line)
        if not isinstance(given, dict):
            return _refusal(given, number, "a request is a JSON object")
        if strange := given.keys() - _FIELDS:
            return _refusal(given, number, _no_field(min(strange)))
        known = {name: value for name, value in given.items() if value is not None}
        request = msgspec.convert(known, Request, strict=False)
        return simulator.trace(change(request) if change else request, max_paths=max_paths)
    except MeshscopeError as error:
        return _refusal(given, number, str(error), error.exit_code)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return _refusal(given, number, str(error))


_FIELDS = frozenset(Request.__struct_fields__)


def _no_field(name: str) -> str:
    from meshscope.nearest import nearest  # only for an unknown field

    return f"no field {name!r}{nearest(name, sorted(_FIELDS))}"


def _refusal(given: Any, number: int, message: str, code: ExitCode = ExitCode.USAGE) -> Refusal:
    ident = given.get("id") if isinstance(given, dict) else None
    return Refusal(id=ident, error=LineError(int(code), f"line {number}: {message}"))
