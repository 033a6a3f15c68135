"""A text in the user's own pager or editor: which program, and which file it is given. No shell is involved."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from meshscope.errors import UsageError
from meshscope.location import Location

PAGER, EDITOR = "PAGER", "EDITOR"
_OTHERWISE = {PAGER: ("less", "more"), EDITOR: ("vi", "nano")}
_LINE_APART = frozenset({"code", "codium", "subl", "zed"})
"""Editors that take the line behind the file's name, and not as `+LINE`."""


class OwnFile(Struct, frozen=True):
    """A file of the user's source, and the line of an object in it."""

    path: Path
    line: int


def own_file(location: Location | None, sources: Iterable[str]) -> OwnFile | None:
    """The file that a location is in, where it is a plain file of a source and still has the text that was read.

    None for a member of an archive, a live source, a name that leads outside the sources, and a document of one line,
    where no line leads to the object.
    """
    if location is None:
        return None
    place = location.place()
    if place.line is None or (place.line == 1 and (place.column or 1) > 1):
        return None
    try:
        path = Path(location.document.name).resolve()
        roots = [Path(source).resolve() for source in sources]
        is_own = path.is_file() and any(path.is_relative_to(root) for root in roots)
        if not is_own or path.stat().st_size != len(location.document.body):
            return None
        has_same_text = path.read_bytes() == location.document.body
    except (OSError, ValueError):
        return None
    return OwnFile(path, place.line) if has_same_text else None


def program(which: str, environment: Mapping[str, str]) -> list[str]:
    """The words of `$PAGER` or `$EDITOR`, else a common program. Raises UsageError where there is none."""
    given = environment.get(which, "")
    try:
        words = shlex.split(given)
    except ValueError:
        raise UsageError(f"${which} has a quotation mark that is not closed: {given}") from None
    if not words:
        words = [next((name for name in _OTHERWISE[which] if shutil.which(name)), _OTHERWISE[which][0])]
    if shutil.which(words[0]) is None:
        raise UsageError(f"there is no program {words[0]}; set ${which} to one")
    return words


def arguments(words: list[str], file: Path, line: int) -> list[str]:
    """The command that opens a file at a line."""
    name = Path(words[0]).name
    if name in _LINE_APART:
        goto = ["--goto"] if name in ("code", "codium") else []
        return [*words, *goto, f"{file}:{line}"]
    return [*words, f"+{line}", str(file)]


@contextmanager
def private_copy(lines: Sequence[str]) -> Iterator[Path]:
    """A file for the user's eyes that is gone afterwards. Its name has nothing of the object."""
    folder = Path(tempfile.mkdtemp(prefix="meshscope-"))
    file = folder / ("object.json" if lines[0].startswith(("{", "[")) else "object.yaml")
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as out:
            out.writelines(f"{line}\n" for line in lines)
        yield file
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def shown_outside(
    which: str, file: Path, line: int, run: Callable[[list[str]], int], environment: Mapping[str, str]
) -> str:
    """Runs the program until it ends. Returns what went wrong, "" for nothing."""
    try:
        command = arguments(program(which, environment), file, line)
        code = run(command)
    except UsageError as error:
        return str(error)
    except OSError as error:
        return f"{which} did not start: {error.strerror or error}"
    return f"{Path(command[0]).name} ended with {code}" if code else ""
