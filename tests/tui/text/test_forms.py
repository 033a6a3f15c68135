from __future__ import annotations

from array import array

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from meshscope.errors import CancelledError
from meshscope.location import Document, Location
from meshscope.render.painting import CYAN, MAGENTA
from meshscope.tui.text.finding import lines_with, next_place
from meshscope.tui.text.forms import Form, text_of
from meshscope.tui.text.spans import spans
from meshscope.work import Work

from ..things import thing_of

PLACE = Location(Document.of("folder/file.json", b'{\n"a": {"b": 1}}'), ("a",))


def test_yaml_and_json_are_the_object_and_raw_is_the_document() -> None:
    thing = thing_of(object={"b": 1}, location=PLACE)
    assert yaml.safe_load("\n".join(text_of(thing, Form.YAML).lines)) == {"b": 1}
    assert msgspec.json.decode("\n".join(text_of(thing, Form.JSON).lines)) == {"b": 1}
    assert list(text_of(thing, Form.RAW).lines) == ['{"b": 1}']
    assert text_of(thing, Form.RAW).widest == 8
    assert "unknown" in text_of(thing_of(), Form.RAW).note


def test_raw_is_one_key_from_yaml_and_the_forms_go_round() -> None:
    assert [form.next for form in Form] == [Form.RAW, Form.JSON, Form.TABLE, Form.YAML]


@given(st.lists(st.text("aBc:", max_size=4)), st.text("aBc", max_size=2))
def test_the_lines_with_a_text_contain_it_and_no_other_does(lines: list[str], text: str) -> None:
    found = lines_with(lines, text)
    assert list(found) == [index for index, line in enumerate(lines) if text and text.lower() in line.lower()]


def test_a_cancelled_search_stops() -> None:
    with pytest.raises(CancelledError):
        lines_with(["a"], "a", Work(None, lambda: True))


@pytest.mark.parametrize(
    ("line", "forward", "place"),
    [(-1, True, 0), (2, True, 1), (3, True, 1), (9, True, 0), (5, False, 0), (2, False, 1), (9, False, 1)],
)
def test_matches_go_round(line: int, forward: bool, place: int) -> None:
    assert next_place(array("I", [2, 5]), line, forward=forward) == place


def test_no_match_is_no_place() -> None:
    assert next_place(array("I"), 0) is None


@given(st.text(max_size=30) | st.text('ab:" -1{,', max_size=12))
def test_the_spans_are_the_line(line: str) -> None:
    assert "".join(text for text, _ in spans(line)) == line


@pytest.mark.parametrize(
    ("line", "painted"),
    [
        ("  - name: reviews", [("name", CYAN)]),
        ('  "port": 80,', [('"port"', CYAN), ("80", MAGENTA)]),
        ('"@type": type.googleapis.com/x', [('"@type"', CYAN)]),
        ("- true", [("true", MAGENTA)]),
        ("host: a:80", [("host", CYAN)]),
        ('- "a: 1"', []),
        ("- 10.20.0.21", []),
        ("- a:80", []),
        ("", []),
    ],
)
def test_keys_and_values_that_are_no_text_are_painted(line: str, painted: list[tuple[str, str]]) -> None:
    assert [span for span in spans(line) if span[1]] == painted


def test_a_table_has_a_line_for_each_field_with_its_path_and_value() -> None:
    text = text_of(thing_of(object={"spec": {"http": [{"name": "a b", "port": 80}], "none": None}}), Form.TABLE)
    assert list(text.lines) == [
        ".spec.http[0].name  a b",
        ".spec.http[0].port  80",
        ".spec.none          null",
    ]
    assert [text.path_at(line) for line in (0, 2, 3)] == [("spec", "http", 0, "name"), ("spec", "none"), None]
    assert text.widest == 24
