"""Tables for people: columns as in istioctl, fitted to the terminal, streamed.

The first rows set the widths, so that the first line is written long before the last row is read: a gateway has a hundred
thousand. Without a width (a pipe, `-o wide`) nothing is cut; a later row that is wider widens its own line, as in kubectl.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TypeVar

from meshscope.listing.column import Column
from meshscope.render.fitting import GAP, Fit, Lines, fitted, natural
from meshscope.render.painting import BOLD, FAINT, painted, style_of
from meshscope.render.text import safe, shortened, width

T = TypeVar("T")

MEASURED_ROWS = 1000


def table(  # noqa: PLR0913  # options of one thing
    rows: Iterable[T],
    columns: Sequence[Column[T]],
    *,
    cells: int | None = None,
    colour: bool = False,
    headers: bool = True,
    whole: bool = False,
) -> Iterator[str]:
    """The lines of a table, none without rows. `cells` is the terminal's width, None where nothing may be cut. `whole`: each
    line of a row has all of its cells, so that a search by lines finds whole rows.
    """
    iterator = iter(rows)
    measured = [_cells(row, columns) for row in islice(iterator, MEASURED_ROWS)]
    if not measured:
        return
    fits = natural(measured, columns) if cells is None else fitted(measured, columns, cells)
    if headers:
        titles = [shortened(columns[fit.index].title, fit.most) for fit in fits]
        yield _line(titles, [BOLD] * len(titles), fits, colour=colour)
    before: list[Lines] = []
    for row in chain(measured, (_cells(row, columns) for row in iterator)):
        visible = [row[fit.index] for fit in fits]
        visible = _repeated(visible) if whole else visible
        yield from _row(visible, before, fits, cut=cells is not None, colour=colour)
        before = visible


def _cells(row: T, columns: Sequence[Column[T]]) -> list[Lines]:
    cells: list[Lines] = []
    for column in columns:
        value = column.cell(row)
        if value is None:
            cells.append(("",))
        elif isinstance(value, (str, int)):
            cells.append((safe(str(value)),))
        else:
            cells.append(tuple(safe(str(line)) for line in value) or ("",))
    return cells


def _repeated(row: list[Lines]) -> list[Lines]:
    """Cells of one line on every line of the row; those of several lines are a list, whose end is blank."""
    height = max(map(len, row), default=1)
    return [lines * height if len(lines) == 1 else lines for lines in row]


def _row(row: list[Lines], before: list[Lines], fits: Sequence[Fit], *, cut: bool, colour: bool) -> Iterator[str]:
    """The lines of a row. The first cells are faint as long as they repeat the row above."""
    same = 0
    while same < min(len(before), len(row) - 1) and row[same] == before[same]:
        same += 1
    for number in range(max(map(len, row))):
        words = [lines[number] if number < len(lines) else "" for lines in row]
        styles = [FAINT if index < same else style_of(word) for index, word in enumerate(words)]
        texts = [fit.text(word) for fit, word in zip(fits, words, strict=True)] if cut else words
        yield _line(texts, styles, fits, colour=colour)


def _line(texts: list[str], styles: list[str], fits: Sequence[Fit], *, colour: bool) -> str:
    """The texts at their columns, without blanks after the last one."""
    line, blanks = "", 0
    for text, style, fit in zip(texts, styles, fits, strict=True):
        if text:
            line += " " * blanks + painted(text, style, colour=colour)
            blanks = 0
        blanks += max(fit.most - width(text), 0) + GAP
    return line
