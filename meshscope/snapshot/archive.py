"""A .tar, .tar.gz or .zip as a source, recognised by its first bytes; a hostile one too. Nothing is written to disk.

The archive is read once, for an index; a member is read when its text is needed (in .tar and .zip at its place,
in .tar.gz from the nearest point of return). Names are labels and hints only, so that `..` and absolute names lead nowhere;
they are refused all the same, as no honest collector writes them.

Memory: the index (MOST_MEMBERS entries of at most LONGEST_NAME characters, some hundred MB for the worst archive, 1 MB
for a usual one), the points of return (40 MB at the most), and the bodies that are in use (each at most
`cleaning.MOST_BYTES`, together `most_unfolded`). Time: inflating stops at `most_unfolded` bytes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Literal
from weakref import WeakValueDictionary

from msgspec import Struct
from msgspec.structs import replace

from meshscope.snapshot import cleaning
from meshscope.snapshot.inflating import BrokenOffError, Inflated, Points, Readable, is_gzip
from meshscope.snapshot.member import (
    LONGEST_NAME,
    MOST_MEMBERS,
    Listing,
    Member,
    StoredText,
    is_hidden,
    limited_problems,
    most_unfolded,
    printable,
)
from meshscope.snapshot.snapshot import Problem
from meshscope.snapshot.tar import BROKEN_OFF, TarMember, is_tar, tar_members
from meshscope.work import Work

Form = Literal["tar", "tar.gz", "zip", ""]
_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
"""A member's header, or the end record of an archive without members."""


class Archive(Struct, frozen=True):
    """An archive's bytes: `open` gives a file each time it is called, `length` is their number.

    `name` is what the user typed. `file` is the file that holds the archive; None for a stream in memory.
    """

    name: str
    open: Callable[[], Readable]
    length: int
    file: StoredText | None = None


class _Found(Struct, frozen=True):
    """A member on its way into the index: its first bytes, and how to read all of them."""

    name: str
    size: int
    head: bytes
    load: Callable[[], bytes]
    refused: str = ""


def archive_form(archive: Archive) -> Form:
    """The form of the bytes; "" where they are not an archive. Raises OSError."""
    with closing(archive.open()) as file:
        head = file.read(512)
        if head.startswith(_ZIP_STARTS):
            return "zip"
        if not is_gzip(head):
            return "tar" if is_tar(head) else ""
        file.seek(0)
        try:
            return "tar.gz" if is_tar(Inflated(file).read(512)) else ""
        except BrokenOffError:
            return ""


def read_archive(archive: Archive, form: Form, work: Work) -> Listing:
    """The files of an archive, texts and others, named `ARCHIVE!member`. A bad member is a problem and no file."""
    members: dict[str, Member] = {}
    problems: list[Problem] = []
    found = _in_zip(archive, work) if form == "zip" else _in_tar(archive, form, work)
    try:
        for one in islice(found, MOST_MEMBERS):
            _take(archive, one, members, problems)
        if next(found, None) is not None:
            problems.append(Problem(archive.name, f"more than {MOST_MEMBERS:,} members: the rest is not read"))
    except BrokenOffError as error:
        problems.append(Problem(archive.name, str(error)))
    work.report(archive.length, archive.length)
    found_members = tuple(members.values())
    if archive.file is not None:
        index = ArchiveIndex({member.path: member.load for member in found_members})
        texts = (ArchiveText(*archive.file.key, member.path, index=index) for member in found_members)
        found_members = tuple(replace(member, load=text) for member, text in zip(found_members, texts, strict=True))
    return Listing(found_members, limited_problems(problems, archive.name), archive.length)


def _take(archive: Archive, one: _Found, members: dict[str, Member], problems: list[Problem]) -> None:
    path, refused = inner_path(one.name)
    name = f"{archive.name}!{path}"
    refused = refused or one.refused or (cleaning.too_large() if one.size > cleaning.MOST_BYTES else "")
    if refused:
        problems.append(Problem(name, f"not read: {refused}"))
        return
    if any(is_hidden(part) for part in path.split("/")):
        return
    if members.pop(path, None):
        problems.append(Problem(name, "several members have this name: the last one counts, as in unpacking"))
    members[path] = Member(path, name, one.load, cleaning.sniff(one.head))


