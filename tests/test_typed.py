"""Annotations are types from the start, and the types that msgspec would make of their texts."""

from __future__ import annotations

from typing import Any, get_type_hints

import msgspec
import pytest
from msgspec import UNSET, Raw, UnsetType

from meshscope.typed import Typed


class Inner(Typed, frozen=True):
    name: str = ""


class Outer(Typed, frozen=True):
    text: str = ""
    inner: Inner | None = None
    several: tuple[Inner, ...] = ()
    raws: dict[str, Raw] = {}
    anything: dict[str, Any] = {}
    either: int | str = 0
    unset: tuple[str, ...] | UnsetType = UNSET
    nested: dict[str, tuple[str, ...]] = {}
    later: Later | None = None


class Later(Typed, frozen=True):
    number: int = 0


@pytest.mark.parametrize("name", [name for name in Outer.__annotations__ if name not in ("nested", "later")])
def test_an_annotation_is_the_type_of_its_text(name: str) -> None:
    kept = Outer.__annotations__[name]
    assert not isinstance(kept, str)
    assert kept == get_type_hints(Outer)[name]


def test_what_is_not_known_yet_stays_text_and_is_decoded_all_the_same() -> None:
    assert Outer.__annotations__["nested"] == "dict[str, tuple[str, ...]]"
    assert Outer.__annotations__["later"] == "Later | None"
    text = b'{"later": {"number": 3}, "nested": {"a": ["b"]}, "either": "x", "inner": {"name": "n"}}'
    outer = msgspec.json.decode(text, type=Outer)
    assert (outer.later, outer.nested, outer.either, outer.inner) == (Later(3), {"a": ("b",)}, "x", Inner("n"))
