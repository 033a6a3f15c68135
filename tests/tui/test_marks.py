from __future__ import annotations

import pytest

from meshscope.tui.commands import ShowHome
from meshscope.tui.marks import COLUMNS, Place, is_mark, kept, rows
from meshscope.tui.messages import RunCommand


def _place(title: str) -> Place:
    return Place(title, lambda: RunCommand(ShowHome()))


def test_capitals_alone_are_kept_for_another_source() -> None:
    marks = {"a": _place("home"), "B": _place("routes")}
    assert set(kept(marks, is_same_source=False)) == {"B"}
    assert kept(marks, is_same_source=True) == marks


@pytest.mark.parametrize(
    ("key", "is_one"), [("a", True), ("Z", True), ("3", True), ("'", False), ("é", False), (None, False)]
)
def test_letters_and_digits_are_marks(key: str | None, is_one: bool) -> None:
    assert is_mark(key) is is_one


def test_marks_are_listed_by_their_letters() -> None:
    listed = rows({"b": _place("home"), "a": _place("scope x")})
    assert [[column.cell(row) for column in COLUMNS] for row in listed] == [["a", "scope x"], ["b", "home"]]
