"""Which scope a request's headers give, as Envoy 1.40 decided it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from meshscope.location import Document, Location
from meshscope.simulation.route.scopes import Scope, Scopes
from meshscope.xds.scoped_routes import ScopedRouteConfiguration, ScopeKeyBuilder

from ..reading import asking, read

PLACE = Location(Document.of("scopes", b""))


def scope_of(builders: list[dict[str, Any]], keys: Sequence[tuple[str, ...]], *headers: tuple[str, str]) -> str | None:
    """The key of the scope, its fragments joined by a bar; None where there is none."""
    builder = read(ScopeKeyBuilder, {"fragments": [{"header_value_extractor": each} for each in builders]})
    every = [
        read(ScopedRouteConfiguration, {"name": "|".join(key), "key": {"fragments": [{"string_key": k} for k in key]}})
        for key in keys
    ]
    found, _ = Scopes(builder, [Scope(config, PLACE) for config in every]).find(asking("/", *headers))
    return found.config.name if found else None


WHOLE = {"name": "x-a", "index": 0}
SECOND = {"name": "x-a", "index": 1, "element_separator": ";"}
OF_K = {"name": "x-a", "element_separator": ";", "element": {"key": "k", "separator": "="}}
KEYS = [("a",), ("b",), (" b",), ("a,b",), ("a=b",), ("",)]


@pytest.mark.parametrize(
    ("builder", "value", "scope"),
    [
        (WHOLE, "a", "a"),
        (WHOLE, "a,b", "a,b"),
        (WHOLE, "", ""),
        (WHOLE, "A", None),
        (WHOLE, "c", None),
        (SECOND, "a", None),
        (SECOND, "a;b", "b"),
        (SECOND, "a; b", " b"),
        (SECOND, "a;", ""),
        (OF_K, "k=a", "a"),
        (OF_K, "x=y;k=a", "a"),
        (OF_K, "k=a;k=b", "a"),
        (OF_K, "k=a=b", "a=b"),
        (OF_K, "k", ""),
        (OF_K, "k=", ""),
        (OF_K, "x=a; k=b", None),
        (OF_K, "K=a", None),
        (OF_K, "=a", None),
        ({**OF_K, "element_separator": ""}, "x=1;k=b", None),
        ({**OF_K, "element_separator": ""}, "k=a", "a"),
    ],
)
def test_a_header_gives_a_fragment(builder: dict[str, Any], value: str, scope: str | None) -> None:
    assert scope_of([builder], KEYS, ("x-a", value)) == scope


def test_without_its_header_there_is_no_key_not_even_an_empty_one() -> None:
    assert scope_of([WHOLE], KEYS) is None
    assert scope_of([OF_K], KEYS, ("x-a", "j=a")) is None


def test_of_a_repeated_header_the_first_value_counts() -> None:
    assert scope_of([WHOLE], KEYS, ("x-a", "b"), ("x-a", "a")) == "b"
    assert scope_of([SECOND], KEYS, ("x-a", "a"), ("x-a", "b;b")) is None


def test_a_key_has_all_of_its_fragments() -> None:
    both = [WHOLE, {"name": "x-b", "index": 0}]
    keys = [("a", "1"), ("a", "2"), ("a",)]
    assert scope_of(both, keys, ("x-a", "a"), ("x-b", "2")) == "a|2"
    assert scope_of(both, keys, ("x-a", "a"), ("x-b", "3")) is None
    assert scope_of(both, keys, ("x-a", "a")) is None


@pytest.mark.parametrize(
    ("name", "key"), [(":authority", "shop.example"), ("host", "shop.example"), (":method", "GET")]
)
def test_pseudo_headers_are_headers(name: str, key: str) -> None:
    assert scope_of([{"name": name, "index": 0}], [(key,)]) == key
