from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw, Struct

from meshscope.location import Document, Location
from meshscope.render import machine
from meshscope.snapshot.snapshot import Problem


class Row(Struct, frozen=True):
    name: str
    port: int | None
    domains: tuple[str, ...] = ()
    location: Location | None = None


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
DOCUMENT = Document.of("dump.json", b'{"configs":\n [{"name": "x"}]}')
ROWS = st.lists(
    st.builds(Row, TEXT, st.none() | st.integers(0, 65535), st.lists(TEXT, max_size=3).map(tuple)), max_size=5
)
MISSING = ("no endpoint evidence in this input",)
PROBLEMS = (Problem("dump.json", "not readable: \u2028\x1b"),)


def tail() -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    return MISSING, PROBLEMS


def as_data(rows: list[Row]) -> list[dict[str, Any]]:
    return [{"name": row.name, "port": row.port, "domains": list(row.domains), "location": None} for row in rows]


def whole(rows: list[Row]) -> dict[str, Any]:
    problems = [{"document": problem.document, "message": problem.message} for problem in PROBLEMS]
    return {"version": 1, "items": as_data(rows), "missing": list(MISSING), "problems": problems}


@given(ROWS)
def test_streamed_json_is_the_json_of_the_whole_answer(rows: list[Row]) -> None:
    assert json.loads("".join(machine.as_json(iter(rows), tail))) == whole(rows)


@given(ROWS)
def test_yaml_says_the_same_as_json(rows: list[Row]) -> None:
    assert yaml.safe_load("".join(machine.as_yaml(iter(rows), tail))) == whole(rows)


@given(ROWS)
def test_jsonl_is_one_line_for_each_row(rows: list[Row]) -> None:
    text = "".join(machine.as_jsonl(iter(rows)))
    lines = text.split("\n")
    assert lines.pop() == ""
    assert [json.loads(line) for line in lines] == as_data(rows)


@given(ROWS)
def test_formats_for_programs_are_ascii_without_control_characters(rows: list[Row]) -> None:
    for pieces in (machine.as_json(rows, tail), machine.as_jsonl(rows), machine.as_yaml(rows, tail)):
        text = "".join(pieces)
        assert text.isascii()
        assert text.replace("\n", "").isprintable()


@given(TEXT)
def test_a_single_value_reads_back_the_same(text: str) -> None:
    for written in (machine.encoded({"x": text}), machine.indented({"x": text})):
        assert json.loads(written) == {"x": text}
        assert written.isascii()


def test_rows_are_asked_for_one_at_a_time_and_the_tail_last() -> None:
    log: list[str] = []

    def rows() -> Iterator[Row]:
        for number in (1, 2):
            log.append(f"row {number}")
            yield Row(f"n{number}", None)

    def late() -> tuple[tuple[str, ...], tuple[Problem, ...]]:
        log.append("tail")
        return (), ()

    pieces = machine.as_json(rows(), late)
    for piece in pieces:
        if "n1" in piece:
            assert log == ["row 1"]
    assert log == ["row 1", "row 2", "tail"]


def test_a_location_is_shown_as_document_path_line_and_column() -> None:
    row = Row("x", 1, (), Location(DOCUMENT, ("configs", 0, "name")))
    (line,) = machine.as_jsonl([row])
    assert json.loads(line)["location"] == {"document": "dump.json", "path": "configs[0].name", "line": 2, "column": 12}


def test_a_raw_slice_is_its_value_and_an_absent_one_is_null() -> None:
    class Holder(Struct):
        body: Raw = Raw()

    lines = machine.as_jsonl([Holder(Raw(b'{"a":[1]}')), Holder()])
    assert [json.loads(line) for line in lines] == [{"body": {"a": [1]}}, {"body": None}]


def test_a_value_that_no_answer_should_hold_is_not_written_in_silence() -> None:
    with pytest.raises(TypeError, match="object"):
        machine.encoded({"x": object()})


def test_readable_yaml_keeps_letters_and_still_escapes_what_a_terminal_obeys() -> None:
    text = machine.yaml_text({"name": "路由 \x1b[2J"}, readable=True)
    assert "路由" in text
    assert "\x1b" not in text
    assert yaml.safe_load(text) == {"name": "路由 \x1b[2J"}
