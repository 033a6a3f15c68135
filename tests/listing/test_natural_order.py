"""Natural order of names and addresses."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.listing.natural_order import natural_key

NAMES = st.text("ab.-/ 0123456789", max_size=12)


@pytest.mark.parametrize(
    "names",
    [
        ["v1", "v2", "v10"],
        ["10.0.0.9", "10.0.0.10", "10.0.0.10:9", "10.0.0.10:80", "10.0.1.1"],
        ["7", "10", "a", "a2", "a10", "b"],
        ["a1", "a-b", "ab1"],
    ],
)
def test_numbers_in_names_count_by_size(names: list[str]) -> None:
    assert sorted(set(names), key=natural_key) == names


def parts(name: str) -> list[tuple[int, Any]]:
    """The name as texts and numbers, which compare one by one; a number comes first."""
    return [(0, int(part)) if part.isdigit() else (1, part) for part in re.split("([0-9]+)", name) if part]


@given(NAMES, NAMES)
def test_the_order_is_that_of_the_texts_and_numbers_in_a_name(one: str, other: str) -> None:
    assert (natural_key(one) < natural_key(other)) == (parts(one) < parts(other))
