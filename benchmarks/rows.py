"""Rows for a screen: what one key press costs among 100,000 of them, once they are prepared."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path

from measure import Result, seconds

from meshscope.listing.registry import kind_of_name
from meshscope.listing.rows import Filter, Rows
from meshscope.listing.selection import EVERYTHING
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.reading import open_snapshot

KEY_PRESS = 0.05
FILTERS = {
    "a text in every row": [Filter("a")],
    "a text in few rows": [Filter("svc-777.")],
    "a text in no row": [Filter("nowhere")],
    "three filters": [Filter("a"), Filter("7", is_inverse=True), Filter("1", column=2)],
}
FUZZY = {
    "characters in their order": "svc{}",
    "characters that are in many rows in another order": "e{}r",
}
"""With another number each time: answers of the last texts are kept, and none of these begins with another one."""


def results(gateway: Path, runs: int) -> Iterator[Result]:
    mesh, kind = Mesh(open_snapshot(str(gateway))), kind_of_name("routes")
    plain = seconds(lambda: sum(1 for _ in kind.rows(mesh, EVERYTHING)), 1)
    rows = Rows.of(kind, mesh, EVERYTHING)
    visible = tuple(range(len(rows.columns)))
    made = seconds(lambda: Rows(rows, rows.ids, rows.columns).prepare(visible), 1)
    yield Result(
        f"{len(rows):,} rows prepared for filters and orders", f"{made:.2f} s = {made / plain:.1f} × reading them", ""
    )
    rows.prepare(visible)
    filters = {name: seconds(partial(rows.matching, one, visible), runs) for name, one in FILTERS.items()}
    for name, text in FUZZY.items():
        words = (Filter(text.format(number), is_fuzzy=True) for number in count(10))
        filters[name] = seconds(lambda words=words: rows.matching([next(words)], visible), runs)  # type: ignore[misc]
    yield _key_press("filter", filters)
    every = rows.matching((), visible)
    yield _key_press(
        "order, descending, of filtered rows",
        {
            column.title: seconds(partial(rows.ordered, at, descending=True, among=every), runs)
            for at, column in enumerate(rows.columns)
        },
    )


def _key_press(what: str, times: dict[str, float]) -> Result:
    slowest = max(times, key=lambda name: times[name])
    return Result(
        f"{what} of 100,000 rows, the slowest: {slowest}",
        f"{times[slowest] * 1000:.0f} ms",
        f"{KEY_PRESS * 1000:.0f} ms",
        times[slowest] <= KEY_PRESS,
    )
