"""Graphs: names are data in the languages that draw them."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from meshscope.render.text import safe
from meshscope.render.trace.graph import dot, mermaid
from meshscope.simulation.trace import Direction, Trace

from .traces import delivered, denied, hop, refusal, trace

NAMES = st.text(min_size=1, max_size=20) | st.sampled_from(['a"b', "a\\", "%%{init: {}}%%", "```", "|x|", "[y]", "<b>"])
QUOTED = r'"(?:[^"\\]|\\.)*"'
DOT = re.compile(rf"  (?:n\d+ \[label={QUOTED}\];|n\d+ -> n\d+ \[label={QUOTED}\];|rankdir=LR; node \[shape=box\];)")
TEXT = r'"(?:[^"#<>&`|\[\]{}\\]|#\d+;|<br/>)*"'
MERMAID = re.compile(rf"  (?:n\d+\[{TEXT}\]|n\d+ -->(?:\|{TEXT}\|)? n\d+)")


def named(name: str) -> Trace:
    return trace(delivered(hop(name, cluster=name), hop(f"{name}2", Direction.INBOUND, cluster=name)), source=name)


@given(NAMES)
def test_dot_is_well_formed_and_holds_the_name(name: str) -> None:
    first, *middle, last = dot(named(name))
    assert (first, last) == ("digraph trace {", "}")
    assert all(DOT.fullmatch(line) for line in middle)
    labels = [re.sub(r"\\(.)", r"\1", text) for line in middle for text in re.findall(r'label="(.*)"\];', line)]
    assert safe(name) in labels


@given(NAMES)
def test_mermaid_is_well_formed_and_no_name_opens_anything(name: str) -> None:
    first, *rest = mermaid(named(name))
    assert first == "flowchart LR"
    assert all(MERMAID.fullmatch(line) for line in rest)
    assert "%%" not in "\n".join(rest)
    labels = [text for line in rest for text in re.findall(r'"(.*)"', line)]
    assert safe(name) in [re.sub(r"#(\d+);", lambda found: chr(int(found[1])), text) for text in labels]


def test_equal_boxes_are_one_and_shares_of_one_arrow_are_summed() -> None:
    paths = [
        denied(hop(cluster=name, steps=(refusal(),)), probability=share) for name, share in (("x", 0.5), ("y", 0.3))
    ]
    lines = list(mermaid(trace(*paths, delivered(hop(cluster="z"), probability=0.2))))
    assert lines[1:] == [
        '  n0["a"]',
        '  n1["✗ 403  denied<br/>rbac_access_denied"]',
        '  n2["a<br/>outbound"]',
        '  n3["✓ delivered"]',
        '  n0 -->|"100 %"| n2',
        '  n2 -->|"x, y"| n1',
        '  n2 -->|"z"| n3',
    ]


def test_an_unknown_share_is_not_a_number() -> None:
    assert '  n0 -->|"? %"| n2' in list(mermaid(trace(delivered(hop(), probability=None))))
