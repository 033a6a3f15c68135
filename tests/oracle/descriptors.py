"""The fields of Envoy's own messages: each server holds the descriptors of the API that it was built with.

https://protobuf.dev/programming-guides/encoding/
https://github.com/protocolbuffers/protobuf/blob/main/src/google/protobuf/descriptor.proto
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_FILE_NAME, _FILE_MESSAGE = 1, 4
_NAME, _FIELD, _NESTED = 1, 2, 3
_FILE_ENDS = 12
"""`syntax`, the last field of a FileDescriptorProto that Envoy's files have."""


def message_fields(server: bytes, file: str) -> dict[str, frozenset[str]]:
    """The field names of each message of a .proto file, a nested one as `Outer.Inner`."""
    name = file.encode()
    start = re.search(re.escape(bytes((_FILE_NAME << 3 | 2, len(name))) + name), server)
    assert start is not None, file
    return {
        name: fields
        for number, value in _until_the_end(server, start.start())
        if number == _FILE_MESSAGE
        for name, fields in _message(value, "")
    }


def _until_the_end(data: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    number = 0
    while number != _FILE_ENDS:
        number, value, at = _field(data, at)
        yield number, value


def _message(data: bytes, outer: str) -> Iterator[tuple[str, frozenset[str]]]:
    members = list(_fields(data))
    name = outer + next(value for number, value in members if number == _NAME).decode()
    described = [dict(reversed(list(_fields(value)))) for number, value in members if number == _FIELD]
    yield name, frozenset(field[_NAME].decode() for field in described)
    for number, value in members:
        if number == _NESTED:
            yield from _message(value, f"{name}.")


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        number, value, at = _field(data, at)
        yield number, value


def _field(data: bytes, at: int) -> tuple[int, bytes, int]:
    """Number, content and where the next one begins; numbers themselves are of no interest and have no content."""
    key, at = _varint(data, at)
    if key & 7 == 0:
        return key >> 3, b"", _varint(data, at)[1]
    size, at = {1: (8, at), 5: (4, at)}.get(key & 7) or _varint(data, at)
    return key >> 3, data[at : at + size], at + size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[at]
        number, shift, at = number | (byte & 0x7F) << shift, shift + 7, at + 1
        if byte < 0x80:
            return number, at
