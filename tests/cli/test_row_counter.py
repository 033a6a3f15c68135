from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.cli.row_counter import RowCounter


@given(st.lists(st.integers()), st.booleans())
def test_every_row_passes_once_and_is_counted(rows: list[int], is_started: bool) -> None:
    counter = RowCounter(rows)
    if is_started:
        counter.start()
    assert counter.count == 0
    assert list(counter) == rows
    assert counter.count == len(rows)


def test_starting_reads_one_row_and_no_more() -> None:
    def rows() -> Iterator[int]:
        yield 1
        pytest.fail("the second row was read")

    RowCounter(rows()).start()
