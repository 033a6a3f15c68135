"""A cell of a table in the width of its column."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style

from meshscope.render.fitting import Fit
from meshscope.render.text import padded, shortened, width
from meshscope.tui.table_view import MORE_LINES


def cell_segments(fit: Fit, text: str, style: Style, *, has_more: bool) -> list[Segment]:
    """The first line of a cell; where it has more, their mark at its end."""
    if not has_more:
        return [Segment(padded(fit.text(text), fit.most), style)]
    mark = MORE_LINES[-fit.most :]
    line = shortened(fit.text(text), max(0, fit.most - len(mark)), fit.lead)
    rest = " " * (fit.most - width(line) - len(mark))
    return [Segment(line, style), Segment(mark, style + Style(dim=True)), Segment(rest, style)]
