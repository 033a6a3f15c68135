"""Slices of JSON -> structs, with failure as a value: a malformed item is a Problem beside the other items."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import Raw

from meshscope.istio.labels import KeyNames, Labels
from meshscope.istio.raw_json import is_empty
from meshscope.snapshot.snapshot import Problem

T = TypeVar("T")
_ANY = msgspec.json.Decoder()


def decode_slice(raw: Raw, type_: type[T], document: str, where: str = "") -> T | Problem:
    """The slice as `type_`. `null` means "absent" at any depth, as in Go and in Kubernetes.

    `where` is the path of the slice in its document, the prefix of the problem's message.
    """
    kind: Any = type_
    try:
        try:
            value: T = _decoder(kind).decode(raw)
        except msgspec.ValidationError:
            # Nulls are the usual cause, and rare enough to afford a second decoding.
            value = _decoder(kind).decode(msgspec.json.encode(_without_nulls(_ANY.decode(raw))))
    except msgspec.DecodeError as error:
        return Problem(document, f"{where}: {error}" if where else str(error))
    except RecursionError:
        return Problem(document, f"{where}: nested too deeply" if where else "nested too deeply")
    return value


def decode_slices(
    items: Iterable[tuple[str, Raw]], type_: type[T], document: str
) -> tuple[tuple[T, ...], tuple[Problem, ...]]:
    """Each item on its own. Items are pairs of a path and a slice."""
    values: list[T] = []
    problems: list[Problem] = []
    for where, raw in items:
        value = decode_slice(raw, type_, document, where)
        if isinstance(value, Problem):
            problems.append(value)
        else:
            values.append(value)
    return tuple(values), tuple(problems)


def decode_rows(body: Raw, type_: type[T], document: str) -> tuple[tuple[T, ...], tuple[Problem, ...]]:
    """The items of an array. `null` is Go's empty array."""
    if bytes(memoryview(body)[:5]) == b"null":
        return (), ()
    items = decode_slice(body, list[Raw], document)
    if isinstance(items, Problem):
        return (), (items,)
    return decode_slices(
        ((f"[{index}]", item) for index, item in enumerate(items) if not is_empty(item)), type_, document
    )


@cache
def _decoder(type_: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(type_, strict=False, dec_hook=_hook)


def _hook(type_: type, value: Any) -> Any:
    if issubclass(type_, (Labels, KeyNames)) and isinstance(value, dict | None):
        return type_.of(value or {})
    raise msgspec.ValidationError(f"Expected `object`, got `{type(value).__name__}`")


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(member) for key, member in value.items() if member is not None}
    return [_without_nulls(item) for item in value if item is not None] if isinstance(value, list) else value
