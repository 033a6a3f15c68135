from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshscope.render.text import width
from meshscope.tui.widgets.title_bar import fitting

PARTS = st.lists(st.text(st.characters(categories=["L", "N", "P", "So"]), min_size=1, max_size=60), max_size=5)


def test_parts_that_fit_are_divided_by_dots() -> None:
    assert fitting(["bookinfo", "9 proxies"], 80) == "bookinfo · 9 proxies"


def test_the_longest_part_is_cut_in_its_middle() -> None:
    assert fitting(["routes", "productpage-v1-12eae82901-8b536.default"], 36) == "routes · productpag…01-8b536.default"


@given(PARTS, st.integers(0, 120))
def test_parts_never_take_more_than_there_is(parts: list[str], cells: int) -> None:
    assert width(fitting(parts, cells)) <= max(cells, 1)
