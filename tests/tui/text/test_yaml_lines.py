from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from meshscope.errors import CancelledError
from meshscope.tui.text.yaml_lines import yaml_lines
from meshscope.work import Work

WORDS = st.sampled_from(
    ["yes", "No", "null", "~", "1e3", "0x1f", "1:20", "10.20.0.21", "10s", "a: b", "a #b", "- a", "2026-11-28", "[a", "&a",
     "*a", "a\nb", "a\nb\n", "a\n\n", " a\n", "#\n a", "\n", "a:", "outbound|80||x.y", "k=v", "a  b", "\x85", "\u2028", "é",
     "---", "a\n---\nb", "%a", "a\tb\nc", "=", "<<", ".inf", "1_000", "0o7", "😀"]
)  # fmt: skip
TEXTS = WORDS | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SCALARS = TEXTS | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4))


@given(VALUES)
def test_the_lines_are_yaml_of_the_value(value: Any) -> None:
    assert yaml.safe_load("\n".join(yaml_lines(value)) + "\n") == value


@given(VALUES)
def test_no_line_contains_a_control_character_but_a_tab(value: Any) -> None:
    assert all(line.replace("\t", "").isprintable() for line in yaml_lines(value))


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        ({"a": {"b": [1, {"c": "x", "d": []}]}}, ["a:", "  b:", "  - 1", "  - c: x", "    d: []"]),
        ([["a"], {}], ["- - a", "- {}"]),
        ({"code": "if x then\n  y()\nend"}, ["code: |-", "  if x then", "    y()", "  end"]),
        ("type.googleapis.com/envoy.Cluster", ["type.googleapis.com/envoy.Cluster"]),
        ("outbound|9080|v1|reviews.default", ["outbound|9080|v1|reviews.default"]),
        ("10.20.0.21", ["10.20.0.21"]),
        ("0.250s", ["0.250s"]),
        ("true", ['"true"']),
        ("12", ['"12"']),
    ],
)
def test_what_needs_no_quotes_has_none(value: Any, lines: list[str]) -> None:
    assert yaml_lines(value) == lines


def test_a_cancelled_work_stops() -> None:
    with pytest.raises(CancelledError):
        yaml_lines([{"a": 1}] * 100, Work(None, lambda: True))
