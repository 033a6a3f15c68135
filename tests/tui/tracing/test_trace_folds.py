from __future__ import annotations

from meshscope.simulation.request import Request
from meshscope.tui.tracing.trace_folds import branch_end, without_folded
from meshscope.tui.tracing.trace_view import traced

from ...mesh.meshes import recorded

MESH = recorded("bookinfo")
VIEW = traced(MESH, Request(source="productpage", dest="reviews"), "")


def test_a_branch_is_all_that_is_deeper_and_its_head_counts_it() -> None:
    heads = [number for number in range(len(VIEW.lines)) if branch_end(VIEW.lines, number) > number + 1]
    assert heads
    for number in heads:
        end = branch_end(VIEW.lines, number)
        folded = without_folded(VIEW.lines, {VIEW.lines[number].key})
        assert len(folded) == len(VIEW.lines) - (end - number - 1)
        assert folded[:number] == VIEW.lines[:number]
        assert folded[number + 1 :] == VIEW.lines[end:]
        assert f"… {end - number - 1} line" in folded[number].words


def test_a_line_without_a_branch_does_not_fold() -> None:
    last = len(VIEW.lines) - 1
    assert without_folded(VIEW.lines, {VIEW.lines[last].key}) == VIEW.lines
    assert VIEW.toggled(last) is None


def test_a_fold_is_there_in_the_next_answer_and_opens_again() -> None:
    (number, *_) = VIEW.hops
    folded = VIEW.toggled(number)
    assert folded is not None
    again = traced(MESH, Request(source="productpage", dest="http://reviews:9080/x"), "", folded=folded.folded)
    assert "folded" in again.lines[number].words
    assert folded.with_steps(all_steps=True).folded == folded.folded
    opened = folded.toggled(number)
    assert opened is not None
    assert opened.lines == VIEW.lines
