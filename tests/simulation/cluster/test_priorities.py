from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.cluster.priorities import Provisioning, by_priority, priority_load

from .balancing import hosts

H, U, D, T, DRAINING = "HEALTHY", "UNHEALTHY", "DEGRADED", "TIMEOUT", "DRAINING"


def load(*priorities: tuple[str, ...], over: int = 140, panic: float = 50) -> tuple[tuple[int, ...], tuple[bool, ...]]:
    among = tuple(host for n, words in enumerate(priorities) for host in hosts(*words, priority=n))
    loads = priority_load(by_priority(among), Provisioning(over, panic))
    return tuple(h + d for h, d in zip(loads.healthy, loads.degraded, strict=True)), loads.panic


@pytest.mark.parametrize(
    ("priorities", "percents"),
    [
        (((H, U), (H,)), (70, 30)),
        (((H, T), (H,)), (70, 30)),
        (((H, H, H, U), (H,)), (100, 0)),
        (((H, DRAINING), (H,)), (100, 0)),
        (((U, U), (H,)), (0, 100)),
        (((DRAINING,), (H,)), (0, 100)),
        (((D,), (H,)), (0, 100)),
        (((U,), (U, U, U)), (25, 75)),
    ],
)
def test_load_spills_over_to_the_next_priority_as_health_falls(
    priorities: tuple[tuple[str, ...], ...], percents: tuple[int, ...]
) -> None:
    assert load(*priorities)[0] == percents


def test_with_an_overprovisioning_factor_of_100_load_spills_over_at_once() -> None:
    assert load((H, U), (H,), over=100)[0] == (50, 50)


@pytest.mark.parametrize(
    ("words", "panic"),
    [
        ((U,), True),
        ((DRAINING,), True),
        ((H, U, U), True),
        ((H, U), False),
        ((H, DRAINING, DRAINING), False),
        ((H, U, U, DRAINING, DRAINING), True),
    ],
)
def test_panic_begins_below_half(words: tuple[str, ...], panic: bool) -> None:
    assert load(words)[1] == (panic,)


def test_no_priority_panics_while_another_takes_the_whole_load() -> None:
    assert load((U, U, U), (H,))[1] == (False, False)


def test_a_threshold_of_zero_never_panics() -> None:
    assert load((U, U), panic=0) == ((100,), (False,))


def test_a_gap_between_priorities_is_an_empty_priority() -> None:
    assert [len(p.hosts) for p in by_priority(hosts(H, priority=2))] == [0, 0, 1]
    assert [len(p.hosts) for p in by_priority(())] == [0]


words = st.lists(st.sampled_from((H, U, D, T, DRAINING)), max_size=6).map(tuple)


@given(st.lists(words, min_size=1, max_size=4), st.sampled_from((100, 140, 200)), st.sampled_from((0, 50, 80)))
def test_the_load_is_always_a_hundred_percent(priorities: list[tuple[str, ...]], over: int, panic: int) -> None:
    percents, panics = load(*priorities, over=over, panic=panic)
    assert sum(percents) == 100
    assert len(percents) == len(panics)
