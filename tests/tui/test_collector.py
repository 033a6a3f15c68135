from __future__ import annotations

import gc
from collections.abc import Iterator
from weakref import ref

import pytest

from meshscope.mesh.mesh import Mesh
from meshscope.tui.collector import AWAY, IDLE, MOST_LEFT_BEHIND, Collector, kept_from_collector

from ..mesh.meshes import bootstrap, dump, mesh_of, recorded
from .driving import Driven, drive


class Ring:
    """Refers to itself, so that only the collector can free it."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def left_ring() -> ref[Ring]:
    with kept_from_collector():
        ring = Ring()
    return ref(ring)


def left_mesh() -> ref[Mesh]:
    """A mesh that refers to itself, as one does that was traced."""
    with kept_from_collector():
        mesh = mesh_of(dump(bootstrap()))
        mesh.derived("itself", lambda: mesh)
    return ref(mesh)


def alive(mesh: ref[Mesh]) -> Mesh:
    found = mesh()
    assert found is not None
    return found


def new_ring() -> ref[Ring]:
    return ref(Ring())


def look_for(collector: Collector, seconds: float) -> None:
    for _ in range(round(seconds / IDLE)):
        collector.look()


def test_what_was_read_is_left_out() -> None:
    ring = left_ring()
    gc.collect()
    assert ring() is not None
    assert gc.isenabled()


def test_only_new_objects_are_looked_at_while_somebody_may_come_back() -> None:
    collector, left = Collector(), left_ring()
    new = new_ring()
    collector.look()  # it was used since
    collector.used()
    collector.look()
    assert new() is not None
    collector.look()
    assert new() is None
    look_for(collector, AWAY - 2 * IDLE)
    assert left() is not None
    look_for(collector, 2 * IDLE)
    assert left() is None


def test_nothing_is_looked_at_twice_without_use_in_between() -> None:
    collector = Collector()
    look_for(collector, 2 * AWAY)
    new, left = new_ring(), left_ring()
    look_for(collector, 2 * AWAY)
    assert left() is not None
    collector.used()
    look_for(collector, AWAY)
    assert left() is not None
    look_for(collector, 2 * IDLE)
    assert left() is None
    assert new() is None


def test_a_look_while_somebody_may_come_back_takes_no_longer_with_much_that_was_read() -> None:
    """By what is walked: of 100,000 objects that were read none is left to the collector."""
    collector = Collector()
    with kept_from_collector():
        read = [[number] for number in range(100_000)]
    assert len(gc.get_objects()) < len(read) / 10
    collector.look()
    collector.look()
    assert gc.get_freeze_count() > len(read)


def test_meshes_that_wait_for_the_collector_do_not_pile_up_under_somebody_who_types() -> None:
    collector = Collector()
    meshes = [left_mesh() for _ in range(2 * MOST_LEFT_BEHIND + 1)]
    for mesh in meshes:
        collector.used()
        assert all(each() for each in meshes)
        collector.renewed(alive(mesh))
    assert not any(each() for each in meshes[:-1])


def test_a_few_too_many_meshes_are_looked_for_in_the_next_pause() -> None:
    collector = Collector()
    meshes = [left_mesh() for _ in range(MOST_LEFT_BEHIND + 1)]
    for mesh in meshes:
        collector.renewed(alive(mesh))
    collector.look()
    assert all(mesh() for mesh in meshes)
    collector.look()
    assert not any(mesh() for mesh in meshes)


@pytest.mark.parametrize("keys", [("3",), ("enter", "enter"), ("v",), ("t",)], ids=["list", "object", "scope", "trace"])
def test_what_a_page_reads_is_left_out_so_that_no_key_waits_for_a_look_at_it(keys: tuple[str, ...]) -> None:
    async def walk(browser: Driven) -> None:
        await browser.press("j", *keys[:-1])
        gc.unfreeze()
        await browser.press(keys[-1])
        assert gc.get_freeze_count() > 10_000, "of all that lives, nearly all"

    drive(recorded("bookinfo"), walk)
