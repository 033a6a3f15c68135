"""Limits of a value: its size, its length, the pattern and the format of a text."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from meshscope.istio.fields.shape import Shape

_MOST_QUOTED = 60


def limits_passed(value: Any, shape: Shape) -> Iterator[str]:
    """In words, each limit that a value of the right type does not keep."""
    if isinstance(value, str):
        yield from _of_text(value, shape)
    elif isinstance(value, (int, float)):
        yield from _of_number(value, shape)
    elif isinstance(value, list):
        yield from _of_count(len(value), shape.min_items, shape.max_items, "item")
    elif isinstance(value, dict):
        yield from _of_count(len(value), shape.min_fields, shape.max_fields, "field")


def quoted(text: str) -> str:
    """A text as a sentence holds it."""
    return f"{text[:_MOST_QUOTED]}…" if len(text) > _MOST_QUOTED else text or "the empty text"


def _of_text(value: str, shape: Shape) -> Iterator[str]:
    yield from _of_count(len(value), shape.min_length, shape.max_length, "character")
    if shape.pattern and not _matches(shape.pattern, value):
        yield f"{quoted(value)} does not match the pattern {shape.pattern}"
    if shape.format and not _has_format(value, shape.format):
        yield f"{quoted(value)} is no address of the form {shape.format}"


def _of_number(value: float, shape: Shape) -> Iterator[str]:
    least, most = shape.minimum, shape.maximum
    if least is not None and (value <= least if shape.excludes_minimum else value < least):
        yield f"must be {'more than' if shape.excludes_minimum else 'at least'} {least}, not {value}"
    if most is not None and (value >= most if shape.excludes_maximum else value > most):
        yield f"must be {'less than' if shape.excludes_maximum else 'at most'} {most}, not {value}"


def _of_count(count: int, least: int | None, most: int | None, noun: str) -> Iterator[str]:
    if least is not None and count < least:
        yield f"must have at least {_counted(least, noun)}, not {count}"
    if most is not None and count > most:
        yield f"must have at most {_counted(most, noun)}, not {count}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _matches(pattern: str, value: str) -> bool:
    """As Go's regular expressions find it anywhere; a pattern that RE2 cannot read is passed over."""
    import re2  # type: ignore[import-untyped]  # no stubs; only for texts with a pattern

    compiled = _compiled(pattern, re2)
    return compiled is None or compiled.search(value) is not None


@cache
def _compiled(pattern: str, re2: Any) -> Any:
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error:
        return None


def _has_format(value: str, form: str) -> bool:
    from ipaddress import IPv4Address, IPv6Address  # only for addresses

    try:
        (IPv4Address if form == "ipv4" else IPv6Address)(value)
    except ValueError:
        return False
    return True
