"""A structured text is split into JSON values; what does not hold together is one clear line."""

from __future__ import annotations

import json
import re
from time import process_time
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from meshscope.location import Document
from meshscope.snapshot.json_text import YAML_PREAMBLE, GarbledError, values_of

SCALARS = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
CONTAINERS = st.lists(VALUES, max_size=4) | st.dictionaries(st.text(max_size=5), VALUES, max_size=4)


def _values(body: bytes) -> list[Any]:
    return [json.loads(bytes(value)) for value in values_of(Document.of("text", body))]


def _why(body: bytes) -> str:
    with pytest.raises(GarbledError) as caught:
        values_of(Document.of("text", body))
    message = str(caught.value)
    assert message
    assert "\n" not in message
    return message


def _read_or_why(body: bytes) -> str:
    """ "read" where every value is JSON, else the one line that says why not."""
    try:
        values = values_of(Document.of("text", body))
    except GarbledError as error:
        return str(error)
    for value in values:
        msgspec.json.decode(value, type=msgspec.Raw)
    return "read"


@given(st.lists(CONTAINERS, min_size=1, max_size=4), st.sampled_from(["", " ", "\n", "\r\n\n"]), st.booleans())
def test_json_values_one_after_another_come_back_in_order(values: list[Any], gap: str, indented: bool) -> None:
    body = gap.join(json.dumps(value, indent=2 if indented else None) for value in values).encode()
    assert _values(gap.encode() + body + gap.encode()) == values


@given(st.lists(CONTAINERS, min_size=1, max_size=3))
def test_json_values_are_slices_of_the_text_byte_for_byte(values: list[Any]) -> None:
    texts = [json.dumps(value, indent=1).encode() for value in values]
    assert [bytes(value).rstrip() for value in values_of(Document.of("text", b"\n".join(texts)))] == texts


# the writer, PyYAML, knows YAML 1.1 and leaves the text "0e0" without quotes; in 1.2 that is a number
TEXTS = st.text("abc ünö:#-'\"yes0", max_size=8).filter(lambda text: not re.fullmatch("-?0+e-?0+", text))
PLAIN = st.recursive(
    st.booleans() | st.integers(-(2**70), 2**70) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcü 1", max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(st.text("abc", min_size=1, max_size=4), PLAIN, min_size=1, max_size=4), max_size=3))
def test_yaml_documents_come_back_in_order(values: list[Any]) -> None:
    text = yaml.safe_dump_all(values, allow_unicode=True, explicit_start=True)
    assert (_values(text.encode()) if values else []) == values


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("on", "on"), ("yes", "yes"), ("No", "No"), ("true", True), ("False", False), ("~", None), ("null", None),
        ("12:30", "12:30"), ("2024-01-02", "2024-01-02"), ("0777", 777), ("0x1F", 31), ("0o17", "0o17"),
        ("1_000", "1_000"), ("1.5", 1.5), ("1e3", 1000.0), ("+7", 7), (".5", 0.5), (".inf", ".inf"), ("1.2.3", "1.2.3"),
        ("'1'", "1"), ('"on"', "on"), ("!!str 1", "1"),
    ],
)  # fmt: skip
def test_yaml_scalars_are_read_by_version_1_2(written: str, value: object) -> None:
    assert _values(f"a: {written}\n".encode()) == [{"a": value}]


def test_numbers_beyond_64_bits_keep_every_digit() -> None:
    number = 2**64 + 2**70
    assert _values(b"[%d]" % number) == [[number]]
    assert _values(b"a: %d" % number) == [{"a": number}]


def test_of_equal_keys_the_last_counts_in_json_and_yaml() -> None:
    value = values_of(Document.of("text", b'{"a": 1, "a": 2}'))[0]
    assert msgspec.json.decode(value) == {"a": 2}
    assert _values(b"a: 1\na: 2\n") == [{"a": 2}]


def test_anchors_and_merge_keys_work() -> None:
    assert _values(b"x: &x {a: 1}\ny:\n  <<: *x\n  b: 2\nz: *x\n") == [
        {"x": {"a": 1}, "y": {"a": 1, "b": 2}, "z": {"a": 1}}
    ]


def test_a_yaml_document_of_comments_alone_is_no_value() -> None:
    assert _values(b"# head\n---\n# nothing\n---\na: 1\n---\n") == [{"a": 1}]


def test_a_small_text_whose_aliases_expand_without_end_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    assert "expand" in _why("\n".join(lines).encode())


