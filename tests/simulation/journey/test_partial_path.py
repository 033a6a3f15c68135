"""The way so far: probabilities, assumptions, and what becomes of them at the end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import NO_ROUTE, UNKNOWN
from meshscope.simulation.journey.partial_path import PartialPath, both, limited
from meshscope.simulation.proxy.arrival import Arrival
from meshscope.simulation.trace import Direction, EndpointRef, Hop, Path, Step, StepKind

HOP = Hop(proxy="a.default", direction=Direction.OUTBOUND)
STEP = Step(kind=StepKind.SERVICE, chosen="10.0.0.1:80 → 10.0.0.2:8080")
ENDPOINT = EndpointRef("10.0.0.2:8080", "HEALTHY")
CHANCES = st.none() | st.floats(0, 1)


def path(probability: float | None, disposition: Disposition = Disposition.DELIVERED) -> Path:
    return Path(probability=probability, disposition=disposition, response=None, hops=(HOP, HOP))


@given(CHANCES, CHANCES, CHANCES)
def test_an_unknown_probability_makes_the_product_unknown_and_order_does_not_matter(
    a: float | None, b: float | None, c: float | None
) -> None:
    assert both(a, b) == both(b, a)
    assert (both(both(a, b), c) is None) == (None in (a, b, c))
    assert both(a, 1.0) == a


def test_an_assumption_makes_the_end_unknown_and_keeps_how_it_ends_otherwise() -> None:
    assumed = PartialPath(hops=(HOP,), assuming=("x passes", "x passes")).ended(NO_ROUTE)
    assert (assumed.disposition, assumed.if_passed, assumed.response) == (
        Disposition.UNKNOWN,
        Disposition.NO_ROUTE,
        None,
    )
    assert assumed.assuming == ("x passes",)
    certain = PartialPath(hops=(HOP,)).ended(NO_ROUTE)
    assert (certain.disposition, certain.if_passed, certain.response) == (Disposition.NO_ROUTE, None, NO_ROUTE.response)


def test_an_end_that_is_unknown_itself_does_not_depend_on_the_assumptions() -> None:
    assert PartialPath(assuming=("x passes",)).ended(UNKNOWN).if_passed is None


def test_a_delay_without_an_end_is_the_upstreams_answer_with_its_flag() -> None:
    delayed = PartialPath(hops=(HOP,), delayed=True).ended(None)
    assert delayed.disposition is Disposition.DELIVERED
    assert delayed.response is not None
    assert (delayed.response.code, delayed.response.flags) == (200, "DI")
    assert PartialPath(hops=(HOP,)).ended(None).response is None


def test_steps_to_an_unguarded_address_belong_to_the_last_hop() -> None:
    before = PartialPath(hops=(HOP,), probability=0.5)
    after = before.with_arrival(Arrival(ip="10.0.0.2", port=8080, probability=0.5, steps=(STEP,), endpoint=ENDPOINT))
    (hop,) = after.hops
    assert (hop.steps, hop.endpoints, after.probability) == ((STEP,), (ENDPOINT,), 0.25)
    assert PartialPath().with_arrival(Arrival(ip="10.0.0.2", port=8080, steps=(STEP,))).hops == ()


@given(st.lists(CHANCES, max_size=20), st.integers(1, 6))
def test_paths_beyond_the_limit_become_one_that_counts_them_and_no_probability_is_lost(
    chances: list[float | None], most: int
) -> None:
    paths = tuple(path(chance) for chance in chances)
    possible = [one for one in paths if one.probability != 0]
    shown = limited(paths, most)
    assert len(shown) == min(len(possible), most)
    assert sum(one.others or 1 for one in shown) == len(possible)
    total = sum(one.probability or 0 for one in possible)
    assert abs(sum(one.probability or 0 for one in shown) - total) < 1e-9
    assert [one.probability or 0 for one in shown if not one.others] == sorted(
        (one.probability or 0 for one in shown if not one.others), reverse=True
    )


def test_different_ends_beyond_the_limit_are_unknown_together() -> None:
    *_, others = limited((path(0.6), path(0.3), path(0.1, Disposition.NO_ROUTE)), 2)
    assert (others.disposition, others.others) == (Disposition.UNKNOWN, 2)
    *_, alike = limited((path(0.6), path(0.3), path(0.1)), 2)
    assert (alike.disposition, alike.others) == (Disposition.DELIVERED, 2)
