from __future__ import annotations

import json
import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.untyped import DEEPEST, NESTED, untyped

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=40,
)


@given(VALUES)
def test_a_value_is_as_msgspec_reads_it(value: Any) -> None:
    text = json.dumps(value).encode()
    assert untyped(text) == untyped(msgspec.Raw(text)) == msgspec.json.decode(text)


@pytest.mark.parametrize("written", ["1e999", "-1e400", "1.5e99999", "9" * 5000, "-" + "9" * 100_000])
def test_a_number_that_no_machine_holds_stays_as_it_is_written(written: str) -> None:
    assert untyped(f'{{"a": [1, {written}], "b": 1.5}}') == {"a": [1, written], "b": 1.5}


@pytest.mark.parametrize("opener", ["[", '{"a":'])
@pytest.mark.parametrize("depth", [1, 100, DEEPEST, DEEPEST + 1, DEEPEST + 50, 900, 20_000])
def test_what_is_nested_too_deeply_is_one_text_in_its_place(opener: str, depth: int) -> None:
    closer = "]" if opener == "[" else "}"
    value = untyped(opener * depth + "1" + closer * depth)
    found = 0
    while isinstance(value, (dict, list)):
        value = next(iter(value.values())) if isinstance(value, dict) else value[0]
        found += 1
    assert (value, found) == (1, depth) if depth <= DEEPEST else (value == NESTED and found <= DEEPEST + 1)


def test_what_lies_beside_a_deep_value_is_kept() -> None:
    value = untyped('{"name": "x", "deep": ' + "[" * 300 + "]" * 300 + ', "more": [{"a": 1}]}')
    assert (value["name"], value["more"]) == ("x", [{"a": 1}])


@pytest.mark.parametrize("text", ["", "{", "[1,]", "nul", '{"a": 1e999'])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(msgspec.DecodeError):
        untyped(text)


def test_infinity_comes_from_no_number() -> None:
    assert not any(isinstance(one, float) and not math.isfinite(one) for one in untyped("[1e308, 1e309, -1e309]"))
