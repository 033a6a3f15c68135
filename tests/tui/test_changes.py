"""What a renewal changed, in words and glyphs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.listing.row_id import RowId
from meshscope.tui.changes import CHANGED, NEW, changes, lead, new_and_gone

from .tables import rows_of

Tables = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 2))


@given(Tables, Tables)
def test_each_row_that_is_there_is_new_changed_or_the_same(one: dict[str, int], other: dict[str, int]) -> None:
    before, now = (rows_of(tuple(each.items()), "NAME", "VALUE") for each in (one, other))
    found = changes(before, now, (0, 1), "16:40:12")
    glyphs = {ident.name: glyph for ident, glyph in found.glyphs.items() if isinstance(ident, RowId)}
    assert glyphs == {
        name: NEW if name not in one else CHANGED for name, value in other.items() if one.get(name, -1) != value
    }
    assert found.gone == len(one.keys() - other.keys())
    assert bool(found) == (one != other)


@pytest.mark.parametrize(
    ("glyph", "is_cursor", "is_marked", "expected"),
    [
        ("", False, False, "  "), ("", False, True, " •"), ("", True, False, "▸ "), ("", True, True, "▸•"),
        (NEW, False, False, " +"), (NEW, False, True, "+•"), (NEW, True, False, "▸+"), (NEW, True, True, "▸•"),
    ],
)  # fmt: skip
def test_two_cells_hold_cursor_mark_and_glyph(glyph: str, is_cursor: bool, is_marked: bool, expected: str) -> None:
    assert lead(glyph, is_cursor=is_cursor, is_marked=is_marked) == expected


@given(st.sets(st.integers(0, 9)), st.sets(st.integers(0, 9)))
def test_things_without_cells_come_and_go(one: set[int], other: set[int]) -> None:
    found = new_and_gone(one, other, "16:40:12")
    assert (set(found.glyphs), found.gone) == (other - one, len(one - other))
    assert set(found.glyphs.values()) <= {NEW}


def test_the_line_counts_each_sort_of_change() -> None:
    before = rows_of((("a", 1), ("b", 1), ("c", 1), ("d", 1)), "NAME", "VALUE")
    now = rows_of((("a", 2), ("b", 2), ("c", 1), ("e", 1)), "NAME", "VALUE")
    assert changes(before, now, (0, 1), "16:40:12").text == "2 changed · 1 new · 1 gone since 16:40:12"
    assert changes(before, now, (0,), "16:40:12").text == "1 new · 1 gone since 16:40:12"
    assert changes(before, before, (0, 1), "16:40:12").text == ""
