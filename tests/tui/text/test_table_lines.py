from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.errors import CancelledError
from meshscope.tui.text.table_lines import MOST, leaves, table_lines
from meshscope.tui.text.text_path import value_at
from meshscope.work import Work

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
def test_the_leaves_are_the_value_and_each_is_on_one_line(value: Any) -> None:
    found = leaves(value)
    assert all(value_at(value, path) == leaf for path, leaf in found)
    assert len({json.dumps(path) for path, _ in found}) == len(found)
    lines = table_lines(found)
    assert len(lines) == len(found)
    assert all("\n" not in line for line in lines)


def test_values_stand_in_a_column_that_one_long_path_does_not_widen() -> None:
    lines = table_lines(leaves({"a": 1, "bcd": "x\ny", "l" * 2 * MOST: {}}))
    assert lines == [".a    1", '.bcd  "x\\ny"', f".{'l' * 2 * MOST}  {{}}"]


def test_a_cancelled_table_stops() -> None:
    with pytest.raises(CancelledError):
        leaves({"a": 1}, Work(None, lambda: True))
