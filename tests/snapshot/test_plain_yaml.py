"""The quick way through YAML builds what the loader builds, or leaves the text to it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from meshscope.snapshot.json_text import _loader
from meshscope.snapshot.plain_yaml import plain_documents

from ..recordings import RECORDINGS

PIECES = (
    "a", "b: ", "- ", "\n", "\n  ", "\n    ", "&x ", "*x", "*x ", "&y ", "*y", "!t ", "<<: ", "1", "0x1F", "-0.0", "1e3",
    "true", "~", "null", '"q"', "'s'", "|\n  text\n", ">\n", "---\n", "...\n", "{", "}", "[", "]", ", ", ": ", "? ",
    "#c\n", "é", "on", "12:30", "2001-01-01", ".5", "-", "+", "=", "0777", "\t", "False", "!!str ", "! ", "%YAML 1.1\n",
)  # fmt: skip


def by_the_loader(body: bytes) -> list[object]:
    return list(yaml.load_all(body, _loader()))  # a safe loader


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_what_is_built_is_what_the_loader_builds(text: str) -> None:
    body = text.encode()
    plain = plain_documents(body, _loader())
    if plain is not None:
        assert repr([value for value, _ in plain]) == repr(by_the_loader(body))


@pytest.mark.parametrize("file", sorted(RECORDINGS.rglob("*.yaml")), ids=lambda file: file.name)
def test_recorded_manifests_are_plain(file: Path) -> None:
    body = file.read_bytes()
    plain = plain_documents(body, _loader())
    assert plain is not None
    assert [value for value, _ in plain] == by_the_loader(body)


@pytest.mark.parametrize(
    "text",
    [
        "a: !t 1", "<<: {a: 1}", "a: &x 1\nb: &x 2", "a: *x", "&x [*x]", "a: &x [1]\nb: &y [*x]", "[a]: 1", "a: [", "{" * 500,
        "0" * 5000,
    ],
)  # fmt: skip
def test_what_only_the_loader_can_tell_is_left_to_it(text: str) -> None:
    assert plain_documents(text.encode(), _loader()) is None


def test_an_alias_counts_as_often_as_it_stands() -> None:
    assert plain_documents(b"a: &x [1, 2]\nb: *x\nc: *x", _loader()) == [({"a": [1, 2], "b": [1, 2], "c": [1, 2]}, 10)]
