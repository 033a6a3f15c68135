from __future__ import annotations

import gc
from collections.abc import Iterator
from weakref import ref

import pytest

from meshscope.tui.collector import MOST_LEFT_BEHIND, Collector, kept_from_collector


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


def test_what_was_read_is_left_out() -> None:
    ring = left_ring()
    gc.collect()
    assert ring() is not None
    assert gc.isenabled()


def test_everything_is_looked_at_after_a_stretch_without_use() -> None:
    collector, ring = Collector(), left_ring()
    collector.look()
    assert ring() is not None  # it was used since
    collector.look()
    assert ring() is None


def test_nobody_is_looked_at_twice_without_use_in_between() -> None:
    collector = Collector()
    collector.look()
    collector.look()
    ring = left_ring()
    collector.look()
    assert ring() is not None
    collector.used()
    collector.look()
    collector.look()
    assert ring() is None


def test_meshes_that_are_left_behind_under_somebody_who_types_do_not_pile_up() -> None:
    collector = Collector()
    rings = [left_ring() for _ in range(MOST_LEFT_BEHIND)]
    for _ in rings[1:]:
        collector.used()
        collector.renewed()
    assert all(ring() for ring in rings)
    collector.renewed()
    assert not any(ring() for ring in rings)
