from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from meshscope.listing.column import Cell, Column
from meshscope.render.fitting import GAP
from meshscope.render.table import MEASURED_ROWS, table
from meshscope.render.text import safe, width

WORDS = st.text(st.characters(), max_size=30)
CELLS: st.SearchStrategy[Cell] = st.one_of(st.none(), st.integers(0, 10**9), WORDS, st.lists(WORDS, max_size=3))
TITLES = st.text("ABC XYZ", min_size=1, max_size=18).map(str.strip).filter(bool)

SGR = re.compile("\x1b\\[[0-9;]*m")


def column(index: int, title: str, rank: int = 0) -> Column[Any]:
    return Column(title, lambda row: row[index], rank=rank)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[tuple[Cell, ...]], list[Column[Any]]]:
    count = draw(st.integers(1, 6))
    ranks = st.integers(0, 3)
    columns = [column(i, draw(TITLES), draw(ranks)) for i in range(count)]
    rows = draw(st.lists(st.tuples(*[CELLS] * count), min_size=1, max_size=12))
    return rows, columns


@given(tables(), st.integers(1, 120), st.booleans())
def test_every_line_fits_the_terminal(
    given_table: tuple[list[tuple[Cell, ...]], list[Column[Any]]], cells: int, colour: bool
) -> None:
    rows, columns = given_table
    must_stay = max(1, sum(column.rank == 0 for column in columns))
    assume(must_stay + GAP * (must_stay - 1) <= cells)
    for line in table(rows, columns, cells=cells, colour=colour):
        assert width(SGR.sub("", line)) <= cells


@given(tables(), st.booleans())
def test_without_a_width_nothing_is_cut(
    given_table: tuple[list[tuple[Cell, ...]], list[Column[Any]]], colour: bool
) -> None:
    rows, columns = given_table
    text = "\n".join(SGR.sub("", line) for line in table(rows, columns, colour=colour))
    assert all(column.title in text for column in columns)
    for row in rows:
        for cell in row:
            lines = cell if isinstance(cell, list) else [cell]
            assert all(line is None or safe(str(line)).rstrip() in text for line in lines)


@given(tables(), st.one_of(st.none(), st.integers(1, 120)))
def test_no_control_character_reaches_a_terminal(
    given_table: tuple[list[tuple[Cell, ...]], list[Column[Any]]], cells: int | None
) -> None:
    rows, columns = given_table
    assert all(line.isprintable() for line in table(rows, columns, cells=cells))


@given(tables(), st.one_of(st.none(), st.integers(1, 120)))
def test_colour_changes_no_letter(
    given_table: tuple[list[tuple[Cell, ...]], list[Column[Any]]], cells: int | None
) -> None:
    rows, columns = given_table
    painted = [SGR.sub("", line) for line in table(rows, columns, cells=cells, colour=True)]
    assert painted == list(table(rows, columns, cells=cells))


@given(tables())
def test_nothing_trails_behind_a_line(given_table: tuple[list[tuple[Cell, ...]], list[Column[Any]]]) -> None:
    rows, columns = given_table
    filled = [[cell or "x" if not isinstance(cell, (list, str)) else "x" for cell in row] for row in rows]
    assert all(line == line.rstrip() for line in table(filled, columns))


def test_the_first_line_comes_long_before_the_last_row_is_asked_for() -> None:
    asked = 0

    def rows() -> Iterator[tuple[str, int]]:
        nonlocal asked
        for asked in range(1, 100_001):
            yield (f"name-{asked}", asked)

    lines = table(rows(), [column(0, "NAME"), column(1, "NUMBER")], cells=80)
    assert next(lines).split() == ["NAME", "NUMBER"]
    assert asked <= MEASURED_ROWS
    assert next(lines).split() == ["name-1", "1"]
    assert asked <= MEASURED_ROWS


def test_columns_stand_under_one_another_with_one_gap() -> None:
    rows = [("a", "b"), ("longer", "c")]
    assert list(table(rows, [column(0, "X"), column(1, "Y")])) == ["X       Y", "a       b", "longer  c"]


def test_a_later_row_that_is_wider_pushes_its_line_only() -> None:
    rows = [("a", "b")] * MEASURED_ROWS + [("much longer", "c"), ("a", "b")]
    lines = list(table(rows, [column(0, "X"), column(1, "Y")]))
    assert lines[-3:] == ["a  b", "much longer  c", "a  b"]
    assert list(table(rows, [column(0, "X"), column(1, "Y")], cells=80))[-2] == "…  c"


def test_a_list_stands_in_lines_under_one_another() -> None:
    rows = [(("a", "b"), 1), ((), 2)]
    assert list(table(rows, [column(0, "X"), column(1, "Y")])) == ["X  Y", "a  1", "b", "   2"]


def test_without_headers_there_is_no_line_of_titles_and_without_rows_no_line_at_all() -> None:
    assert list(table([("a",)], [column(0, "X")], headers=False)) == ["a"]
    assert list(table([], [column(0, "X")])) == []


def test_cells_from_the_left_that_repeat_the_row_above_step_back() -> None:
    rows = [("p", "q", "x"), ("p", "q", "y"), ("p", "r", "y"), ("s", "r", "y")]
    lines = list(table(rows, [column(0, "A"), column(1, "B"), column(2, "C")], colour=True))
    faint = [re.findall("\x1b\\[2m(.*?)\x1b", line) for line in lines[1:]]
    assert faint == [[], ["p", "q"], ["p"], []]


def test_a_row_that_is_like_the_one_above_is_never_faint_as_a_whole() -> None:
    lines = list(table([("p", "q"), ("p", "q")], [column(0, "A"), column(1, "B")], colour=True))
    assert lines[2] == "\x1b[2mp\x1b[0m  q"


def test_words_that_tell_a_state_are_painted_and_names_are_not() -> None:
    lines = list(
        table([("HEALTHY", "UNHEALTHY", "unknown-word", "-")], [column(i, "T") for i in range(4)], colour=True)
    )
    assert lines[1] == "\x1b[32mHEALTHY\x1b[0m  \x1b[31mUNHEALTHY\x1b[0m  unknown-word  \x1b[2m-\x1b[0m"


def test_for_a_pipe_every_line_is_a_whole_row() -> None:
    columns: list[Column[Any]] = [
        Column("A", lambda row: row[0]),
        Column("B", lambda row: row[1]),
        Column("C", lambda row: row[2]),
    ]
    rows = [("a", ("1", "2", "3"), ("x", "y"))]
    assert list(table(rows, columns, headers=False, whole=True)) == ["a  1  x", "a  2  y", "a  3"]
    assert list(table(rows, columns, headers=False)) == ["a  1  x", "   2  y", "   3"]
