from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshscope.listing.glyphs import MISSING, WELL
from meshscope.render.scope_words import ShownLine
from meshscope.render.text import width
from meshscope.tui.scope_fitting import parts

GONE = ShownLine("reviews…", ("v1", "9080"), "no such cluster", MISSING, 0)


def text(shown: ShownLine, cells: int) -> str:
    label, words = parts(shown, cells)
    return " ".join((label, *words))


def test_a_line_with_room_is_whole() -> None:
    assert text(GONE, 40) == "reviews… v1 9080 ⚠ no such cluster"


def test_what_is_missing_keeps_its_subset_and_a_word_in_a_narrow_column() -> None:
    assert text(GONE, 24) == "reviews… v1 ⚠ missing"


def test_the_last_facts_are_left_out_first() -> None:
    assert text(ShownLine("reviews…", ("v1", "9080"), "", "", 0), 12) == "reviews… v1"


def test_a_long_name_is_cut_in_the_middle() -> None:
    assert text(ShownLine("productpage-of-a-team", (), "", "", 0), 10) == "pro…a-team"


LINES = st.builds(
    ShownLine,
    st.text(st.sampled_from("ab…漢"), max_size=30),
    st.lists(st.text(st.sampled_from("ab漢"), min_size=1, max_size=20), max_size=4).map(tuple),
    st.sampled_from(["", "no such cluster"]),
    st.sampled_from(["", MISSING, WELL]),
    st.integers(0, 2),
)


@given(LINES, st.integers(16, 60))
def test_a_line_is_never_wider_than_its_column(shown: ShownLine, cells: int) -> None:
    assert width(text(shown, cells)) + shown.depth <= cells
