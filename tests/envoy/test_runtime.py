"""`/runtime` as a real Envoy 1.40 writes it (tests/oracle/test_runtime.py asks one)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw

from meshscope.envoy.runtime import runtime
from meshscope.location import Document, Location

PLACE = Location(Document.of("runtime.json", b""))
FRACTION = (
    'goo.gle/debugproto  \nfields {\n  key: "denominator"\n  value {\n    string_value: "TEN_THOUSAND"\n  }\n}\n'
    'fields {\n  key: "numerator"\n  value {\n    number_value: 5\n  }\n}\n'
)


def values(**final: Any) -> tuple[dict[str, Any], int]:
    entries = {key: {"final_value": value, "layer_values": ["", value]} for key, value in final.items()}
    found = runtime(Raw(json.dumps({"entries": entries, "layers": ["a", "b"]}).encode()), PLACE)
    assert found is not None
    return dict(found[0]), len(found[1])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("30", 30),
        ("0", 0),
        ("1.5", 1.5),
        ("true", True),
        ("false", False),
        ("hello", "hello"),
        ("", ""),
        ("{numerator: 3}", "{numerator: 3}"),
        (FRACTION, {"numerator": 5, "denominator": "TEN_THOUSAND"}),
        (
            FRACTION.replace("number_value: 5", "number_value: 1e+06"),
            {"numerator": 10**6, "denominator": "TEN_THOUSAND"},
        ),
    ],
)
def test_a_value_is_what_a_static_layer_would_say(text: str, value: Any) -> None:
    found, problems = values(key=text)
    assert (found["key"], type(found["key"]), problems) == (value, type(value), 0)


def test_an_entry_of_another_shape_costs_itself_alone() -> None:
    assert values(a={"b": 1}, c="7") == ({"c": 7}, 1)


@pytest.mark.parametrize("body", [b"[]", b'{"entries": 3}', b'"text"'])
def test_another_answer_is_none(body: bytes) -> None:
    assert runtime(Raw(body), PLACE) is None


def test_no_entries_are_an_answer_too() -> None:
    assert runtime(Raw(b'{"layers": []}'), PLACE) == ({}, ())
