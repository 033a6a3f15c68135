"""Tables for people: columns as in istioctl, fitted to the terminal, streamed.

rich's tables measure every cell of every row before they print the first; a gateway has a hundred thousand. Widths come from
the first rows here, later ones that are wider push their line, as with kubectl. Without a width (a pipe) nothing is cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from meshscope.mesh.kinds.kind import Column
from meshscope.render.text import padded, safe, shortened, width

MEASURED_ROWS = 1000
GAP = "   "
NARROWEST = 12

_STYLES = {
    "HEALTHY": "32", "OK": "32", "SYNCED": "32", "true": "32", "ACTIVE": "32",
    "UNHEALTHY": "31", "FAILED": "31", "ERROR": "31", "error": "31", "false": "31", "EXPIRED": "31",
    "STALE": "33", "DEGRADED": "33", "DRAINING": "33", "WARMING": "33", "warming": "33", "draining": "33", "TIMEOUT": "33",
    "NOT SENT": "2", "-": "2", "?": "33",
}  # fmt: skip
"""Words with a colour of the sixteen; the word says it too."""

Lines = tuple[str, ...]


def table(
    rows: Iterable[Any],
    columns: Sequence[Column],
    *,
    cells: int | None = None,
    colour: bool = False,
    headers: bool = True,
) -> Iterator[str]:
    """The lines of a table; none without rows. `cells` is the terminal's width, None where nothing may be cut."""
    iterator = iter(rows)
    measured = [_cells(row, columns) for row in islice(iterator, MEASURED_ROWS)]
    if not measured:
        return
    kept, widths = _fitted(measured, columns, cells)
    if headers:
        titles = [padded(columns[i].title, w) for i, w in zip(kept, widths, strict=True)]
        yield _styled(GAP.join(titles).rstrip(), "1", colour)
    cut = cells is not None
    before: list[Lines] = []
    for row in chain(measured, (_cells(row, columns) for row in iterator)):
        shown = [row[i] for i in kept]
        yield from _lines(shown, before, widths, cut=cut, colour=colour)
        before = shown


def _cells(row: Any, columns: Sequence[Column]) -> list[Lines]:
    """Each cell as its lines."""
    found: list[Lines] = []
    for column in columns:
        value = column.cell(row)
        if value is None:
            found.append(("",))
        elif isinstance(value, (str, int)):
            found.append((safe(str(value)),))
        else:
            found.append(tuple(safe(str(line)) for line in value) or ("",))
    return found


def _fitted(rows: list[list[Lines]], columns: Sequence[Column], cells: int | None) -> tuple[list[int], list[int]]:
    """Which columns are shown, and how wide. The highest ranks go first, then the widest columns give way."""
    natural = [
        max(len(column.title), *(width(line) for row in rows for line in row[index]))
        for index, column in enumerate(columns)
    ]
    kept = list(range(len(columns)))
    if cells is None:
        return kept, natural
    for rank in (3, 2, 1):
        least = sum(min(natural[i], max(NARROWEST, len(columns[i].title))) for i in kept) + len(GAP) * (len(kept) - 1)
        if least <= cells:
            break
        kept = [i for i in kept if columns[i].rank < rank]
    widths = [natural[i] for i in kept]
    floors = [min(natural[i], max(NARROWEST, len(columns[i].title))) for i in kept]
    while sum(widths) + len(GAP) * (len(kept) - 1) > cells:
        widest = max(range(len(kept)), key=lambda i: widths[i] - floors[i])
        if widths[widest] <= floors[widest]:
            break
        widths[widest] -= 1
    return kept, widths


def _lines(row: list[Lines], before: list[Lines], widths: list[int], *, cut: bool, colour: bool) -> Iterator[str]:
    for number in range(max(len(lines) for lines in row)):
        parts = []
        for index, (lines, cells) in enumerate(zip(row, widths, strict=True)):
            text = lines[number] if number < len(lines) else ""
            text = shortened(text, cells) if cut else text
            repeated = index == 0 and bool(before) and before[0] == lines
            parts.append(_cell(padded(text, cells), text, repeated=repeated, colour=colour))
        yield _trimmed(GAP.join(parts), colour)


def _cell(text: str, word: str, *, repeated: bool, colour: bool) -> str:
    return _styled(text, "2" if repeated else _STYLES.get(word, ""), colour)


def _styled(text: str, style: str, colour: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if colour and style else text


def _trimmed(line: str, colour: bool) -> str:
    return line if colour else line.rstrip()
