"""Requests that the user saved: a file of JSON lines, which `meshscope trace --requests` reads too. No widget in it."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from msgspec import Struct

from meshscope.bounded_file import bounded_bytes
from meshscope.errors import UsageError
from meshscope.listing.column import Column
from meshscope.listing.row import Row
from meshscope.listing.row_id import row_ids
from meshscope.listing.rows import Rows
from meshscope.simulation.request import Request
from meshscope.tui.tracing.request_line import line_of

FILE = "meshscope/requests.jsonl"
_LONGEST = 16 << 20
"""Bytes of all saved requests: some ten thousand long ones."""


class SavedRow(Row, frozen=True, kw_only=True):
    title: str
    line: str


class Saved(Struct, frozen=True):
    """`broken` are the numbers of the lines that are no requests; they stay in the file."""

    requests: tuple[Request, ...] = ()
    broken: tuple[int, ...] = ()


COLUMNS: tuple[Column[SavedRow], ...] = (
    Column("NAME", lambda row: row.title),
    Column("REQUEST", lambda row: row.line),
)


def state_file() -> Path:
    home = os.environ.get("XDG_STATE_HOME")
    return (Path(home) if home else Path.home() / ".local/state") / FILE


def saved(file: Path) -> Saved:
    """Without a file there are none. Raises UsageError where it cannot be read, or is too long for one."""
    try:
        lines = bounded_bytes(file, _LONGEST).split(b"\n")
    except FileNotFoundError:
        return Saved()
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}") from None
    requests, broken = [], []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            requests.append(_decoded(line))
        except (msgspec.DecodeError, UnicodeDecodeError):
            broken.append(number)
    return Saved(tuple(requests), tuple(broken))


def _decoded(line: bytes) -> Request:
    """As `--requests` reads it: a field that is null is not given."""
    given = msgspec.json.decode(line, type=dict[str, object])
    return msgspec.convert({name: value for name, value in given.items() if value is not None}, Request, strict=False)


def save(file: Path, name: str, request: Request) -> None:
    """Adds a line to the file; nothing in it is rewritten. Raises UsageError."""
    line = msgspec.json.encode(msgspec.structs.replace(request, id=name))
    given = {key: value for key, value in msgspec.json.decode(line).items() if value not in (None, "", [], {})}
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b") as stream:
            size = stream.seek(0, os.SEEK_END)
            start = b""
            if size:
                stream.seek(size - 1)
                start = b"" if stream.read(1) == b"\n" else b"\n"
            stream.write(start + msgspec.json.encode(given) + b"\n")
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror or error}") from None


def latest(requests: tuple[Request, ...]) -> tuple[Request, ...]:
    """Of the requests of one name the last, in the order of their names' first use."""
    return tuple({str(request.id or line_of(request)): request for request in requests}.values())


def rows(requests: tuple[Request, ...]) -> Rows[SavedRow]:
    found = tuple(SavedRow(title=str(each.id or ""), line=line_of(each)) for each in requests)
    return Rows(found, row_ids(("", "requests", row.title) for row in found), COLUMNS)


def why_broken(file: Path, broken: tuple[int, ...]) -> str:
    """One line about what could not be read; "" for nothing."""
    if not broken:
        return ""
    if len(broken) == 1:
        return f"{file}: line {broken[0]} is no request; it stays in the file"
    return f"{file}: line {broken[0]} and {len(broken) - 1} more are no requests; they stay in the file"
