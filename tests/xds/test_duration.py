from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.xds.duration import duration_text, seconds


@pytest.mark.parametrize(
    ("text", "value", "short"),
    [
        ("0.500s", 0.5, "0.5s"),
        ("15s", 15.0, "15s"),
        ("15.000s", 15.0, "15s"),
        ("0s", 0.0, "0s"),
        ("-1s", -1.0, "-1s"),
        ("100s", 100.0, "100s"),
        ("0.000000001s", 1e-9, "0.000000001s"),
        ("3600s", 3600.0, "3600s"),
    ],
)
def test_durations_are_read_and_shortened(text: str, value: float, short: str) -> None:
    assert (seconds(text), duration_text(text)) == (value, short)


@pytest.mark.parametrize("text", ["", "s", "1", "1m", "1.s", ".5s", "1s\n", "1e3s", "\u0661s", "0.0000000001s"])
def test_other_text_is_no_duration_and_is_left_alone(text: str) -> None:
    assert (seconds(text), duration_text(text)) == (None, text)


@given(st.integers(-(10**6), 10**6), st.integers(0, 999))
def test_shortening_keeps_the_value(whole: int, thousandths: int) -> None:
    text = f"{whole}.{thousandths:03}s"
    assert seconds(duration_text(text)) == seconds(text)
    assert len(duration_text(text)) <= len(text)
