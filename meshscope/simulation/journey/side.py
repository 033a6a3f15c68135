"""A trace as one of the two sides sees it: the hops that receive the request, or those that send it."""

from __future__ import annotations

from enum import StrEnum

from msgspec.structs import replace

from meshscope.simulation.trace import Direction, Trace


class Side(StrEnum):
    INBOUND = "inbound"
    """The receiving side: inbound hops only."""
    OUTBOUND = "outbound"
    """The sending side: all other hops."""


def is_on(side: Side, direction: Direction) -> bool:
    return (direction is Direction.INBOUND) == (side is Side.INBOUND)


def one_side(trace: Trace, side: Side) -> Trace:
    """The paths and how they end stay; hops of the other side are left out."""
    paths = (replace(path, hops=tuple(hop for hop in path.hops if is_on(side, hop.direction))) for path in trace.paths)
    return replace(trace, paths=tuple(paths))
