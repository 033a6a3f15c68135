"""JSON and YAML in colour."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.render.highlighting import MOST_CHARACTERS, highlighted, highlighter
from meshscope.render.machine import as_json, as_yaml, indented, yaml_text

SGR = re.compile("\x1b\\[[0-9;]*m")
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=8,
)


@given(VALUES)
def test_colour_changes_no_letter(value: Any) -> None:
    for language, text in (
        ("json", indented(value)),
        ("yaml", yaml_text(value)),
        ("yaml", yaml_text(value, readable=True)),
    ):
        assert SGR.sub("", highlighter(language)(text)) == text


def rows(count: int) -> list[dict[str, Any]]:
    return [{"name": f"n{number}", "port": number, "ok": True, "domains": ["a", None]} for number in range(count)]


def test_a_stream_is_painted_piece_by_piece_and_stays_the_same() -> None:
    for language, stream in (("json", as_json), ("yaml", as_yaml)):
        plain = "".join(stream(rows(3), lambda: ((), ())))
        painted = "".join(highlighted(stream(rows(3), lambda: ((), ())), language))
        assert SGR.sub("", painted) == plain
        assert painted.count("\x1b[36m") >= 3 * 4


@pytest.mark.parametrize(
    ("language", "text"), [("json", '{"a": 1, "b": [true, null, "x 1"]}'), ("yaml", "a: 1\nb: [true, null, x 1]\n")]
)
def test_keys_are_cyan_numbers_and_constants_magenta_and_texts_plain(language: str, text: str) -> None:
    painted = highlighter(language)(text)
    assert [SGR.sub("", found).strip('"') for found in re.findall("\x1b\\[36m.*?\x1b\\[0m", painted)] == ["a", "b"]
    assert {SGR.sub("", found) for found in re.findall("\x1b\\[35m.*?\x1b\\[0m", painted)} >= {"1", "true", "null"}
    assert "x" not in "".join(re.findall("\x1b\\[3[56]m(.*?)\x1b\\[0m", painted))


def test_a_text_that_looks_like_a_number_is_a_text() -> None:
    assert "\x1b[35m" not in highlighter("json")(json.dumps(["1", "true"]))
    assert "\x1b[35m" not in highlighter("yaml")(yaml_text(["1", "true"]))


def test_after_some_pages_a_stream_is_left_plain() -> None:
    piece = '{"a": 1}'
    painted = list(highlighted([piece] * (MOST_CHARACTERS // len(piece) + 2), "json"))
    assert "\x1b" in painted[0]
    assert painted[-1] == piece
