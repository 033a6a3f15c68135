from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given

from meshscope.path import Path
from meshscope.tui.text.folds import depths_of
from meshscope.tui.text.text_path import key_of, path_at, query_of, value_at, value_text
from meshscope.tui.text.yaml_lines import yaml_lines

from .test_folds import VALUES


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """In the order in which a text has them; a container with members has its own line, of a list in YAML none."""
    yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for part, member in members:
        yield from _paths(member, (*path, part))


@given(VALUES)
def test_each_line_of_json_leads_to_its_field(value: object) -> None:
    lines = json.dumps({"top": value}, indent=2, ensure_ascii=False).split("\n")
    depths = depths_of(lines)
    opening = [number for number, line in enumerate(lines) if line.strip(" ,") not in ("}", "]")]
    assert [path_at(lines, depths, number) for number in opening] == list(_paths({"top": value}))


@given(VALUES)
def test_each_line_of_yaml_leads_to_its_innermost_field(value: object) -> None:
    whole = {"top": value}
    lines = yaml_lines(whole)
    depths = depths_of(lines)
    led = [path_at(lines, depths, number) for number in range(len(lines))]
    leaves = [path for path in _paths(whole) if value_at(whole, path) in ({}, []) or _is_scalar(value_at(whole, path))]
    assert [path for path in led if path in leaves] == leaves
    assert all(path is not None and value_at(whole, path) is not whole for path in led)


def test_a_line_inside_a_text_of_several_lines_is_no_field() -> None:
    whole = {"data": "first line\na: b\n- c\n", "z": 1}
    lines = yaml_lines(whole)
    depths = depths_of(lines)
    assert path_at(lines, depths, 0) == ("data",)
    assert path_at(lines, depths, 1) is None
    for number in (2, 3):
        path = path_at(lines, depths, number)
        assert path is not None
        with pytest.raises(LookupError):
            value_at(whole, path)
    assert path_at(lines, depths, 4) == ("z",)
    assert path_at(lines, depths, 5) is None


def _is_scalar(value: object) -> bool:
    return not isinstance(value, (dict, list))


def test_a_key_is_that_of_the_line() -> None:
    assert key_of("  - name: x") == "name"
    assert key_of('  "@type": "a: b",') == "@type"
    assert key_of("  - a") is None


def test_a_path_is_spelled_for_jq_and_jsonpath() -> None:
    assert query_of(("spec", "http", 0, "name")) == ".spec.http[0].name"
    assert query_of(("a", "istio.io/rev")) == '.a["istio.io/rev"]'
    assert query_of((0,)) == ".[0]"
    assert query_of(()) == "."


def test_a_value_is_text_or_json() -> None:
    assert value_text("a b") == "a b"
    assert value_text({"a": [1, None]}) == '{"a": [1, null]}'
    with pytest.raises(LookupError):
        value_at({"a": 1}, ("a", "b"))
