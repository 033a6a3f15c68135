"""What Envoy 1.40 writes for a value of metadata in a header."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.headers.metadata_text import metadata_text, number_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        ("x", "x"),
        (True, "true"),
        (3, "3"),
        (["a", 1], '["a",1]'),
        ([1.5, None, True, {}], "[1.5,null,true,{}]"),
        ({"z": 'é"\n/', "a": {"c": 1, "b": []}}, '{"a":{"b":[],"c":1},"z":"é\\"\\n/"}'),
    ],
)
def test_text_stays_and_other_kinds_are_json(value: object, text: str) -> None:
    assert metadata_text(value) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (100, "100"),
        (1_000_000, "1e+06"),
        (1_234_567, "1234567"),
        (12_345_678_901_234_567, "12345678901234568"),
        (1e21, "1e+21"),
        (0.1, "0.1"),
        (1e-7, "1e-07"),
        (123_456_789.123, "123456789.123"),
        (-0.0, "-0"),
        (-5, "-5"),
    ],
)
def test_a_number_takes_the_shorter_notation(number: float, text: str) -> None:
    assert number_text(number) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_reads_as_itself(number: float) -> None:
    assert float(number_text(number)) == number
