from __future__ import annotations

from meshscope.mesh.mesh import Mesh
from meshscope.simulation.journey.side import Side, one_side
from meshscope.simulation.journey.simulator import Simulator
from meshscope.simulation.request import Request
from meshscope.snapshot.reading import DEMO, open_snapshot


def test_a_side_has_its_hops_and_the_same_ends() -> None:
    found = Simulator(Mesh(open_snapshot(DEMO))).trace(Request(source="productpage", dest="reviews"))
    sides = {side: one_side(found, side) for side in Side}
    directions = {side: {hop.direction for path in one.paths for hop in path.hops} for side, one in sides.items()}
    assert directions == {Side.INBOUND: {"inbound"}, Side.OUTBOUND: {"outbound"}}
    for one in sides.values():
        assert [path.disposition for path in one.paths] == [path.disposition for path in found.paths]
