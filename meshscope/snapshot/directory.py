"""A directory as a source: its files in the order of their paths, each read when it is asked for.

Invariant: nothing outside the directory is opened. Directories behind links are never entered (so there are no cycles),
a link to a file counts only where its target lies inside and was not walked already. Hidden names are left out. The
index holds a few hundred bytes per file, at most MOST_MEMBERS of them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from meshscope.snapshot import cleaning
from meshscope.snapshot.member import MOST_MEMBERS, Listing, Member, Watch, is_hidden, printable, shortened
from meshscope.snapshot.snapshot import Problem


def read_directory(top: Path, watch: Watch) -> Listing:
    """The files below `top`, texts and others, and what could not be looked at."""
    problems: list[Problem] = []
    walked = sorted(_walked(top, problems, watch), key=lambda path: path.relative_to(top).parts)
    files = _with_links(top, walked, problems)
    members = []
    for done, path in enumerate(files):
        watch.told(done, len(files))
        if member := _member(top, path, problems):
            members.append(member)
    watch.told(len(files), len(files))
    return Listing(tuple(members), shortened(problems, printable(str(top))))


def read_file(path: Path) -> bytes:
    """A file's bytes, at most MOST_BYTES. Raises OSError whose text is one clear line without the path."""
    try:
        with path.open("rb") as file:
            raw = file.read(cleaning.MOST_BYTES + 1)
    except OSError as error:
        raise OSError(_because(error)) from None
    if len(raw) > cleaning.MOST_BYTES:
        raise OSError(cleaning.too_large())
    return raw


def _walked(top: Path, problems: list[Problem], watch: Watch) -> Iterator[Path]:
    """Every regular file and every link below `top`; what can't be either is a problem."""
    found, waiting = 0, [top]
    while waiting:
        watch.told(0, found)
        here = waiting.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError as error:
            problems.append(_problem(here, _because(error)))
            continue
        for entry in entries:
            path = here / entry.name
            if is_hidden(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(path)
            elif not (entry.is_file(follow_symlinks=False) or entry.is_symlink()):
                problems.append(_problem(path, "neither a file nor a directory: not read"))
            elif (found := found + 1) > MOST_MEMBERS:
                problems.append(_problem(top, f"more than {MOST_MEMBERS:,} files: the rest is not read"))
                return
            else:
                yield path


def _with_links(top: Path, walked: list[Path], problems: list[Problem]) -> list[Path]:
    """The files, and the links whose target is inside but hidden, as in a mounted ConfigMap (`key -> ..data/key`)."""
    root = top.resolve()
    files = {path: path for path in walked if not path.is_symlink()}
    reached = {root / path.relative_to(top) for path in files}
    for path in walked:
        if path in files:
            continue
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
            files[path] = target
    return [path for path in walked if path in files]


def _member(top: Path, path: Path, problems: list[Problem]) -> Member | None:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(cleaning.HEAD)
    except OSError as error:
        problems.append(_problem(path, _because(error)))
        return None
    seen = cleaning.look(head)
    if size > cleaning.MOST_BYTES and seen.is_text:
        seen = cleaning.Look(is_text=False, refused=cleaning.too_large())
    return Member(printable(path.relative_to(top).as_posix()), printable(str(path)), lambda: read_file(path), seen)


def _problem(path: Path, message: str) -> Problem:
    return Problem(printable(str(path)), message)


def _because(error: OSError) -> str:
    return error.strerror or str(error)
