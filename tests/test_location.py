"""A path leads to the very place where its value is written, whatever the text looks like."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.line_numbers import json_items, spellings
from meshscope.location import Document, Location
from meshscope.path import Path, camel, path_text

SCALARS = st.none() | st.booleans() | st.integers(-50, 10**25) | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(max_size=6) | st.sampled_from(["1", "a", "é1", '"', "\\", "null", "{}", "a:1", "[", "\n"])


def _values(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.recursive(
        SCALARS | texts,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
        max_leaves=15,
    )


def _containers(texts: st.SearchStrategy[str] = TEXTS) -> st.SearchStrategy[Any]:
    inner = _values(texts)
    return st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4)


class Writer:
    """Writes JSON with spaces as they are drawn, and notes where each value starts."""

    def __init__(self, data: st.DataObject) -> None:
        self.text = ""
        self.starts: dict[Path, int] = {}
        self._data = data

    def gap(self) -> None:
        self.text += self._data.draw(st.sampled_from(["", "", " ", "\n", "\n\t ", "\r\n"]))

    def string(self, text: str) -> None:
        self.text += json.dumps(text, ensure_ascii=self._data.draw(st.booleans()))

    def value(self, value: Any, path: Path = ()) -> None:
        self.starts[path] = len(self.text)
        if isinstance(value, str):
            self.string(value)
        elif isinstance(value, (list, dict)) and value:
            self._members(value, path)
        else:
            self.text += json.dumps(value)

    def _members(self, value: Any, path: Path) -> None:
        self.text += "{" if isinstance(value, dict) else "["
        for index, key in enumerate(value):
            self.text += "," if index else ""
            self.gap()
            if isinstance(value, dict):
                self.string(key)
                self.gap()
                self.text += ":"
                self.gap()
            self.value(
                value[key] if isinstance(value, dict) else key, (*path, key if isinstance(value, dict) else index)
            )
            self.gap()
        self.text += "}" if isinstance(value, dict) else "]"


def _line_and_column(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


@given(_containers(), st.data(), st.integers(0, 2))
def test_every_path_of_a_json_text_leads_to_the_start_of_its_value(
    value: Any, data: st.DataObject, skipped: int
) -> None:
    writer = Writer(data)
    writer.gap()
    writer.value(value)
    document = Document.of("dump.json", writer.text.encode(), skipped_lines=skipped)
    for path, at in data.draw(st.permutations(list(writer.starts.items()))):
        line, column = _line_and_column(writer.text, at)
        place = Location(document, path).place()
        assert (place.line, place.column, place.path) == (line + skipped, column, path_text(path))


@given(st.dictionaries(TEXTS, _values(TEXTS), max_size=4), st.sampled_from(["a", "b", '"']), st.data())
def test_the_items_of_a_member_are_found_one_by_one(value: dict[str, Any], name: str, data: st.DataObject) -> None:
    writer = Writer(data)
    writer.gap()
    writer.value(value)
    wanted = value.get(name, [])
    items = json_items(memoryview(writer.text.encode()), name)
    found = None if items is None else [json.loads(bytes(item)) for item in items]
    assert found == (wanted if isinstance(wanted, list) else None)


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"1", b"{", b'{"a"', b'{"a":[1,', b'{"a":[1}', b'{"a":[x]}', b'{"b":x}', b"{1:2}"]
)
def test_a_damaged_text_has_no_items(text: bytes) -> None:
    assert json_items(memoryview(text), "a") is None


def test_of_two_members_of_one_name_the_last_one_counts() -> None:
    items = json_items(memoryview(b'{"a":[1],"\\u0061":[2, 3]}'), "a")
    assert items is not None
    assert list(map(bytes, items)) == [b"2", b"3"]


@given(st.lists(_containers(), min_size=2, max_size=4), st.data())
def test_values_that_follow_one_another_are_counted_by_the_first_part_of_the_path(
    values: list[Any], data: st.DataObject
) -> None:
    writer = Writer(data)
    for index, value in enumerate(values):
        writer.gap()
        writer.value(value, (index,))
    document = Document.of("stream.json", writer.text.encode())
    for path, at in writer.starts.items():
        assert document.line_numbers.find(path) == (path, *_line_and_column(writer.text, at))


KEYS = st.text("abé1 :#-", min_size=1, max_size=5)


def _block(value: Any, path: Path, indent: int, lines: list[str], starts: dict[Path, int]) -> None:
    """Block style, each scalar and key in JSON's quotes; a member's line is that of its key."""
    for index, key in enumerate(value):
        member = value[key] if isinstance(value, dict) else key
        below = (*path, key if isinstance(value, dict) else index)
        head = " " * indent + (f"{json.dumps(key, ensure_ascii=False)}:" if isinstance(value, dict) else "-")
        starts[below] = len(lines) + 1
        if isinstance(member, (list, dict)) and member:
            lines.append(head)
            if isinstance(value, list):
                starts[below] += 1
            _block(member, below, indent + 2, lines, starts)
        else:
            lines.append(f"{head} {json.dumps(member, ensure_ascii=False)}")


@given(st.lists(_containers(KEYS).filter(bool), min_size=1, max_size=3), st.booleans())
def test_every_path_of_a_yaml_text_leads_to_its_line(values: list[Any], comments: bool) -> None:
    lines: list[str] = []
    starts: dict[Path, int] = {}
    for index, value in enumerate(values):
        lines.extend(["---", "# nothing", "---"] if comments else ["---"])
        _block(value, (index,) if len(values) > 1 else (), 0, lines, starts)
    document = Document.of("manifests.yaml", "\n".join(lines).encode())
    for path, line in starts.items():
        assert document.line_numbers.find(path)[:2] == (path, line)


@given(_containers(), st.data())
def test_a_text_that_breaks_off_keeps_the_places_before_the_break(value: Any, data: st.DataObject) -> None:
    writer = Writer(data)
    writer.value(value)
    cut = data.draw(st.integers(0, len(writer.text)))
    places = Document.of("broken.json", writer.text[:cut].encode()).line_numbers
    for path, at in writer.starts.items():
        found, line, column = places.find(path)
        assert all(name in spellings(part) for name, part in zip(found, path, strict=False))
        if found == path and at < cut and found:
            assert (line, column) == _line_and_column(writer.text, at)


@given(st.text(max_size=40) | st.text('{}[]:,"a1 \n-?&*<|', max_size=20))
def test_no_text_makes_the_search_for_a_place_fail(text: str) -> None:
    places = Document.of("odd", text.encode()).line_numbers
    for path in ((), ("a",), (0, "a"), ("a", 1), (3,)):
        found, _, _ = places.find(path)
        assert found == path[: len(found)]


@pytest.mark.parametrize(
    ("body", "path", "line"),
    [
        (b'{"\\u0031": 1,\n"b": 2}', ("1",), 1),
        ('{"éé1":\n1}'.encode(), ("éé1",), 2),
        (b'{"a": 1,\n"b": 2,\n"a": 3}', ("a",), 1),
        (b'{"a": 1,\n"b": 2,\n"a": 3}', ("b",), 2),
        (b'{"\\u0061": 1, "c": [\n{"a": 2}], "d":\n 5}', ("d",), 3),
        (b"{a: 1,\n b: 2}", ("b",), 2),
        (b"---\n# a comment\n---\na:\n  b: 1\n", ("a", "b"), 5),
        (b"? [x, y]\n: 1\na: 2\n", ("a",), 3),
    ],
)
def test_odd_spellings_have_their_places(body: bytes, path: Path, line: int) -> None:
    assert Document.of("odd", body).line_numbers.find(path)[:2] == (path, line)


def test_no_spelling_of_a_key_is_empty() -> None:
    assert Document.of("b.json", b'{"": 1}').line_numbers.find(("_",))[0] == ()


def test_a_path_in_snake_case_is_followed_in_a_document_in_camel_case() -> None:
    document = Document.of("d", b'{"filterChains": [{\n"useProxyProto": {"value": true}}]}')
    place = Location(document, ("filter_chains", 0)).below(("use_proxy_proto", "value")).place()
    assert (place.path, place.line) == ("filterChains[0].useProxyProto.value", 2)
    assert camel("typed_config") == "typedConfig"


def test_a_path_ends_at_the_deepest_member_that_is_there() -> None:
    document = Document.of("d", b'{"a":\n{"b": 1}}')
    place = (Location(document) / "a" / "missing" / 0).place()
    assert (place.path, place.line, place.column) == ("a", 2, 1)


@pytest.mark.parametrize("opener", [b'{"a":', b"[", b"a: [", b"- "])
def test_ten_thousand_levels_do_no_harm(opener: bytes) -> None:
    places = Document.of("deep", opener * 10_000).line_numbers
    found, _, _ = places.find(("a", *[0] * 10_000))
    assert len(found) < 10_000


def test_odd_keys_of_a_path_are_written_in_brackets_and_quotes() -> None:
    assert path_text(("configs", 1, "@type", "a.b", 'q"', "")) == 'configs[1].@type["a.b"]["q\\""][""]'


def test_lines_are_found_in_any_order_of_asking() -> None:
    body = b"[\n" + b",\n".join(b'{"n": %d}' % number for number in range(2000)) + b"\n]"
    document = Document.of("d", body)
    for index in (1999, 0, 1000, 1001, 999):
        assert document.line_numbers.find((index, "n"))[1] == index + 2
