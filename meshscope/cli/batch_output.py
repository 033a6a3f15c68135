"""How the answers to a batch are written: a table on a terminal, else an answer a line for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from meshscope.cli.options.output import Output
from meshscope.cli.trace_output import TREE, WIDE
from meshscope.cli.writing import is_terminal, write
from meshscope.simulation.journey.batch import Refusal
from meshscope.simulation.trace import Trace

if TYPE_CHECKING:
    from meshscope.overlay.both_sides import BothSides


def write_batch(answers: Iterable[Trace | Refusal], output: Output) -> bool:
    """Whether all of them are well, once all are written."""
    seen = _Seen(answers)
    if is_batch_table(output):
        _write_table(seen, output)
    else:
        from meshscope.render.machine import encoded, indented  # only for programs

        text = indented if output.format == "json" else encoded
        for answer in seen:
            write([text(answer) + "\n"])
    return seen.are_well


def write_batch_of_both(answers: Iterable[BothSides], output: Output) -> bool:
    """Both sides of each request; whether all would be well, once all are written."""
    are_well = True

    def seen() -> Iterator[BothSides]:
        nonlocal are_well
        for answer in answers:
            are_well = are_well and answer.is_well
            yield answer

    if is_batch_table(output):
        from meshscope.render.trace.batch_table import OF_BOTH, both_row  # only for people

        rows = (both_row(number, answer) for number, answer in enumerate(seen(), 1))
        output.write_table((row for row in rows if row.is_different or output.is_wide), OF_BOTH, "")
    else:
        from meshscope.render.machine import encoded, indented  # only for programs

        text = indented if output.format == "json" else encoded
        for answer in seen():
            write([text(answer) + "\n"])
    return are_well


def is_batch_table(output: Output) -> bool:
    """Whether a reader sees a table; programs get lines of JSON unless they ask for another format of theirs."""
    return output.format in (TREE, WIDE) and is_terminal()


class _Seen:
    """A stream of answers; `are_well` is whether those that were read are."""

    def __init__(self, answers: Iterable[Trace | Refusal]) -> None:
        self._answers = answers
        self.are_well = True

    def __iter__(self) -> Iterator[Trace | Refusal]:
        for answer in self._answers:
            self.are_well = self.are_well and answer.is_well
            yield answer


def _write_table(answers: Iterable[Trace | Refusal], output: Output) -> None:
    from meshscope.render.trace.batch_table import COLUMNS, batch_row  # only for people

    rows = (batch_row(number, answer) for number, answer in enumerate(answers, 1))
    output.write_table(rows, tuple(column for column in COLUMNS if output.is_wide or not column.wide), "")
