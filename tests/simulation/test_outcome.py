from __future__ import annotations

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.outcome import Outcome, in_sequence
from meshscope.simulation.trace import Step, StepKind

steps = st.lists(st.sampled_from("abc"), max_size=2).map(
    lambda names: tuple(Step(kind=StepKind.HTTP_FILTER, chosen=name) for name in names)
)
outcomes = st.builds(
    Outcome[int],
    st.integers(),
    st.sampled_from((1.0, 0.5, 0.25, None)),
    st.sampled_from(("", "a", "b")),
    steps,
    st.lists(st.sampled_from(("x", "y")), max_size=2).map(tuple),
)


@given(outcomes, outcomes, outcomes)
def test_sequences_of_outcomes_are_associative(one: Outcome[int], two: Outcome[int], three: Outcome[int]) -> None:
    assert in_sequence(in_sequence(one, two), three) == in_sequence(one, in_sequence(two, three))


@given(outcomes)
def test_a_certain_outcome_without_steps_changes_nothing_but_the_value(outcome: Outcome[int]) -> None:
    assert in_sequence(Outcome(0), outcome) == outcome
    assert in_sequence(outcome, Outcome(outcome.value)) == outcome


@given(st.lists(outcomes, min_size=1, max_size=4))
def test_one_unknown_probability_makes_that_of_the_sequence_unknown(sequence: list[Outcome[int]]) -> None:
    whole = reduce(in_sequence, sequence)
    assert (whole.probability is None) == any(one.probability is None for one in sequence)
