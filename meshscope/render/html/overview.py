"""The mesh at a glance as HTML: what the browser's Home shows, faults first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from meshscope.listing.column import Column
from meshscope.listing.glyphs import ABSENT, ERROR, PENDING, WARNING, WELL
from meshscope.listing.home import FAULT_COLUMNS, PROXY_COLUMNS, HomeView, control_plane_line, counts
from meshscope.render.html.markup import SPACE, Markup, element, joined
from meshscope.render.text import safe, shortened

MOST_FAULTS, MOST_PROXIES = 200, 1000
LONGEST, LONGEST_NAME = 1000, 120
"""Cells of a fault or a sentence, and of any other cell of a table."""
_STATES = {ERROR: "bad", WARNING: "warn", WELL: "good", PENDING: "warn", ABSENT: "dim"}
_CELLS = {"PROXY": "name", "FAULT": "long"}
_LEGEND = f"{WELL} acknowledged · {PENDING} stale · {ERROR} refused · {ABSENT} nothing was sent"


def fault_counts(home: HomeView) -> Markup:
    """`✗ 1 ▲ 2`."""
    found = ((ERROR, home.errors), (WARNING, home.warnings))
    return joined(
        (element("span", f"{glyph} {count:,}", class_=_STATES[glyph]) for glyph, count in found if count), SPACE
    )


def overview_markup(home: HomeView) -> Iterator[Markup]:
    yield element("p", " · ".join(filter(None, (counts(home), control_plane_line(home)))))
    for sentence in home.missing:
        yield element("p", element("span", WARNING, class_="warn"), " ", _bounded(sentence), class_="missing")
    yield element("h3", "Faults")
    if home.faults:
        yield _table(FAULT_COLUMNS, home.faults[:MOST_FAULTS], "wide faults")
        yield from _rest(len(home.faults), MOST_FAULTS, "faults", "meshscope ui lists all")
    else:
        yield element(
            "p", element("span", WELL, class_="good"), " no fault was found in the configuration of any proxy"
        )
    yield element("h3", "Proxies")
    if home.states:
        yield _table(PROXY_COLUMNS, home.states[:MOST_PROXIES])
        if any(state.sync.cds for state in home.states):
            yield element("p", _LEGEND, class_="note")
        yield from _rest(len(home.states), MOST_PROXIES, "proxies", "meshscope get proxies lists all")
    else:
        yield element("p", "no proxy in this input")


def _rest(count: int, most: int, noun: str, where: str) -> Iterator[Markup]:
    if count > most:
        yield element("p", f"{most:,} of {count:,} {noun}; {where}", class_="note")


def _table(columns: tuple[Column[Any], ...], rows: tuple[Any, ...], classes: str = "wide") -> Markup:
    """Without the columns that a terminal shows on demand, and those that are empty for all rows."""
    shown = []
    for column in columns:
        cells = [str(column.cell(row) or "") for row in rows]
        if not column.wide and any(cells):
            shown.append((column.title, cells))
    head = element("tr", joined(element("th", title.strip(), scope="col") for title, _ in shown))
    body = joined(element("tr", joined(_cell(title, cells[at]) for title, cells in shown)) for at in range(len(rows)))
    table = element("table", element("thead", head), element("tbody", body))
    return element("div", table, class_=classes, tabindex=0)


def _cell(title: str, text: str) -> Markup:
    kind = _STATES.get(text) or _CELLS.get(title, "")
    return element("td", _bounded(text, LONGEST if kind == "long" else LONGEST_NAME), class_=kind)


def _bounded(text: str, most: int = LONGEST) -> str:
    return shortened(safe(text), most)