def inner_path(name: str) -> tuple[str, str]:
    """A member's path with "/" between its parts, and why it is refused ("" if it is not).

    A backslash separates, as Windows' own tools write it.
    """
    path = printable(name).replace("\\", "/")
    if len(path) > LONGEST_NAME:
        return path[:64] + "…", f"its name has more than {LONGEST_NAME:,} characters"
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        return path, "its name is an absolute path"
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        return path, "its name leads out of the archive"
    if not parts or re.search(r"[\x00-\x1f\x7f]", path):
        return path, "its name is not a path"
    return "/".join(parts), ""


def _in_tar(archive: Archive, form: Form, work: Work) -> Iterator[_Found]:
    points = Points()
    with closing(_Followed(archive.open(), archive.length, work)) as followed:
        packed = form == "tar.gz"
        file: Readable = Inflated(followed, points, marking=True) if packed else followed
        opened = _inflated(archive, points) if packed else archive.open
        bounds = (most_unfolded(archive.length),) if packed else (archive.length, BROKEN_OFF)
        for member in tar_members(file, *bounds):
            yield _Found(member.name, member.size, member.head, _tar_load(opened, member), member.refused)


def _inflated(archive: Archive, points: Points) -> Callable[[], Readable]:
    return lambda: Inflated(archive.open(), points)


def _tar_load(opened: Callable[[], Readable], member: TarMember) -> Callable[[], bytes]:
    offset, size = member.offset, member.size

    def load() -> bytes:
        try:
            with closing(opened()) as file:
                file.seek(offset)
                body = file.read(size)
        except BrokenOffError as error:
            raise OSError(str(error)) from None
        if len(body) < size:
            raise OSError("the archive breaks off inside it")
        return body

    return load


def _in_zip(archive: Archive, work: Work) -> Iterator[_Found]:
    from meshscope.snapshot.zip import ZipReader  # other sources do not pay for zipfile

    work.step(0, archive.length)
    reader = ZipReader(archive.open, archive.length, MOST_MEMBERS)
    for member in reader.members():
        work.step(min(member.info.header_offset, archive.length), archive.length)
        head, refused = b"", member.refused
        try:
            head = b"" if refused else reader.read(member, cleaning.HEAD, whole=False)
        except OSError as error:
            refused = str(error)
        yield _Found(member.name, member.size, head, partial(reader.read, member, cleaning.MOST_BYTES), refused)


class _Followed:
    """A file that reports how far it is read, and stops when the work is cancelled."""

    def __init__(self, file: Readable, length: int, work: Work) -> None:
        self._file, self._length, self._work = file, length, work
        self._at = 0

    def read(self, size: int, /) -> bytes:
        self._work.step(min(self._at, self._length), self._length)
        data = self._file.read(size)
        self._at += len(data)
        return data

    def seek(self, offset: int, /) -> int:
        self._at = self._file.seek(offset)
        return self._at

    def close(self) -> None:
        self._file.close()


def archive_at(name: str, file: StoredText) -> Archive:
    """An archive in a file. Its reader notices when the file is not the one of this size and time any more."""
    name_of_file, size, time = file.key
    path = Path(str(name_of_file))

    def opened() -> Readable:
        file = path.open("rb")
        now = os.fstat(file.fileno())
        if (now.st_size, now.st_mtime_ns) != (size, time):
            file.close()
            raise OSError("the archive was changed while it was being read")
        return file

    return Archive(name, opened, int(size), file)


class ArchiveIndex:
    """The members of an archive by their paths."""

    def __init__(self, loads: Mapping[str, Callable[[], bytes]]) -> None:
        self.loads = loads


class ArchiveText(StoredText):
    """A member. `key` is that of the archive's file and the member's path.

    In another process the archive is gone through again, once for all of its members.
    """

    def __init__(self, *key: str | int, index: ArchiveIndex | None = None) -> None:
        super().__init__(*key)
        self._index = index

    def __call__(self) -> bytes:
        if self._index is None:
            self._index = _index(self.key[:-1])
        load = self._index.loads.get(str(self.key[-1]))
        if load is None:
            raise OSError("the archive does not hold it")
        return load()


_indexes: WeakValueDictionary[tuple[str | int, ...], ArchiveIndex] = WeakValueDictionary()
"""Those of archives that other processes have opened, as long as a member's text is in use."""
_indexes_lock = Lock()


def _index(file: tuple[str | int, ...]) -> ArchiveIndex:
    with _indexes_lock:
        index = _indexes.get(file)
        if index is None:
            archive = replace(archive_at("", StoredText(*file)), file=None)
            members = read_archive(archive, archive_form(archive), Work()).members
            index = _indexes[file] = ArchiveIndex({member.path: member.load for member in members})
    return index
