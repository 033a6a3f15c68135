"""A directory as a source: its files in the order of their paths, each read at the first question.

Invariant: nothing outside the directory is opened. Directories behind links are never entered, which also excludes cycles. A
link to a file counts if its target lies inside and was not walked already. Hidden names are left out. The index takes a few
hundred bytes a file, for at most MOST_MEMBERS files.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from meshscope.snapshot import cleaning
from meshscope.snapshot.member import MOST_MEMBERS, Listing, Member, StoredText, is_hidden, limited_problems, printable
from meshscope.snapshot.snapshot import Problem
from meshscope.work import Work


class _Found(Struct, frozen=True):
    """A file or a link; `parts` lead to it from the top."""

    path: str
    parts: tuple[str, ...]
    is_link: bool


def read_directory(top: Path, work: Work) -> Listing:
    """The files below `top`, texts and others, and problems of those that could not be opened."""
    problems: list[Problem] = []
    walked = sorted(_walked(top, problems, work), key=lambda found: found.parts)
    files = _with_links(top, walked, problems)
    base = Path.cwd() / top
    members = []
    for done, found in enumerate(files):
        work.step(done, len(files))
        if member := _member(found, base, problems):
            members.append(member)
    stored = sum(member.load.length for member in members if isinstance(member.load, FileText))
    work.report(len(files), len(files))
    return Listing(tuple(members), limited_problems(problems, printable(str(top))), stored)


def read_file(path: str | Path) -> bytes:
    """A file's bytes, at most MOST_BYTES. Raises OSError with one clear line, without the path."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123  # a path object for each file takes as long as reading it
            length = os.fstat(file.fileno()).st_size or cleaning.MOST_BYTES  # a file of /proc has none
            raw = file.read(min(length, cleaning.MOST_BYTES) + 1)  # a buffer of so many bytes is made at once
    except OSError as error:
        raise OSError(_because(error)) from None
    if len(raw) > cleaning.MOST_BYTES:
        raise OSError(cleaning.too_large())
    return raw


class FileText(StoredText):
    """`key` is an absolute path, the file's size in bytes and its time in nanoseconds."""

    @property
    def length(self) -> int:
        """Bytes."""
        return int(self.key[1])

    def __call__(self) -> bytes:
        return read_file(str(self.key[0]))


def _walked(top: Path, problems: list[Problem], work: Work) -> Iterator[_Found]:
    """Every regular file and every link below `top`; any other entry is a problem."""
    found = 0
    waiting: list[tuple[str, tuple[str, ...]]] = [(str(top), ())]
    while waiting:
        work.step(0, found)
        here, parts = waiting.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError as error:
            problems.append(_problem(here, _because(error)))
            continue
        for entry in entries:
            if is_hidden(entry.name):
                continue
            path = entry.path.removeprefix("./")
            if entry.is_dir(follow_symlinks=False):
                waiting.append((path, (*parts, entry.name)))
            elif not (entry.is_file(follow_symlinks=False) or entry.is_symlink()):
                problems.append(_problem(path, "neither a file nor a directory: not read"))
            elif (found := found + 1) > MOST_MEMBERS:
                problems.append(_problem(top, f"more than {MOST_MEMBERS:,} files: the rest is not read"))
                return
            else:
                yield _Found(path, (*parts, entry.name), entry.is_symlink())


def _with_links(top: Path, walked: list[_Found], problems: list[Problem]) -> list[_Found]:
    """The files, and the links whose target is inside but hidden, as in a mounted ConfigMap (`key -> ..data/key`)."""
    links = [found for found in walked if found.is_link]
    if not links:
        return walked
    root = top.resolve()
    reached = {root.joinpath(*found.parts) for found in walked if not found.is_link}
    followed = set()
    for found in links:
        path = Path(found.path)
        try:
            target = path.resolve(strict=True)
            mode = target.stat().st_mode
        except (OSError, RuntimeError):
            problems.append(_problem(path, "a link that leads nowhere"))
            continue
        if not target.is_relative_to(root):
            problems.append(_problem(path, "a link that leads out of the directory: not followed"))
        elif stat.S_ISREG(mode) and target not in reached:
            reached.add(target)
            followed.add(found.parts)
    return [found for found in walked if not found.is_link or found.parts in followed]


def _member(found: _Found, base: Path, problems: list[Problem]) -> Member | None:
    path = found.path
    try:
        with open(path, "rb") as file:  # noqa: PTH123  # as above
            status = os.fstat(file.fileno())
            head = file.read(cleaning.HEAD)
    except OSError as error:
        problems.append(_problem(path, _because(error)))
        return None
    sniffed = cleaning.sniff(head)
    if status.st_size > cleaning.MOST_BYTES and sniffed.is_text:
        sniffed = cleaning.Sniffed(is_text=False, refused=cleaning.too_large())
    load = FileText(os.path.join(base, *found.parts), status.st_size, status.st_mtime_ns)  # noqa: PTH118  # as above
    return Member(printable("/".join(found.parts)), printable(path), load, sniffed)


def _problem(path: str | Path, message: str) -> Problem:
    return Problem(printable(str(path)), message)


def _because(error: OSError) -> str:
    return error.strerror or str(error)
