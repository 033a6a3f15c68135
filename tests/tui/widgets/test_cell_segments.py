from __future__ import annotations

import pytest
from rich.style import Style

from meshscope.render.fitting import Fit
from meshscope.tui.table_view import MORE_LINES
from meshscope.tui.widgets.cell_segments import cell_segments

PLAIN = Style()


def text_of(text: str, most: int, *, has_more: bool) -> str:
    return "".join(segment.text for segment in cell_segments(Fit(0, most), text, PLAIN, has_more=has_more))


@pytest.mark.parametrize("has_more", [False, True])
@pytest.mark.parametrize("most", [1, 2, 3, 9, 20])
@pytest.mark.parametrize("text", ["", "a", "outbound|9080||reviews", "日本語のテキスト"])
def test_a_cell_is_as_wide_as_its_column(text: str, most: int, has_more: bool) -> None:
    assert sum(segment.cell_length for segment in cell_segments(Fit(0, most), text, PLAIN, has_more=has_more)) == most


def test_the_mark_of_further_lines_follows_the_text_and_nothing_follows_a_single_line() -> None:
    assert text_of("v1", 9, has_more=True) == f"v1{MORE_LINES}".ljust(9)
    assert text_of("v1", 9, has_more=False) == "v1".ljust(9)
