from __future__ import annotations

import gc
import weakref

import pytest

from meshscope.errors import CancelledError
from meshscope.mesh.mesh import Mesh
from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Request
from meshscope.snapshot.reading import DEMO, open_snapshot
from meshscope.work import Work

ASKED = Request(source="productpage", dest="ratings")


def test_what_is_kept_for_a_mesh_goes_with_it() -> None:
    mesh = Mesh(open_snapshot(DEMO))
    assert trace(mesh, ASKED).paths[0].disposition == "delivered"
    gone = weakref.ref(mesh)
    del mesh
    gc.collect()
    assert gone() is None


def test_what_is_kept_is_what_was_asked() -> None:
    mesh = Mesh(open_snapshot(DEMO))
    others = [Request(source="productpage", dest="reviews", headers=(("end-user", name),)) for name in ("jason", "ann")]
    first = [trace(mesh, request) for request in (ASKED, *others)]
    again = [trace(mesh, request) for request in (*reversed(others), ASKED)]
    assert again == [first[2], first[1], first[0]]
    assert trace(mesh, others[0], explain=False).paths[0].hops[0].cluster == first[1].paths[0].hops[0].cluster
    assert not trace(mesh, others[0], explain=False).paths[0].hops[0].steps


def test_a_trace_counts_its_outcomes_and_stops_after_any_of_them() -> None:
    mesh = Mesh(open_snapshot(DEMO))
    request = Request(source="productpage", dest="reviews")
    counts: list[int] = []
    whole = trace(mesh, request, work=Work(lambda done, _: counts.append(done)))
    assert counts == [0, 1, 2]
    for stop in range(3):
        looks = iter([False] * stop)
        with pytest.raises(CancelledError):
            trace(mesh, request, work=Work(cancelled=lambda looks=looks: next(looks, True)))  # type: ignore[misc]  # bound now
        assert trace(mesh, request) == whole


@pytest.mark.parametrize(
    ("address", "disposition"), [("http://[fd00::5]:9080/", "unknown"), ("http://203.0.113.9/", "delivered")]
)
def test_an_address_of_a_family_that_no_redirected_listener_has_passes_by_the_proxy(
    address: str, disposition: str
) -> None:
    (path,) = trace(Mesh(open_snapshot(DEMO)), Request(source="productpage", dest=address)).paths
    assert path.disposition == disposition
    assert any("bound to IPv4 alone" in line for line in path.assuming) == (disposition == "unknown")
