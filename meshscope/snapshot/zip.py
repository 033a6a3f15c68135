"""The members of a zip archive and their bytes, in bounded memory; nothing is unpacked.

zipfile does the reading. It loads the whole directory before anything can be counted: the file that it is given here refuses a
directory that is too large. It is asked for members in steps, so that one ends at its bound whatever its header claims.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from os import SEEK_CUR, SEEK_END, SEEK_SET
from threading import Lock

from msgspec import Struct

from meshscope.snapshot.inflating import BrokenOffError, Readable

MOST_DIRECTORY = 32 << 20
"""Bytes of the directory: 100,000 members with names of some hundred characters."""
_ENTRY = b"PK\x01\x02"
_ENCRYPTED = 0x1
_STEP = 1 << 20
_FAILURES = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError,
)  # fmt: skip
"""What zipfile raises for damaged and hostile archives, beside OSError."""


class ZipMember(Struct, frozen=True):
    """A member's name as written and its claimed size. `refused` says why it is not read."""

    name: str
    size: int
    info: zipfile.ZipInfo
    refused: str = ""


class ZipReader:
    """Reads members one after another, whichever threads ask for them. The file is open only while something is read.

    Raises BrokenOffError for an archive without a sound directory, or with too large a one.
    """

    def __init__(self, open_: Callable[[], Readable], length: int, most_members: int) -> None:
        self._file = _ZipFile(open_, length, most_members)
        self._lock = Lock()
        with self._file:
            try:
                self._zip = zipfile.ZipFile(self._file)
            except zipfile.BadZipFile as error:
                raise BrokenOffError(f"no archive that can be read: {error}; it may have been cut at its end") from None
            except _FAILURES as error:
                raise BrokenOffError(f"the archive's directory is damaged: {error}") from None
        self._file.most_entries = None

    def members(self) -> Iterator[ZipMember]:
        """Files and other members, in the directory's order; directories are left out.

        The file stays open meanwhile.
        """
        with self._file:
            for info in self._zip.infolist():
                name = info.orig_filename
                if not name.endswith(("/", "\\")):
                    yield ZipMember(name, info.file_size, info, _refused(info))

    def read(self, member: ZipMember, most: int, *, whole: bool = True) -> bytes:
        """The first `most` bytes of a member; with `whole` all of it. Raises OSError if it is longer, or damaged."""
        if whole and member.size > most:
            raise OSError(f"larger than the {most:,} bytes that are read of it")
        parts, left = [], min(member.size, most)
        try:
            with self._lock, self._file, self._zip.open(member.info) as content:
                while left > 0 and (part := content.read(min(_STEP, left))):
                    parts.append(part)
                    left -= len(part)
        except BrokenOffError as error:
            raise OSError(str(error)) from None
        except _FAILURES as error:
            raise OSError(f"damaged: {_one_line(error)}") from None
        return b"".join(parts)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _refused(info: zipfile.ZipInfo) -> str:
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "a symbolic link" if stat.S_ISLNK(mode) else "a device"
    if info.flag_bits & _ENCRYPTED:
        return "encrypted"
    if info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return ""
    return f"compressed by method {info.compress_type}: neither stored nor deflated"


class _ZipFile:
    """A file as zipfile wants it. While `most_entries` is a number, it refuses a read that holds more entries than that."""

    def __init__(self, open_: Callable[[], Readable], length: int, most_entries: int | None) -> None:
        self.most_entries = most_entries
        self._open, self._length = open_, length
        self._file: Readable | None = None
        self._users = 0
        self._at = 0

    def __enter__(self) -> None:
        if self._file is None:
            self._file = self._open()
        self._users += 1

    def __exit__(self, *_: object) -> None:
        self._users -= 1
        if self._file is not None and not self._users:
            self._file.close()
            self._file = None

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        at = offset + {SEEK_SET: 0, SEEK_CUR: self._at, SEEK_END: self._length}[whence]
        if not 0 <= at <= self._length:
            raise OSError("damaged: an offset leads out of the archive")
        self._at = at
        return at

    def read(self, size: int = -1) -> bytes:
        if self._file is None:
            raise OSError("the archive is closed")
        size = self._length - self._at if size < 0 else size
        if size > MOST_DIRECTORY:
            raise BrokenOffError(f"the archive's directory has more than {MOST_DIRECTORY:,} bytes: nothing is read")
        self._file.seek(self._at)
        data = self._file.read(size)
        self._at += len(data)
        if self.most_entries is not None and data.count(_ENTRY) > self.most_entries:
            raise BrokenOffError(f"more than {self.most_entries:,} members: nothing is read")
        return data
