"""Bytes of a file -> its text. All changes to a text are made here.

Invariant: a cleaned body is valid UTF-8 without a byte order mark, and its lines are those of the user's file but for
`skipped_lines` before them. Line ends stay as they are.

Bytes that are not UTF-8 become U+FFFD: every other value can be read, and the damage is visible in its place. Kept, they would
fail later and in different ways (msgspec raises UnicodeDecodeError for a bad string, PyYAML refuses the whole file).
`CleanedDocument.flaws` names them.
"""

from __future__ import annotations

import re
import zlib
from io import BytesIO

from msgspec import Struct

from meshscope.location import Document
from meshscope.snapshot.inflating import BrokenOffError, Inflated, is_gzip

MOST_BYTES = 1 << 30
"""Bytes of one document, inflated: five times the largest dump seen in the wild (200 MB)."""
HEAD = 4096
"""Bytes of a file that decide whether it is a text."""

EMPTY = "empty"

_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_PREAMBLE = (
    rb"\A\s*+(?:Defaulted container [^\n]*\n\s*+)?+"  # kubectl exec
    rb"(?:\d{3}[ \t]*\r?\n|HTTP/[\d.]+ [^\n]*\n(?:[\w-]+:[^\n]*\n)*+\r?\n)?+"  # a collector's status, curl -i
    rb"(?=\s*[{\[])"
)
"""What tools print before an answer."""
_OTHER_COMPRESSIONS = ((b"\xfd7zXZ\x00", "xz"), (b"BZh", "bzip2"), (b"\x28\xb5\x2f\xfd", "zstd"))


class Sniffed(Struct, frozen=True):
    """The head of a file, judged. A file that is not a text is not read; `refused` says why where it might matter."""

    is_text: bool = True
    refused: str = ""
    skipped_lines: int = 0


class CleanedDocument(Document):
    """A document whose body is cleaned as it is loaded; `flaws` then says what was changed."""

    def _read(self) -> bytes:
        body, flaw = as_utf8(self._load())
        self.flaws = (flaw,) if flaw else ()
        return body


def sniff(head: bytes) -> Sniffed:
    """Judges a file by its first HEAD bytes (fewer if it is shorter); a gzip stream by what it holds."""
    if not head:
        return Sniffed(is_text=False, refused=EMPTY)
    for magic, word in _OTHER_COMPRESSIONS:
        if head.startswith(magic):
            return Sniffed(is_text=False, refused=f"compressed with {word}: unpack it first")
    if is_gzip(head):
        head = _inflated_head(head)
        if is_gzip(head):
            return Sniffed(is_text=False, refused="compressed twice: unpack it first")
    if head.startswith(b"PK\x03\x04") or head[257:262] == b"ustar":
        return Sniffed(is_text=False, refused="an archive inside another source: give it as a source of its own")
    if b"\x00" in head and not head.startswith(_UTF16):
        return Sniffed(is_text=False)
    return Sniffed(skipped_lines=_without_preamble(_without_mark(head))[1])


def clean(raw: bytes) -> bytes:
    """The text in `raw`, but for bytes that are not UTF-8 (`as_utf8`). Raises OSError where gzip data is damaged."""
    if is_gzip(raw):
        raw = inflate(raw)
    return _without_preamble(_without_mark(raw))[0]


def as_utf8(body: bytes) -> tuple[bytes, str]:
    """The body as valid UTF-8, and what had to be changed for it ("" for nothing)."""
    if body.isascii():
        return body, ""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        flaw = f"bytes that are not UTF-8 are shown as U+FFFD; the first one is in line {line}"
        return body.decode("utf-8", "replace").encode(), flaw
    return body, ""


def inflate(raw: bytes) -> bytes:
    """The content of a gzip file, at most MOST_BYTES. Raises OSError where it is damaged, broken off or longer."""
    try:
        text = Inflated(BytesIO(raw)).read(MOST_BYTES + 1)
    except BrokenOffError as error:
        raise OSError(str(error)) from None
    if len(text) > MOST_BYTES:
        raise OSError(too_large())
    return text


def too_large() -> str:
    return f"larger than {MOST_BYTES:,} bytes, the most that is read of one document"


def _inflated_head(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(head, HEAD)
    except zlib.error:
        return b""


def _without_mark(text: bytes) -> bytes:
    if text.startswith(_UTF16):
        return text.decode("utf-16", "replace").encode("utf-8", "replace")
    return text.removeprefix(_BOM)


def _without_preamble(text: bytes) -> tuple[bytes, int]:
    """A text without what tools print before an answer, and the lines that this skips."""
    found = re.match(_PREAMBLE, text) if re.match(rb"\s*(?:\d|HTTP/|Defaulted)", text) else None
    return (text[found.end() :], found[0].count(b"\n")) if found else (text, 0)
