"""What a patch changes in a resource, field by field in the words of its JSON."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import msgspec

from meshscope.effect.answer import Difference
from meshscope.overlay.patches.merging import alike, is_default

_LONGEST = 80
_SAME_EVERYWHERE = {
    "filter_chains", "default_filter_chain", "filters", "envoy.filters.network.http_connection_manager", "typed_config",
    "envoy.filters.network.tcp_proxy", "virtual_hosts", "routes",
}  # fmt: skip
"""Parts of a path that tell nothing: several filter chains have the same change."""

_NAMES = ("@type", "stat_prefix", "alt_stat_name")
"""Fields that follow others."""


def differences(one: Any, other: Any) -> tuple[Difference, ...]:
    """Of a body as it is and as it would be; the same change of several filter chains is told once."""
    found = (
        Difference(_field(path), words(after), words(before)) for path, before, after in _differing(one, other, ())
    )
    return tuple(dict.fromkeys(found))


def _field(path: tuple[str, ...]) -> str:
    return ".".join(part for part in path if part not in _SAME_EVERYWHERE) or path[-1]


def _differing(one: Any, other: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    if alike(one, other):
        return
    if isinstance(one, dict) and isinstance(other, dict):
        for key in (key for key in dict.fromkeys((*one, *other)) if key not in _NAMES):
            yield from _differing(one.get(key), other.get(key), (*path, key))
    elif isinstance(one, list) and isinstance(other, list):
        yield from _of_lists(one, other, path)
    else:
        yield path, one, other


def _of_lists(one: list[Any], other: list[Any], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    names = [[each.get("name") if isinstance(each, dict) else None for each in side] for side in (one, other)]
    if all(all(side) and len(set(side)) == len(side) for side in names):
        was, would = (dict(zip(own, side, strict=True)) for own, side in zip(names, (one, other), strict=True))
        yield from _of_named(was, would, path)
    elif len(one) == len(other):
        for before, after in zip(one, other, strict=True):
            yield from _differing(before, after, path)
    else:
        yield path, _without(one, other) or None, _without(other, one) or None


def _of_named(one: dict[Any, Any], other: dict[Any, Any], path: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    """Members of lists by their names, in their order."""
    for name, before in one.items():
        if name in other:
            yield from _differing(before, other[name], (*path, str(name)))
        else:
            yield path, name, None
    names = [*other, None]
    for name, behind in pairwise(names):
        if name not in one:
            yield path, None, f"{name} before {behind}" if behind else f"{name} as the last one"
    kept = [name for name in one if name in other], [name for name in other if name in one]
    if kept[0] != kept[1]:
        yield (*path, "order"), ", ".join(kept[0]), ", ".join(kept[1])


def _without(one: list[Any], other: list[Any]) -> list[Any]:
    """The members of a list of which the other one has no like."""
    rest, found = list(other), []
    for each in one:
        same = next((number for number, its in enumerate(rest) if alike(its, each)), None)
        if same is None:
            found.append(each)
        else:
            del rest[same]
    return found


def words(value: Any) -> str:
    """In one line, "" for nothing."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and len(value) == 1:
        return words(value[0])
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        return str(value["name"])
    if value is not False and is_default(value):
        return ""
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
