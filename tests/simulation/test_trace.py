"""What counts as a good end."""

from __future__ import annotations

import pytest

from meshscope.simulation.disposition import Disposition
from meshscope.simulation.trace import Path, Response, Trace


def ending(disposition: Disposition, code: int | None = None) -> Path:
    response = None if code is None else Response(code=code)
    return Path(probability=1.0, disposition=disposition, response=response, hops=())


@pytest.mark.parametrize(
    ("path", "well"),
    [
        (ending(Disposition.DELIVERED), True),
        (ending(Disposition.REDIRECT, 301), True),
        (ending(Disposition.DIRECT_RESPONSE, 204), True),
        (ending(Disposition.DIRECT_RESPONSE, 399), True),
        (ending(Disposition.DIRECT_RESPONSE, 400), False),
        (ending(Disposition.DIRECT_RESPONSE, 0), False),  # a network filter answers and closes
        (ending(Disposition.NO_ROUTE, 404), False),
        (ending(Disposition.UNKNOWN), False),
    ],
)
def test_the_caller_gets_what_it_came_for_or_not(path: Path, *, well: bool) -> None:
    assert path.is_well is well


def test_a_trace_is_well_where_every_path_is_and_there_is_one() -> None:
    good, bad = ending(Disposition.DELIVERED), ending(Disposition.NO_ROUTE, 404)
    assert Trace(id=None, request=None, paths=(good, good)).is_well
    assert not Trace(id=None, request=None, paths=(good, bad)).is_well
    assert not Trace(id=None, request=None, paths=()).is_well
