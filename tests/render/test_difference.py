"""Differences of lists as lines."""

from __future__ import annotations

from typing import Any

from meshscope.listing.column import Column
from meshscope.listing.difference import Change, Difference
from meshscope.render.difference import difference_lines
from meshscope.render.text import width

COLUMNS: tuple[Column[tuple[Any, ...]], ...] = (
    Column("N", lambda row: row[0]),
    Column("HEALTH", lambda row: row[1]),
)


def lines(**parts: Any) -> list[str]:
    found: Difference[tuple[Any, ...]] = Difference(**{"gone": (), "new": (), "changed": (), **parts})
    return list(difference_lines(found, COLUMNS, cells=None, colour=False))


def changed(before: Any, now: Any) -> list[str]:
    return lines(changed=(Change(("a", before), ("a", now), (1,)),))


def test_each_line_has_the_mark_of_what_became_of_its_row() -> None:
    change = Change(("c", "HEALTHY"), ("c", "UNHEALTHY"), (1,))
    assert lines(gone=(("a", 1),), new=(("b", 2),), changed=(change,)) == [
        "- a  1",
        "+ b  2",
        "~ c  HEALTHY → UNHEALTHY",
    ]


def test_of_a_list_in_a_cell_only_the_lines_that_changed_show_what_they_were() -> None:
    assert changed(("x", "y"), ("x", "z", "w")) == ["~ a  x", "~    y → z", "~    - → w"]
    assert changed(("x", "y"), ("x",)) == ["~ a  x", "~    y → -"]


def test_what_was_or_becomes_empty_is_a_dash() -> None:
    assert changed(None, 3) == ["~ a  - → 3"]
    assert changed("x", "") == ["~ a  x → -"]


def test_the_mark_has_room_in_the_terminal() -> None:
    found: Difference[tuple[Any, ...]] = Difference((("x" * 50, "y" * 50),), (), ())
    (line,) = difference_lines(found, COLUMNS, cells=40, colour=False)
    assert width(line) <= 40


def test_colour_changes_no_letter() -> None:
    found: Difference[tuple[Any, ...]] = Difference((("a", 1),), (("b", 2),), ())
    painted = list(difference_lines(found, COLUMNS, cells=None, colour=True))
    assert painted == ["\x1b[31m- \x1b[0ma  1", "\x1b[32m+ \x1b[0mb  2"]
