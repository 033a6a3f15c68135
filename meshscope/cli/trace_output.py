"""How a trace is written: a tree, every step of it, a picture, a graph's source, or a format for programs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from meshscope.cli.options.output import Output, output_options
from meshscope.cli.options.request import hint_text
from meshscope.cli.terminal_glyphs import has_glyphs
from meshscope.cli.writing import clock, terminal_cells, write
from meshscope.errors import UsageError
from meshscope.render.formats import SVG
from meshscope.render.text import safe
from meshscope.simulation.journey.side import Side, one_side
from meshscope.simulation.trace import Trace

if TYPE_CHECKING:
    from meshscope.overlay.both_sides import BothSides
    from meshscope.render.trace.line import Line
    from meshscope.render.trace.painter import Painter

TREE, WIDE = "tree", "wide"
GRAPHS = ("mermaid", "dot")
FORMATS = (TREE, WIDE, "json", "jsonl", "yaml", SVG, *GRAPHS)
PICTURE_CELLS = 110
"""The width of a picture, which has no terminal."""

trace_output_options = partial(
    output_options,
    formats=FORMATS,
    default=TREE,
    words="tree (the default), wide (as -w), json, jsonl, yaml, svg (a picture), mermaid, dot, jsonpath=TEMPLATE",
)


class TraceOutput(Struct, frozen=True):
    """`all_steps`: every step of every hop. `side` is the only one whose hops are shown, None for both."""

    output: Output
    all_steps: bool
    side: Side | None

    @property
    def is_lines(self) -> bool:
        """Whether lines are written one by one, so that more may follow."""
        return self.output.format in (TREE, WIDE)

    def write(self, trace: Trace) -> None:
        name = self.output.format
        if self.is_lines or name == SVG:
            self.write_outline(self.outline(trace), f"meshscope trace {safe(_title(trace))}")
        elif name in GRAPHS:
            from meshscope.render.trace import graph  # only for a graph

            draw = graph.mermaid if name == "mermaid" else graph.dot
            write(line + "\n" for line in draw(self._sided(trace)))
        else:
            from meshscope.render.machine import plain, resolved  # only for programs

            self.output.write_object(plain(resolved(self._sided(trace))), "")

    def write_both(self, both: BothSides) -> None:
        """How it would end, and what is different from today. Raises UsageError for a picture, which has one side."""
        from meshscope.render.trace.both_sides import lines_of_both  # only for --with

        if self.is_lines:
            before, after = (self.outline(one) if one else () for one in (both.before, both.after))
            self.output.write_lines(lines_of_both(both, before, after, self.painter), "")
        elif self.output.format == SVG or self.output.format in GRAPHS:
            raise UsageError("--with writes a tree, json, jsonl, yaml or a jsonpath")
        else:
            from meshscope.render.machine import plain, resolved

            self.output.write_object(plain(resolved(self._both_sided(both))), "")

    def _both_sided(self, both: BothSides) -> BothSides:
        before, after = (self._sided(one) if one else None for one in (both.before, both.after))
        return replace(both, before=before, after=after)

    def write_outline(self, lines: tuple[Line, ...], title: str = "") -> None:
        self.output.write_lines(self.painter.paint(lines), title)

    def _sided(self, trace: Trace) -> Trace:
        return one_side(trace, self.side) if self.side else trace

    def json_line(self, trace: Trace) -> str:
        from meshscope.render.machine import encoded

        return encoded(self._sided(trace)) + "\n"

    def outline(self, trace: Trace) -> tuple[Line, ...]:
        from meshscope.render.trace.outline import outline  # only for people
        from meshscope.render.trace.spelling import Spelling

        return outline(
            trace, all_steps=self.all_steps, side=self.side, spelling=Spelling(hint_text, "-w", "--max-paths")
        )

    def write_changes(self, before: tuple[Line, ...], now: tuple[Line, ...]) -> None:
        """The time and the lines that are gone, new or changed; nothing where there are none."""
        from meshscope.render.trace.changes import changes

        if different := list(changes(before, now, self.painter)):
            write(line + "\n" for line in (clock(), *different))

    @property
    def painter(self) -> Painter:
        from meshscope.render.trace.painter import Painter  # only for people

        if self.output.format == SVG:
            return Painter(self.output.colour, PICTURE_CELLS)
        return Painter(self.output.colour, terminal_cells(), is_ascii=not has_glyphs())


def _title(trace: Trace) -> str:
    return " ".join(filter(None, (trace.request.source, trace.request.dest or trace.request.to)))
