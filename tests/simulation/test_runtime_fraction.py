from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.runtime_fraction import fraction_in_effect, holds, runtime_integer, runtime_value
from meshscope.xds.route_match import FractionalPercent, RuntimeFractionalPercent

FRACTION = RuntimeFractionalPercent(default_value=FractionalPercent(numerator=7), runtime_key="a.b")


def in_effect(*, request: dict[str, Any] | None = None, proxy: dict[str, Any] | None = None) -> tuple[int, str]:
    found = fraction_in_effect(FRACTION, HttpRequest(runtime=request or {}), Envoy(runtime=proxy or {}))
    return found.numerator, found.denominator


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (30, (30, "HUNDRED")),
        (300, (100, "HUNDRED")),
        (0, (0, "HUNDRED")),
        (30.0, (30, "HUNDRED")),
        ("30", (30, "HUNDRED")),
        ({"numerator": 5, "denominator": "MILLION"}, (5, "MILLION")),
        ({"denominator": "MILLION"}, (0, "MILLION")),
        ("numerator: 5\ndenominator: MILLION", (5, "MILLION")),
        ("{numerator: 5, denominator: TEN_THOUSAND}", (5, "TEN_THOUSAND")),
        (30.5, (7, "HUNDRED")),
        (-1, (7, "HUNDRED")),
        (True, (7, "HUNDRED")),
        ("many", (7, "HUNDRED")),
        ({"other": 1}, (7, "HUNDRED")),
        (None, (7, "HUNDRED")),
    ],
)
def test_a_runtime_value_that_is_a_fraction_wins_over_the_default(value: Any, expected: tuple[int, str]) -> None:
    assert in_effect(proxy={"a.b": value}) == in_effect(request={"a.b": value}) == expected


def test_the_request_comes_before_the_proxy_and_nested_layers_spell_the_same_key() -> None:
    assert in_effect(request={"a.b": 1}, proxy={"a.b": 2}) == (1, "HUNDRED")
    assert in_effect(request={"other": 1}, proxy={"a": {"b": 2}}) == (2, "HUNDRED")
    assert in_effect(proxy={"a": {"b": {"numerator": 5, "denominator": "MILLION"}}}) == (5, "MILLION")
    assert runtime_value({"a": {"x": 1}, "a.b": {"c": 3}}, "a.b.c") == 3
    assert runtime_value({"a": 1}, "a.b") is None


def test_without_a_key_the_default_stands() -> None:
    fraction = RuntimeFractionalPercent(default_value=FractionalPercent(numerator=7))
    assert fraction_in_effect(fraction, HttpRequest(runtime={"": 1}), Envoy()).numerator == 7


@given(
    st.integers(0, 2**64 - 1), st.integers(0, 200), st.sampled_from(["HUNDRED", "TEN_THOUSAND", "MILLION", "hundred"])
)
def test_a_fraction_holds_below_its_numerator(random: int, numerator: int, denominator: str) -> None:
    size = {"HUNDRED": 100, "TEN_THOUSAND": 10_000, "MILLION": 1_000_000}[denominator.upper()]
    assert holds(FractionalPercent(numerator=numerator, denominator=denominator), random) == (random % size < numerator)


@pytest.mark.parametrize(
    ("value", "number"),
    [(3, 3), ("3", 3), (0.5, 0), (0, 0), (-1, 7), ("x", 7), ("", 7), (True, 7), (None, 7), ({"k": 1}, 7)],
)
def test_a_whole_number_is_one_that_is_not_negative(value: object, number: int) -> None:
    assert runtime_integer({} if value is None else {"a": {"b": value}}, "a.b", 7) == number
