"""A widget that draws its lines itself, whose text the mouse selects. `ctrl-c` copies what is selected."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip


class Selectable(ScrollView):
    """A widget draws `draw_line`. What is selected are cells of the screen: after a scroll, those that are there then.

    Without a mouse no line pays for it: Textual finds what is selected by marks in every segment.
    """

    _is_under_mouse = False

    def draw_line(self, y: int) -> Strip:
        """The line at a height of the widget, as `render_line`."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        strip = self.draw_line(y)
        if not self._is_under_mouse:
            return strip
        selection = self.text_selection
        if selection is not None and (span := _span(selection, y, strip)):
            style = self.screen.get_component_rich_style("screen--selection")
            before, selected, after = strip.divide([*span, strip.cell_length])
            over = Strip([Segment(each.text, (each.style or Style()) + style) for each in selected])
            strip = Strip.join([before, over, after])
        return strip.apply_offsets(0, y)

    def on_enter(self, _event: events.Enter) -> None:
        if not self._is_under_mouse:
            self._is_under_mouse = True
            self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str]:
        """The text of the cells, without the blanks at the ends of lines, and what follows it."""
        strips = ((y, self.draw_line(y)) for y in range(self.scrollable_content_region.height))
        spans = ((strip, span) for y, strip in strips if (span := _span(selection, y, strip)))
        return "\n".join(strip.crop(*span).text.rstrip() for strip, span in spans), "\n"

    def selection_updated(self, selection: Selection | None) -> None:  # noqa: ARG002  # Textual's signature
        self.refresh()

    def text_select_all(self) -> None:
        """A double click opens a row: it does not select the whole widget."""


def _span(selection: Selection, y: int, strip: Strip) -> tuple[int, int] | None:
    """The first cell of a line that is selected, and the one behind the last; None where none is."""
    found = selection.get_span(y)
    if found is None:
        return None
    start, end = found
    end = strip.cell_length if end < 0 else min(end, strip.cell_length)
    return (min(start, end), end)
