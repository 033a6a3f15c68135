"""The members of a zip archive and their bytes, in bounded memory; nothing is unpacked.

zipfile loads a directory of any length before it can be counted, and refuses an archive whose end is missing. Here the
directory is read entry by entry, and without one the members are found by their own headers, up to the break.
"""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Iterator

from msgspec import Struct

from meshscope.snapshot.inflating import BrokenOffError, Readable

_END, _END64, _LOCATOR64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_LOCAL = struct.Struct("<4s5H3I2H")
_END_SIZE, _MOST_COMMENT = 22, 65_535
_ENCRYPTED, _SIZES_FOLLOW, _UTF8 = 0x1, 0x8, 0x800
_STORED, _DEFLATED = 0, 8
_UNKNOWN32 = 0xFFFFFFFF
_CHUNK = 64 << 10
_STEP = 1 << 20


class ZipMember(Struct, frozen=True):
    """A member as its header tells; `start` is the offset of its local header, `crc` None where nothing tells it."""

    name: str
    start: int
    compressed: int
    size: int
    method: int
    crc: int | None
    refused: str = ""


def is_zip(head: bytes) -> bool:
    return head.startswith((b"PK\x03\x04", _END))


def zip_members(file: Readable, length: int, most: int) -> Iterator[ZipMember]:
    """Files and what pretends to be one, in the directory's order. Raises BrokenOffError after the last good one.

    Looking for members without a directory inflates at most `most` bytes.
    """
    place = _directory(file, length)
    if place is None:
        yield from _by_local_headers(file, most)
        raise BrokenOffError("the archive has no directory: it breaks off, or its end was cut")
    position, end, shift = place
    while position < end:
        file.seek(position)
        fixed = file.read(_CENTRAL.size)
        if len(fixed) < _CENTRAL.size or not fixed.startswith(b"PK\x01\x02"):
            raise BrokenOffError("the archive's directory is damaged")
        fields = _CENTRAL.unpack(fixed)
        flags, method, crc, packed, size, names, extras, comment = fields[3:5] + fields[7:13]
        mode, start = fields[15:17]
        name, extra = file.read(names), file.read(extras)
        size, packed, start = _wide(extra, size, packed, start)
        position += _CENTRAL.size + names + extras + comment
        text = _text(name, flags)
        if not text.endswith(("/", "\\")):
            yield ZipMember(text, start + shift, packed, size, method, crc, _refused(flags, method, mode >> 16))


def read_zip_member(file: Readable, member: ZipMember, most: int, *, whole: bool = True) -> bytes:
    """The first `most` bytes of a member; with `whole` all of it. Raises OSError if it is longer, or damaged."""
    _to_data(file, member.start)
    parts, size, crc = [], 0, 0
    for part in _content(file, member, min(_STEP, most + 1)):
        size, crc = size + len(part), zlib.crc32(part, crc)
        parts.append(part)
        if size > most:
            break
    if not whole:
        return b"".join(parts)[:most]
    if size > most:
        raise OSError(f"larger than the {most:,} bytes that are read of it")
    if member.crc is not None and crc != member.crc:
        raise OSError("damaged: its checksum is another than the archive's directory says")
    return b"".join(parts)


def _directory(file: Readable, length: int) -> tuple[int, int, int] | None:
    """Where the directory starts and ends, and by how many bytes its offsets are off (text before the archive)."""
    tail_at = max(0, length - _END_SIZE - _MOST_COMMENT)
    file.seek(tail_at)
    tail = file.read(length - tail_at)
    found = tail.rfind(_END)
    if found < 0 or len(tail) - found < _END_SIZE:
        return None
    size, offset = struct.unpack_from("<2I", tail, found + 12)
    end = tail_at + found
    if _UNKNOWN32 in (size, offset) and tail[found - 20 : found - 16] == _LOCATOR64:
        (end,) = struct.unpack_from("<Q", tail, found - 12)
        file.seek(end)
        wide = file.read(56)
        if len(wide) < 56 or not wide.startswith(_END64):
            return None
        size, offset = struct.unpack_from("<2Q", wide, 40)
    start = end - size
    return (start, end, start - offset) if 0 <= offset <= start else None


