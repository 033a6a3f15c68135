from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from meshscope.listing.column import Column
from meshscope.render.fitting import fitted, natural

from .test_table import column

LONG = "a-name-that-nobody-would-call-short"


def kept(rows: Sequence[tuple[str, ...]], columns: list[Column[Any]], cells: int) -> list[str]:
    lines = [tuple((cell,) for cell in row) for row in rows]
    return [columns[fit.index].title for fit in fitted(lines, columns, cells)]


def test_without_need_every_column_is_there_as_wide_as_it_wants() -> None:
    columns = [column(0, "A"), column(1, "B", 3)]
    lines = [((LONG,), ("x",))]
    assert fitted(lines, columns, 80) == natural(lines, columns)
    assert [fit.most for fit in natural(lines, columns)] == [len(LONG), 1]


def test_the_highest_rank_goes_first_and_of_equal_ranks_the_last() -> None:
    columns = [column(0, "A"), column(1, "B", 1), column(2, "C", 2), column(3, "D", 1)]
    row = (LONG,) * 4
    assert kept([row], columns, 150) == ["A", "B", "C", "D"]
    assert kept([row], columns, 110) == ["A", "B", "D"]
    assert kept([row], columns, 72) == ["A", "B"]
    assert kept([row], columns, 36) == ["A"]


def test_an_empty_column_goes_before_all_that_say_something() -> None:
    columns = [column(0, "A"), column(1, "EMPTY", 1), column(2, "DASHES", 1), column(3, "D", 3)]
    rows = [(LONG, "", "-", LONG)]
    assert kept(rows, columns, 90) == ["A", "EMPTY", "DASHES", "D"]
    assert kept(rows, columns, 80) == ["A", "EMPTY", "D"]
    assert kept(rows, columns, 74) == ["A", "D"]


def test_columns_of_rank_0_stay_whatever_it_costs() -> None:
    columns = [column(i, "TITLE") for i in range(4)]
    assert len(kept([(LONG,) * 4], columns, 10)) == 4


def test_a_single_long_name_gives_way_to_many_shorter_ones() -> None:
    rows = [("x" * 60, "y" * 30)] + [("short", "y" * 30)] * 20
    first, second = fitted([((a,), (b,)) for a, b in rows], [column(0, "A"), column(1, "B")], 60)
    assert (first.most, second.most) == (28, 30)


def test_the_shared_domain_goes_before_a_column_does() -> None:
    rows = [(f"outbound|80||{name}.default.svc.cluster.local", "x" * 20) for name in ("reviews", "ratings")]
    lines = [((a,), (b,)) for a, b in rows]
    columns = [column(0, "CLUSTER"), column(1, "WHAT", 1)]
    cluster, _ = fitted(lines, columns, 52)
    assert [cluster.text(row[0]) for row in rows] == ["outbound|80||reviews.default…", "outbound|80||ratings.default…"]
    cluster, _ = fitted(lines, columns, 46)
    assert [cluster.text(row[0]) for row in rows] == ["…|80||reviews.default…", "…|80||ratings.default…"]


def test_names_are_cut_where_they_stay_apart() -> None:
    alike_at_the_end = [
        (f"{word}-which-is-followed-by-what-all-of-them-share",) for word in ("first", "other", "third")
    ]
    (fit,) = fitted([(row,) for row in alike_at_the_end], [column(0, "NAME")], 20)
    assert len({fit.text(row[0]) for row in alike_at_the_end}) == 3
    alike_at_the_start = [
        (f"what-all-of-them-share-comes-first-and-then-{word}",) for word in ("first", "other", "third")
    ]
    (fit,) = fitted([(row,) for row in alike_at_the_start], [column(0, "NAME")], 12)
    assert len({fit.text(row[0]) for row in alike_at_the_start}) == 3
