from __future__ import annotations

import pytest

from meshscope.render.trace.header_changes import change_lines
from meshscope.render.trace.outline import outline
from meshscope.simulation.trace import HeaderChange, Step, StepKind

from .traces import delivered, hop, trace


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (HeaderChange("a", (), ("1", "2")), "added  a  1, 2"),
        (HeaderChange("a", ("1",), ()), "removed  a  1"),
        (HeaderChange("a", ("1",), ("2",)), "changed  a  1  →  2"),
        (HeaderChange("a", (), (), unknown=True), "changed  a  a value that is not known"),
        (HeaderChange("a", ("1",), (), unknown=True), "changed  a  1  →  a value that is not known"),
    ],
)
def test_a_header_says_what_became_of_it(change: HeaderChange, line: str) -> None:
    assert [each.words for each in change_lines([change], (), 0)] == [line]


def test_with_all_steps_each_says_what_it_changes_in_the_request() -> None:
    change = HeaderChange(":path", ("/a",), ("/b",))
    steps = (Step(kind=StepKind.ROUTE, chosen="0"), Step(kind=StepKind.CLUSTER, chosen="shop", changes=(change,)))
    found = trace(delivered(hop(steps=steps)))
    words = [line.words for line in outline(found, all_steps=True)]
    assert words[words.index("well  cluster  shop") + 1] == "changed  :path  /a  →  /b"
    assert not any(line.label == "changed" for line in outline(found))