def _wide(extra: bytes, *narrow: int) -> tuple[int, ...]:
    """Sizes and offset, where they do not fit into 32 bits out of the extra field 1."""
    position, values = 0, list(narrow)
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, position)
        field = extra[position + 4 : position + 4 + length]
        if kind == 1:
            numbers = iter(struct.unpack(f"<{len(field) // 8}Q", field[: len(field) // 8 * 8]))
            return tuple(next(numbers, value) if value == _UNKNOWN32 else value for value in values)
        position += 4 + length
    return tuple(values)


def _text(name: bytes, flags: int) -> str:
    return name.decode("utf-8", "surrogateescape") if flags & _UTF8 else name.decode("cp437")


def _refused(flags: int, method: int, mode: int) -> str:
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "a symbolic link" if stat.S_ISLNK(mode) else "a device"
    if flags & _ENCRYPTED:
        return "encrypted"
    return "" if method in (_STORED, _DEFLATED) else f"compressed by method {method}: neither stored nor deflated"


def _to_data(file: Readable, start: int) -> None:
    file.seek(start)
    header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
        raise OSError("damaged: there is no such member where the archive's directory says")
    names, extras = _LOCAL.unpack(header)[-2:]
    file.seek(start + _LOCAL.size + names + extras)


def _content(file: Readable, member: ZipMember, step: int) -> Iterator[bytes]:
    """A member's content, inflated in parts of at most `step` bytes; the file stands at its data."""
    left, stream = member.compressed, zlib.decompressobj(wbits=-15)
    while left > 0 and not stream.eof:
        raw = file.read(min(_CHUNK, left))
        left -= len(raw)
        if not raw:
            raise OSError("the archive breaks off inside it")
        if member.method == _STORED:
            yield raw
            continue
        try:
            while raw and not stream.eof:
                yield stream.decompress(raw, step)
                raw = stream.unconsumed_tail
        except zlib.error as error:
            raise OSError(f"damaged: {error}") from None
    while member.method == _DEFLATED and not stream.eof and (part := stream.decompress(b"", step)):
        yield part
    if member.method == _DEFLATED and not stream.eof:
        raise OSError("damaged: its data breaks off")


def _by_local_headers(file: Readable, most: int) -> Iterator[ZipMember]:
    """The whole members from the start of an archive that has lost its directory."""
    position = 0
    while True:
        file.seek(position)
        header = file.read(_LOCAL.size)
        if len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
            return
        _, _, flags, method, _, _, told, packed, size, names, extras = _LOCAL.unpack(header)
        name, extra = file.read(names), file.read(extras)
        size, packed = _wide(extra, size, packed)
        data = position + _LOCAL.size + names + extras
        crc: int | None = told
        if flags & _SIZES_FOLLOW:
            crc = None
            packed, size = _deflated_length(file, data, most)
            most -= size
        if not _reaches(file, data + packed):
            return
        text = _text(name, flags)
        if not text.endswith(("/", "\\")):
            yield ZipMember(text, position, packed, size, method, crc, _refused(flags, method, 0))
        position = data + packed + (_descriptor_length(file, data + packed) if flags & _SIZES_FOLLOW else 0)


def _reaches(file: Readable, end: int) -> bool:
    """Whether the file has the byte before `end`."""
    file.seek(end - 1)
    return bool(file.read(1))


def _deflated_length(file: Readable, start: int, most: int) -> tuple[int, int]:
    """Packed and unpacked length of a deflated stream whose header tells neither. Raises BrokenOffError."""
    file.seek(start)
    stream, packed, size = zlib.decompressobj(wbits=-15), 0, 0
    try:
        while not stream.eof and (raw := file.read(_CHUNK)):
            packed += len(raw)
            while raw and not stream.eof:
                size += len(stream.decompress(raw, _STEP))
                raw = stream.unconsumed_tail
                if size > most:
                    raise BrokenOffError("unfolds without a sensible bound: the rest is not read")
    except zlib.error:
        pass
    if not stream.eof:
        raise BrokenOffError("the archive breaks off inside its last member")
    return packed - len(stream.unused_data), size


def _descriptor_length(file: Readable, start: int) -> int:
    """Sizes after the data: 12 or 20 bytes, with a signature before them or not; the next header follows."""
    file.seek(start)
    after = file.read(28)
    for length in (16, 12, 24, 20):
        if after[length : length + 4] in (b"PK\x03\x04", b"PK\x01\x02", b""):
            return length
    return 16
