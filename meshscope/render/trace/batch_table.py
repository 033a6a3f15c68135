"""Answers to a batch as a table: a line for each request, with how it ends, and in the wide one why it does not go well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from meshscope.listing.column import Column
from meshscope.render.trace.ends import decisive, outcomes, ways
from meshscope.render.trace.line import Meaning
from meshscope.render.trace.outline import answer_spans
from meshscope.render.trace.question import question_parts
from meshscope.render.trace.verdict import DEEDS, GLYPHS
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.journey.batch import Refusal
from meshscope.simulation.trace import Path, Trace
from meshscope.simulation.verdict import Truth

if TYPE_CHECKING:
    from meshscope.overlay.both_sides import BothSides


class BatchRow(Struct, frozen=True):
    """`ident` is the request's own id, else the number of its line. A line that is no request has no source and no question.
    `mark` is the glyph of the verdict.
    """

    ident: str
    source: str
    question: str
    mark: str
    result: str
    why: str


def batch_row(number: int, answer: Trace | Refusal) -> BatchRow:
    """`number` is the line's, from 1."""
    ident = str(number if answer.id is None else answer.id)
    if isinstance(answer, Refusal):
        return BatchRow(ident, "", "", GLYPHS[Meaning.FAILED], "not followed", answer.error.message)
    source, question = question_parts(answer.request)
    found = outcomes(ways(answer))
    spans = answer_spans(answer, found)
    mark = next((GLYPHS[span.meaning] for span in spans if span.meaning in GLYPHS), "")
    result = "  ".join(span.text for span in spans)
    worst = next((end.path for end in found if not end.path.is_well), None)
    return BatchRow(ident, source, question, mark, result, _why(worst) if worst else "")


def _why(path: Path) -> str:
    """The proxy that decides, and its reason; what it does where no step says a reason of its own."""
    reasons = tuple(decisive(path))
    if not reasons:
        return "; ".join(path.assuming)
    at, _, step = next((one for one in reasons if one[2].verdict is Truth.NO), reasons[0])
    is_last = at == len(path.hops) - 1
    deed = DEEDS[path.disposition if is_last else Disposition.UNKNOWN]
    return f"{path.hops[at].proxy}: {step.because or deed}"


class BothRow(Struct, frozen=True):
    """A request, how it ends today, and how it would."""

    now: BatchRow
    would: BatchRow
    is_different: bool


def both_row(number: int, both: BothSides) -> BothRow:
    """`number` is the line's, from 1."""
    return BothRow(batch_row(number, both.now), batch_row(number, both.would), both.is_different)


OF_BOTH: tuple[Column[BothRow], ...] = (
    Column("ID", lambda row: row.now.ident),
    Column("SOURCE", lambda row: row.would.source or row.now.source or "-", rank=1),
    Column("REQUEST", lambda row: row.would.question or row.now.question or "-"),
    Column("TODAY", lambda row: f"{row.now.mark} {row.now.result}".strip()),
    Column("WOULD BE", lambda row: f"{row.would.mark} {row.would.result}".strip()),
)
COLUMNS: tuple[Column[BatchRow], ...] = (
    Column("ID", lambda row: row.ident),
    Column("SOURCE", lambda row: row.source or "-", rank=1),
    Column("REQUEST", lambda row: row.question or "-"),
    Column("", lambda row: row.mark),
    Column("RESULT", lambda row: row.result),
    Column("WHY", lambda row: row.why, wide=True),
)
