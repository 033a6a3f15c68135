"""Watching shows what is different in an outline, not what moved in it."""

from __future__ import annotations

from meshscope.render.trace.changes import changes, without_places
from meshscope.render.trace.line import Line, Meaning, Span
from meshscope.render.trace.outline import outline
from meshscope.render.trace.painter import Painter
from meshscope.simulation.trace import Direction, Step, StepKind

from .traces import delivered, denied, hop, refusal, route, trace


def line(key: str, text: str, **fields: int) -> Line:
    return Line((key,), (Span(text, Meaning.VALUE),), **fields)  # type: ignore[arg-type]  # fields of a Line


def changed(before: tuple[Line, ...], now: tuple[Line, ...], **fields: int) -> list[str]:
    return list(changes(before, now, Painter(**fields)))  # type: ignore[arg-type]  # fields of a Painter


def test_a_changed_line_is_there_as_it_was_and_as_it_is_and_gone_ones_are_last() -> None:
    before = (line("a", "1"), line("b", "2"), line("c", "3"))
    now = (line("d", "4"), line("b", "5"), line("c", "3"))
    assert changed(before, now) == ["+ 4", "- 2", "+ 5", "- 1"]


def test_a_line_that_only_moved_has_not_changed() -> None:
    assert changed((line("a", "1"), line("b", "2")), (line("b", "2", depth=3), line("a", "1"))) == []


def filtered(*names: str) -> tuple[Line, ...]:
    """Every step of a hop whose HTTP filters have these names, and of one more hop."""
    filters = (Step(kind=StepKind.HTTP_FILTER, chosen=name, because="passes") for name in names)
    steps = (route(), *filters, Step(kind=StepKind.CLUSTER, chosen="c"))
    return outline(trace(delivered(hop(steps=steps), hop("b", Direction.INBOUND, steps=steps))), all_steps=True)


def test_a_filter_that_is_new_changes_no_other_line() -> None:
    assert [text.split() for text in changed(filtered("a", "c"), filtered("a", "b", "c"))] == [
        ["+", "✓", "http", "filter", "b", "passes"]
    ] * 2


def test_two_filters_of_one_name_are_two_lines() -> None:
    assert len({line.key for line in filtered("a", "a")}) == len(filtered("a", "a"))
    assert changed(filtered("a", "a"), filtered("a", "a")) == []
    assert [text[0] for text in changed(filtered("a"), filtered("a", "a"))] == ["+", "+"]


def test_marks_have_the_colours_of_a_diff() -> None:
    assert changed((line("a", "1"),), (line("b", "2"),), colour=True) == ["\x1b[32m+ 2\x1b[0m", "\x1b[31m- 1\x1b[0m"]


def test_another_weight_is_a_change_of_the_same_lines() -> None:
    def at(share: float) -> tuple[Line, ...]:
        other = delivered(hop(cluster="y"), hop("c", Direction.INBOUND), probability=1 - share)
        return outline(trace(delivered(hop(cluster="x"), hop("b", Direction.INBOUND), probability=share), other))

    lines = changed(at(0.9), at(0.8))
    assert [text[0] for text in lines] == ["-", "+"] * 4
    assert sum("90 %" in text for text in lines) == sum("80 %" in text for text in lines) == 2


def test_kept_lines_have_no_places_and_differ_in_nothing_else() -> None:
    lines = outline(trace(denied(hop(steps=(refusal(),)))))
    kept = without_places(lines)
    assert all(span.location is None for line in kept for span in (*line.spans, *line.tail))
    assert changed(lines, kept) == []
