"""What is to be said of a trace, in the order in which a reader in an incident needs it.

How it ends for the caller; where and why, and which object to change; the way, short; what is unknown. Nothing is left to
decide for the painters of these lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from meshscope.render.trace.ends import End, decisive, outcomes, owners, total, ways
from meshscope.render.trace.facts import PASSTHROUGH
from meshscope.render.trace.line import Line, Meaning, Position, Span
from meshscope.render.trace.question import question_words
from meshscope.render.trace.spelling import Spelling
from meshscope.render.trace.verdict import meaning_of, share_words, verdict_words
from meshscope.render.trace.way import Way
from meshscope.render.trace.why import why_lines
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.journey.refused_updates import RefusedUpdate
from meshscope.simulation.journey.side import Side
from meshscope.simulation.trace import Trace

MOST_RECEIVERS = 3


def outline(
    trace: Trace, *, all_steps: bool = False, side: Side | None = None, spelling: Spelling | None = None
) -> tuple[Line, ...]:
    """`all_steps` shows each step of each hop, and every loser. `side` leaves the hops of the other one out of the way; how
    it ends and why is said in any case, so `trace` is the whole one.
    """
    return tuple(_distinct(_lines(trace, Way(trace.request, spelling or Spelling(), all_steps, side, trace.is_well))))


def _distinct(lines: Iterator[Line]) -> Iterator[Line]:
    """Lines whose keys would be equal, as of two filters of one name, are numbered in their order."""
    counts: Counter[tuple[str, ...]] = Counter()
    for line in lines:
        counts[line.key] += 1
        yield line if counts[line.key] == 1 else replace(line, key=(*line.key, str(counts[line.key])))


def _lines(trace: Trace, way: Way) -> Iterator[Line]:
    every_way = ways(trace)
    found = outcomes(every_way)
    yield Line(("answer",), (Span(question_words(trace.request), Meaning.QUESTION),), tail=answer_spans(trace, found))
    yield from _ends(found, way.spelling)
    for number, end in enumerate(found):
        if not end.path.others:
            yield from why_lines(end, ("why", str(number)), way.spelling)
    for problem in trace.problems:
        if isinstance(problem, RefusedUpdate):
            yield Line(("refused", problem.message), (Span(problem.message, Meaning.REASON),), 2, "refused")
    whole = [end for end in every_way if not end.path.others]
    yield from way.lines(whole)
    yield from _made_by(whole, way)
    for text in trace.assumptions:
        yield Line(("assuming", text), (Span(text, Meaning.ASSUMPTION),), 1, "assuming")
    for problem in trace.problems:
        if not isinstance(problem, RefusedUpdate):
            yield Line(("missing", problem.message), (Span(problem.message, Meaning.ASSUMPTION),), 1, "missing")


def answer_spans(trace: Trace, found: Sequence[End]) -> tuple[Span, ...]:
    """One verdict for all: that of the only end, else how many of the requests get what they come for."""
    if len(found) == 1:
        end = found[0]
        words = " ".join(filter(None, (verdict_words(end.path), _receivers(end))))
        is_sure = end.probability is not None and share_words(end.probability) == "100 %"
        share = () if is_sure else (Span(share_words(end.probability), Meaning.SHARE),)
        return (*share, Span(words, meaning_of(end.path)))
    if trace.is_well:
        dispositions = {end.path.disposition.value for end in found}
        words = dispositions.pop() if len(dispositions) == 1 else "well"
        return (Span(f"{words} on each of {len(found)} ways", Meaning.WELL),)
    bad = [end for end in found if not end.path.is_well]
    failing = [end for end in bad if end.path.disposition is not Disposition.UNKNOWN]
    worst = failing or bad
    part = share_words(total([end.probability for end in worst]))
    codes = " · ".join(dict.fromkeys(verdict_words(end.path) for end in worst))
    return (Span(f"{part}  {codes}", Meaning.FAILED if failing else Meaning.UNKNOWN),)


def _ends(found: Sequence[End], spelling: Spelling) -> Iterator[Line]:
    for number, end in enumerate(found):
        path = end.path
        key = ("end", path.disposition, *(hop.cluster or "" for hop in path.hops))
        if path.others:
            words = f"{path.others} {'more ' if number else ''}outcomes; {spelling.every_outcome} tells them apart"
            share = Span(share_words(end.probability), Meaning.SHARE)
            yield Line(key, (share, Span(words, Meaning.DIM)), 1, apart=not number)
            continue
        if len(found) > 1:
            receivers = (Span(_receivers(end), Meaning.PROXY),) if path.is_well and _receivers(end) else ()
            verdict = Span(verdict_words(path), meaning_of(path), position=Position(end.index, 0))
            share = Span(share_words(end.probability), Meaning.SHARE)
            yield Line(key, (share, verdict, *receivers), 1, apart=not number)
        for text in path.assuming:
            yield Line((*key, "assuming", text), (Span(text, Meaning.ASSUMPTION),), 2, "assuming")
        if path.if_passed:
            yield Line((*key, "if so"), (Span(path.if_passed, Meaning.ASSUMPTION),), 2, "if so")


def _receivers(end: End) -> str:
    is_known = end.path.disposition is Disposition.DELIVERED and not end.path.others
    names = end.receivers if is_known else ()
    more = f" and {len(names) - MOST_RECEIVERS} more" if len(names) > MOST_RECEIVERS else ""
    last = end.path.hops[-1] if end.path.hops else None
    unknown = ", an unknown address" if last is not None and last.cluster == PASSTHROUGH else ""
    return f"to {' or '.join(names[:MOST_RECEIVERS])}{more}{unknown}" if names else ""


def _made_by(found: Sequence[End], way: Way) -> Iterator[Line]:
    """The objects on the way that is shown, unless one that fails has named the object to change."""
    if any(step.owner for end in found if not end.path.is_well for _, _, step in decisive(end.path)):
        return
    names = owners(hop for end in found for hop in end.path.hops if way.shows(hop))
    if names:
        yield Line(("by",), tuple(Span(name, Meaning.OWNER, owner=name) for name in names), 1, "by")
