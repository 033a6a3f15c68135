"""An object that is taken out of a recorded mesh and put back gives what a real istiod had made of it, in every trace.

Taking it out rebuilds its proxies as if it had never been there; putting it back makes everything of it anew.
"""

from __future__ import annotations

import pytest

from meshscope.errors import UsageError
from meshscope.mesh.mesh import Mesh
from meshscope.overlay.both_sides import is_same
from meshscope.overlay.what_if import WhatIf
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.journey.simulator import Simulator
from meshscope.simulation.trace import Trace

from .asking import item, mesh_of, requests

KINDS = ("VirtualService", "DestinationRule", "AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication")
MESHES = ("bookinfo", "gateways", "services", "security")
OBJECTS = [(name, str(each)) for name in MESHES for each in mesh_of(name).objects if each.kind in KINDS]
SERVED = ("ServiceEntry", "WorkloadEntry", "Sidecar", "Service", "EnvoyFilter")
"""Kinds of which not everything is rebuilt: what is not, is unknown."""
SAMPLED = ("app", "rest", "sniff", "alias", "kubernetes")
"""Of the many Services one of each sort."""
SERVED_OBJECTS = [
    str(each)
    for each in mesh_of("services").objects
    if each.kind in SERVED and (each.kind != "Service" or each.name in SAMPLED)
]


def answers(mesh: Mesh) -> list[Trace | str]:
    simulator = Simulator(mesh)
    found: list[Trace | str] = []
    for request in requests(mesh):
        try:
            found.append(simulator.trace(request))
        except UsageError as error:
            found.append(str(error))
    return found


TODAY = {name: answers(mesh_of(name)) for name in MESHES}


@pytest.mark.parametrize(("name", "ref"), OBJECTS)
def test_an_object_that_is_put_back_leaves_every_answer_as_it_was(name: str, ref: str) -> None:
    mesh = mesh_of(name)
    one = item(mesh, ref)
    without = WhatIf(mesh, [], without=[one.ref])
    back = WhatIf(without.mesh, [one])
    assert len(without.changes) == len(back.changes)
    for before, after in zip(TODAY[name], answers(back.mesh), strict=True):
        assert is_same(before, after)


def test_a_service_that_is_put_back_leaves_every_answer_as_it_was_or_unknown() -> None:
    mesh, exact = mesh_of("services"), 0
    for ref in SERVED_OBJECTS:
        one = item(mesh, ref)
        without = WhatIf(mesh, [], without=[one.ref])
        back = WhatIf(without.mesh, [one])
        differing = [
            after
            for before, after in zip(TODAY["services"], answers(back.mesh), strict=True)
            if not is_same(before, after)
        ]
        exact += not differing
        for after in differing:
            assert isinstance(after, Trace), ref
            doubted = back.doubted(without.doubted(after))
            assert {path.disposition for path in doubted.paths} == {Disposition.UNKNOWN}, ref
    assert exact > len(SERVED_OBJECTS) * 0.7


def test_taking_objects_out_is_seen() -> None:
    """Else the test above would hold for a rebuilding that does nothing."""
    seen = 0
    some = [(name, ref) for name, ref in OBJECTS if name in ("bookinfo", "security")]
    for name, ref in some:
        mesh = mesh_of(name)
        now = answers(WhatIf(mesh, [], without=[item(mesh, ref).ref]).mesh)
        seen += any(not is_same(one, other) for one, other in zip(TODAY[name], now, strict=True))
    assert seen > len(some) / 3


@pytest.mark.parametrize("name", MESHES)
def test_objects_that_say_nothing_new_touch_nothing(name: str) -> None:
    mesh = mesh_of(name)
    what_if = WhatIf(mesh, mesh.objects)
    assert (what_if.applied, what_if.changes, what_if.not_rebuilt) == ((), (), ())
    assert what_if.mesh is mesh
