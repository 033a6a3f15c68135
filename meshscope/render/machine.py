"""Rows and objects for programs: json, jsonl, yaml. Streamed, with one row in memory at a time.

The text is ASCII with escapes for all else: exact for a parser, harmless in any terminal and encoding.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from meshscope.location import Location
from meshscope.snapshot.snapshot import Problem
from meshscope.untyped import untyped

Tail = Callable[[], tuple[Sequence[str], Sequence[Problem]]]
"""Missing evidence and problems; called after the last row, as reading rows may add some."""


def plain(value: Any) -> Any:
    """A value without places and raw slices (`resolved`) in JSON's own types."""
    return msgspec.to_builtins(value, builtin_types=(), str_keys=True)


def encoded(value: Any) -> str:
    """JSON on one line. The value may contain places, but no raw slices, which have the lines of their document."""
    return _ascii(msgspec.json.encode(value, enc_hook=_place).decode())


def _place(value: Any) -> Any:
    if isinstance(value, Location):
        return value.place()
    raise TypeError(f"{type(value).__name__} is not for JSON")


def indented(value: Any) -> str:
    return _ascii(msgspec.json.format(msgspec.json.encode(value, enc_hook=_place), indent=1).decode())


def _ascii(text: str) -> str:
    """JSON with escapes for all that is not ASCII; msgspec has escaped control characters but DEL."""
    return text.encode("ascii", _ESCAPING).decode().replace("\x7f", "\\u007f")


def _escaped(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)  # noqa: S101  # encoding raises no other
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4)), error.end


_ESCAPING = "meshscope.json"
codecs.register_error(_ESCAPING, _escaped)


def resolved(value: Any) -> Any:
    """A value with places for its locations and with its raw slices decoded (an absent one is null), at any depth."""
    if type(value) in _SCALARS:
        return value
    if isinstance(value, (list, tuple)):
        return [item if type(item) in _SCALARS else resolved(item) for item in value]
    if isinstance(value, Location):
        return value.place()
    if isinstance(value, msgspec.Struct):
        fields = ((name, getattr(value, field)) for name, field in _fields(type(value)))
        value = {name: member for name, member in fields if member is not msgspec.UNSET}
    if isinstance(value, dict):
        return {key: item if type(item) in _SCALARS else resolved(item) for key, item in value.items()}
    if isinstance(value, msgspec.Raw):
        return untyped(value) if len(memoryview(value)) > 0 else None
    return value


_SCALARS = frozenset({str, int, bool, float, type(None)})
"""Most values are one of these and are tested for first: a large answer has millions."""

_names: dict[type[Any], tuple[tuple[str, str], ...]] = {}


def _fields(kind: type[Any]) -> tuple[tuple[str, str], ...]:
    names = _names.get(kind)
    if names is None:
        names = _names[kind] = tuple(zip(kind.__struct_encode_fields__, kind.__struct_fields__, strict=True))
    return names


def as_json(rows: Iterable[Any], tail: Tail) -> Iterator[str]:
    yield '{\n "version": 1,\n "items": ['
    separator = "\n"
    for row in rows:
        yield separator + "  " + indented(resolved(row)).replace("\n", "\n  ")
        separator = ",\n"
    missing, problems = tail()
    yield "\n ]" if separator == ",\n" else "]"
    yield f',\n "missing": {encoded(missing)},\n "problems": {encoded(problems)}\n}}\n'


def as_jsonl(rows: Iterable[Any]) -> Iterator[str]:
    for row in rows:
        yield encoded(resolved(row)) + "\n"


def as_yaml(rows: Iterable[Any], tail: Tail) -> Iterator[str]:
    yield "version: 1\n"
    is_empty = True
    for row in rows:
        if is_empty:
            yield "items:\n"
        is_empty = False
        yield yaml_text([plain(resolved(row))])
    if is_empty:
        yield "items: []\n"
    missing, problems = tail()
    yield yaml_text({"missing": list(missing), "problems": plain(list(problems))})


def yaml_text(value: Any, *, readable: bool = False) -> str:
    """`readable` does not escape letters beyond ASCII."""
    import yaml  # only for -o yaml and describe

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(value, Dumper=dumper, sort_keys=False, allow_unicode=readable, width=10_000))
