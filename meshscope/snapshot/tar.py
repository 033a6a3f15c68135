"""The members of a tar archive, header by header, in bounded memory; nothing is unpacked.

tarfile reads an extended header of any size in one piece and gives up the whole archive at one bad member. Here a header has at
most MOST_HEADER bytes, and a bad member is listed with the others. tarfile still decodes each header block.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator

from msgspec import Struct

from meshscope.snapshot.cleaning import HEAD
from meshscope.snapshot.inflating import BrokenOffError, Readable

MOST_HEADER = 1 << 20
"""Bytes of an extended header: paths and attributes take hundreds."""
BROKEN_OFF = "the archive breaks off inside its last member"
_BLOCK = tarfile.BLOCKSIZE
_KINDS = {
    tarfile.LNKTYPE: "a hard link",
    tarfile.SYMTYPE: "a symbolic link",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.FIFOTYPE: "a pipe",
    tarfile.GNUTYPE_SPARSE: "a sparse file",
}
_EXTENSIONS = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)


class TarMember(Struct, frozen=True):
    """A member's name as written, where its bytes are, and the first of them. `refused` says why it is not a plain file."""

    name: str
    offset: int
    size: int
    head: bytes
    refused: str = ""


def is_tar(head: bytes) -> bool:
    """Whether a first block is a header with a right checksum (which also the oldest archives have)."""
    return len(head) >= _BLOCK and _header(head[:_BLOCK]) is not None


def tar_members(file: Readable, most: int, beyond: str = "") -> Iterator[TarMember]:
    """Files and other members, in order, each with all of its bytes in the archive; directories are left out.

    Raises BrokenOffError after the last whole member, or where the archive goes on after `most` bytes: then it is `beyond`.
    """
    position = 0
    extended: dict[str, str] = {}
    while (header := _header_at(file, position)) is not None:
        position += _BLOCK
        if header.type in _EXTENSIONS or header.type == tarfile.XGLTYPE:
            body = _extension(file, position, header.size)
            if header.type != tarfile.XGLTYPE:
                extended |= _extended(header.type, body)
            position += _blocks(header.size)
            continue
        has_bytes = header.isreg() or header.type not in tarfile.SUPPORTED_TYPES
        size = _size(extended.get("size", ""), header.size) if has_bytes else 0
        if position + size > most:
            raise BrokenOffError(beyond or f"unfolds to more than {most:,} bytes: the rest is not read")
        head = _passed(file, position, size)
        sparse = any(key.startswith("GNU.sparse") for key in extended)
        refused = _KINDS.get(tarfile.GNUTYPE_SPARSE if sparse else header.type, "")
        if not header.isdir():
            yield TarMember(extended.get("path", header.name), position, size, head, refused)
        position += _blocks(size)
        extended = {}


def _passed(file: Readable, position: int, size: int) -> bytes:
    """The head of a member. Raises BrokenOffError if its last byte is missing."""
    file.seek(position)
    head = file.read(min(size, HEAD))
    if size > len(head):
        file.seek(position + size - 1)
        if not file.read(1):
            raise BrokenOffError(BROKEN_OFF)
    return head


def _header_at(file: Readable, position: int) -> tarfile.TarInfo | None:
    """The header at a position; None at the end mark, a block of zeros."""
    file.seek(position)
    block = file.read(_BLOCK)
    if not block:
        raise BrokenOffError("the archive has no end mark: it may have been cut")
    if block == bytes(_BLOCK):
        return None
    if len(block) < _BLOCK:
        raise BrokenOffError("the archive breaks off inside a header")
    header = _header(block)
    if header is None:
        raise BrokenOffError(f"the archive is damaged: no header at byte {position:,}")
    return header


def _header(block: bytes) -> tarfile.TarInfo | None:
    try:
        header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return None
    return header if header.size >= 0 else None


def _extension(file: Readable, position: int, size: int) -> bytes:
    if size > MOST_HEADER:
        raise BrokenOffError(f"a header of {size:,} bytes: the rest of the archive is not read")
    file.seek(position)
    body = file.read(size)
    if len(body) < size:
        raise BrokenOffError("the archive breaks off inside a header")
    return body


def _extended(kind: bytes, body: bytes) -> dict[str, str]:
    """The attributes of the next member: GNU's long name, or the records of a pax header."""
    if kind == tarfile.GNUTYPE_LONGNAME:
        return {"path": body.rstrip(b"\x00").decode("utf-8", "surrogateescape")}
    if kind == tarfile.GNUTYPE_LONGLINK:
        return {}
    records, position = {}, 0
    while digits := body[position : position + 20].partition(b" ")[0]:
        end = position + int(digits) if digits.isdigit() else 0
        if end <= position + len(digits) or body[end - 1 : end] != b"\n":
            break
        record = body[position + len(digits) + 1 : end - 1]
        key, _, value = record.decode("utf-8", "surrogateescape").partition("=")
        records[key] = value
        position = end
    return records


def _size(extended: str, plain: int) -> int:
    return int(extended) if extended.isascii() and extended.isdigit() and len(extended) < 20 else plain


def _blocks(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK
