from __future__ import annotations

import msgspec
import pytest

from meshscope.location import Document, Location
from meshscope.tui.text.raw_slice import LONGEST_LINE, raw_slice

YAML = b"""# first
kind: A
spec:
  # why
  hosts: [a]
  http:
  - name: one
    x: 1

  - name: two
---
kind: B
"""


def cut(body: bytes, *path: str | int, is_secret: bool = False) -> tuple[str, str]:
    return raw_slice(Location(Document.of("x", body), path), is_secret=is_secret)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("a", 1), '{"b":  1.50}'),
        (("a", 0), "7"),
        (("text",), '"é"'),
        (("after",), "true"),
        ((), '{\n "a": [7, {"b":  1.50}],\n "text": "é", "after": true}'),
    ],
)
def test_json_is_cut_out_letter_by_letter(path: tuple[str | int, ...], text: str) -> None:
    body = '{\n "a": [7, {"b":  1.50}],\n "text": "é", "after": true}'.encode()
    assert cut(body, *path) == (text, "")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((1,), "kind: B"),
        ((0, "spec", "http"), "http:\n- name: one\n  x: 1\n\n- name: two"),
        ((0, "spec", "http", 0), "name: one\nx: 1"),
        ((0, "spec", "hosts"), "hosts: [a]"),
    ],
)
def test_yaml_is_cut_out_by_lines(path: tuple[str | int, ...], text: str) -> None:
    assert cut(YAML, *path) == (text, "")


def test_the_margin_of_the_document_is_left_out() -> None:
    assert cut(b'{\n  "a": {\n    "b": [\n    ],\n\n  "c": 1\n  }\n}', "a")[0] == '{\n  "b": [\n  ],\n\n"c": 1\n}'


def test_a_text_without_that_object_says_so() -> None:
    assert cut(b'{"a": 1}', "b")[0] == ""
    assert "does not have" in cut(b'{"a": 1}', "b")[1]
    assert "does not have" in cut(b"a: 1", "b")[1]


def test_a_long_line_is_indented_and_keeps_its_numbers() -> None:
    text, note = cut(b'{"a": 1.50, "b": "' + b"x" * LONGEST_LINE + b'"}')
    assert text.startswith('{\n  "a": 1.50,\n')
    assert note.startswith("indented")


def test_keys_are_not_shown_and_their_neighbours_are() -> None:
    text, note = cut(b'{"private_key": {"inline_string": "hush"}, "name": "n"}')
    assert "hush" not in text
    assert msgspec.json.decode(text)["name"] == "n"
    assert note


def test_a_key_that_is_written_with_escapes_is_a_key() -> None:
    assert "hush" not in cut(b'{"\\u0070rivate_key": {"inline_string": "hush"}}')[0]
    assert "hush" not in cut(b'{"kind": "Secret", "\\u0064ata": {"a": "hush"}}')[0]


def test_data_of_a_secret_is_not_shown_in_json_or_yaml() -> None:
    assert "hush" not in cut(b'{"kind": "Secret", "data": {"a": "hush"}}')[0]
    assert cut(b"kind: Secret\ndata: {a: hush}\n")[0] == ""
    assert "hush" not in cut(b'{"data": {"a": "hush"}}', is_secret=True)[0]
    assert "seen" in cut(b"kind: ConfigMap\ndata: {a: seen}\n")[0]


def test_a_damaged_text_is_no_slice() -> None:
    assert cut(b'{"a": {"b": 1, ', "a")[0] == ""