@pytest.mark.parametrize("rest", ["", "c: !x y\n"])  # the second one is left to the loader
@pytest.mark.parametrize(
    "bomb",
    [
        "a: &a " + "x" * 100_000 + "\nb: [" + "*a, " * 20_000 + "]\n",
        "".join(f"---\na: &a [{'x, ' * 50}]\nb: [{'*a, ' * 300}]\n" for _ in range(50)),
        "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"b{n}: &b{n} [{', '.join([f'*b{n - 1}' if n else '*a'] * 10)}]\n" for n in range(5)),
    ],
)
def test_what_aliases_write_out_is_bounded_by_the_text(bomb: str, rest: str) -> None:
    with pytest.raises(GarbledError, match="aliases expand"):
        values_of(Document.of("x.yaml", (bomb + rest).encode()))


def test_aliases_of_a_usual_number_are_no_bomb() -> None:
    body = b"base: &b {a: 1}\n" + b"".join(b"k%d: *b\n" % n for n in range(1000))
    assert len(_values(body)[0]) == 1001


@pytest.mark.parametrize("body", [b"&a [*a]", b"a: &a {b: *a}", b"&a\nx: [1, {y: *a}]\n"])
def test_an_alias_to_its_own_parent_is_refused(body: bytes) -> None:
    assert _why(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b"[" * 10_000 + b"]" * 10_000,
        b"[" * 1_000_000,
        b"a: " + b"[" * 10_000 + b"]" * 10_000,
        b"a: " + b"{a: " * 10_000 + b"}" * 10_000,
        b"- " * 10_000 + b"x",
        b"? " * 10_000 + b"x",
        b"".join(b" " * depth + b"a:\n" for depth in range(10_000)),
    ],
    ids=["objects", "arrays", "open", "flow lists", "flow maps", "dashes", "keys", "block"],
)
def test_ten_thousand_levels_are_refused_and_nothing_breaks(body: bytes) -> None:
    assert _why(body)


@pytest.mark.parametrize("depth", [100, 400, 700, 800, 850, 899, 901, 950, 990])
def test_a_depth_near_the_interpreters_own_limit_is_read_or_refused(depth: int) -> None:
    for body in (b"a: " + b"[" * depth + b"]" * depth, b"- " * depth + b"x", b"[" * depth + b"]" * depth):
        outcome = _read_or_why(body)
        assert outcome == "read" or "deep" in outcome or "depth" in outcome


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n\t ",
        b'{"configs": [{"a": 1}',
        b'{"a": 1} trailing',
        b'{"a": 1,}',
        b"Failed to convert protobuf message to JSON string: INVALID_ARGUMENT: could not find @type 'x'",
        b"a: b: c",
        b"a: !!python/object/apply:os.system ['true']",
        b"~: 1",
        b"true: 1",
        b"? [x, y]\n: 1\n",
        b"a: *nowhere",
        b"a: '\x00'",
        b"<html><body>x: [</body></html>",
        b"%PDF-1.4\n%%EOF: [",
        b"a:\n\t- b",
        b"a: " + b"9" * 5000,
    ],
)
def test_a_text_that_does_not_hold_together_is_one_clear_line(body: bytes) -> None:
    assert _why(body)


def test_a_message_in_plain_words_is_no_object() -> None:
    for body in (b"upstream connect error or disconnect/reset before headers", b"404 page not found\n"):
        assert all(isinstance(value, str) for value in _values(body))


def test_a_python_repr_is_yaml_in_flow_style_or_refused() -> None:
    assert _values(b"{'a': True, 'b': [1, 'x']}") == [{"a": True, "b": [1, "x"]}]
    assert _why(b"{'a': ('x', 1), 'b'}: {")


@given(st.text(max_size=60) | st.text('{}[]:,"ab1 \n-?&*<|!~%@`', max_size=30))
def test_no_text_raises_anything_but_garbled(text: str) -> None:
    assert _read_or_why(text.encode())


def test_many_yaml_documents_take_no_longer_each_than_few() -> None:
    def seconds(documents: int) -> float:
        body = b"---\na: 1\nb: some text that is as long as a line of a manifest often is\n" * documents
        started = process_time()
        assert len(values_of(Document.of("many", body))) == documents
        return process_time() - started

    few = min(seconds(1_000) for _ in range(3))
    assert seconds(12_000) < 40 * few  # twelve times as long; a search of the whole text for each takes a hundred times


@pytest.mark.parametrize(
    ("text", "rest"),
    [(b"a: 1", b"a: 1"), (b"# a: 1\n\n%YAML 1.2\n--- b", b"--- b"), (b"#" * 28 + b"\n~", b"~"), (b"# a: 1", b"")],
)
def test_comments_before_yaml_are_skipped_by_whole_lines_and_in_linear_time(text: bytes, rest: bytes) -> None:
    before = process_time()
    assert re.sub(rb"\A" + YAML_PREAMBLE, b"", text, count=1) == rest
    assert re.match(YAML_PREAMBLE + rb"key:", text) is None
    assert process_time() - before < 0.1
