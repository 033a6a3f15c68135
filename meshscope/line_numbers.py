"""Line and column of a path in a text.

JSON is scanned level by level, and values are skipped in C; YAML has the composer's marks. A path in canonical (snake_case)
spelling is followed in a camelCase text too, and ends at the deepest member that the text has.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import cached_property
from itertools import count

import msgspec
from msgspec import Raw

from meshscope.path import Path, camel


class LineNumbers:
    """The places of paths in one text. `skipped_lines` of the user's file stand before the text.

    Not safe to use from several threads at once: what is read is kept. `Document.place` holds a lock.
    """

    def __init__(self, body: bytes, skipped_lines: int = 0) -> None:
        self._body = body
        self._skipped_lines = skipped_lines

    def find(self, path: Path) -> tuple[Path, int | None, int | None]:
        """The path as the text spells it, its line and its column, both counted from 1.

        A path that leads nowhere ends at its deepest member that is there; without any, line and column are None.
        """
        raise NotImplementedError


def spellings(key: str | int) -> tuple[str | int, ...]:
    """How a text may spell a key: as given, in protobuf's JSON, or with the capital of old Pilots (`Spec`)."""
    return (key,) if isinstance(key, int) else (key, camel(key) or key, key.capitalize())


_WHOLE = msgspec.json.Decoder(Raw)
_STRING = msgspec.json.Decoder(str)
_GAP = re.compile(rb"[\s,]*")
_KEY = re.compile(rb'("(?:[^"\\]++|\\.)*+")\s*:\s*', re.DOTALL)
_KEPT_LEVELS = 20_000
_STEP = 1 << 20
"""Bytes that are looked at in one go: a thread that waits gets its turn in between."""
_WRONG = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class JsonLineNumbers(LineNumbers):
    """Offsets, level by level. A level is read up to the member in question, so that a resource costs no more than the text
    before it.

    Levels are kept: a neighbour needs no second scan. Of equal keys the first counts.
    """

    def __init__(self, body: bytes, skipped_lines: int = 0) -> None:
        super().__init__(body, skipped_lines)
        self._levels: dict[Path, _Level] = {}
        self._last = (0, 1, 1)

    def find(self, path: Path) -> tuple[Path, int | None, int | None]:
        reached, at = self.offset(path)
        return reached, *self._line_and_column(at)

    def offset(self, path: Path) -> tuple[Path, int]:
        """The path as the text spells it, as far as it leads, and the byte at which its value begins."""
        reached: Path = ()
        at = _GAP.match(self._body).end()  # type: ignore[union-attr]  # it matches nothing, too
        for key in path:
            level = self._level(reached, at, key)
            name = next((name for name in spellings(key) if level.has(name)), None)
            if name is None:
                break
            at = level.offsets[name]
            reached = (*reached, name)
        return reached, at

    def _level(self, path: Path, at: int, key: str | int) -> _Level:
        level = self._levels.get(path)
        if level is None:
            if len(self._levels) >= _KEPT_LEVELS:
                self._levels.clear()
            is_top = not path and isinstance(key, int)
            members = self._top_members(at) if is_top else _json_members(self._body, at)
            level = self._levels[path] = _Level(members)
        return level

    def _top_members(self, at: int) -> Iterator[tuple[str | int, int]]:
        """Items of an array, or of several values one after another, which a path's first part counts."""
        body = self._body
        try:
            several = first_value_length(memoryview(body)[at:]) < len(body.rstrip()) - at
        except _WRONG:
            several = False  # the text breaks off; members before the break keep their places
        yield from enumerate(start for start, _ in json_values(body)) if several else _json_members(body, at)

    def _line_and_column(self, at: int) -> tuple[int, int]:
        """Counted from the place before: a dump of one line is not read again for each of its resources."""
        body = self._body
        offset, line, column = self._last if at >= self._last[0] else (0, 1, 1)
        if newlines := sum(body.count(b"\n", start, min(start + _STEP, at)) for start in range(offset, at, _STEP)):
            line, column, offset = line + newlines, 1, body.rfind(b"\n", offset, at) + 1
        text = codecs.getincrementaldecoder("utf-8")("replace")
        column += sum(len(text.decode(body[start : min(start + _STEP, at)])) for start in range(offset, at, _STEP))
        column += len(text.decode(b"", final=True))
        self._last = (at, line, column)
        return line + self._skipped_lines, column


class _Level:
    """The members of one object or array that were read so far."""

    def __init__(self, members: Iterator[tuple[str | int, int]]) -> None:
        self.offsets: dict[str | int, int] = {}
        self._members = members

    def has(self, key: str | int) -> bool:
        """Reads up to the key; without it, to the end of the level or to the first fault of the text."""
        if key in self.offsets:
            return True
        try:
            for name, offset in self._members:
                self.offsets.setdefault(name, offset)
                if name == key:
                    return True
        except _WRONG:
            self._members = iter(())
        return False


def _json_members(body: bytes, at: int) -> Iterator[tuple[str | int, int]]:
    """Keys or indices of the value at an offset, each with the offset of its member.

    Raises one of _WRONG at a fault of the text; the members before it have been given by then.
    """
    view, opener, position = memoryview(body), body[at : at + 1], at + 1
    for index in count() if opener in (b"[", b"{") else ():
        position = _GAP.match(body, position).end()  # type: ignore[union-attr]  # it matches nothing, too
        key: str | int = index
        if body[position : position + 1] in (b"]", b"}", b""):
            return
        if opener == b"{":
            quoted = _KEY.match(body, position)
            if quoted is None:
                return
            key, position = _STRING.decode(quoted[1]), quoted.end()
        yield key, position
        position += first_value_length(view[position:])


def json_items(body: memoryview, name: str) -> list[memoryview] | None:
    """The items of the array that a JSON object has under a name, [] without one; None where it is no array, and for a text
    that is no object or is damaged.

    It takes longer than decoding the object, and no step of it longer than an item or another member takes.
    """
    found: list[memoryview] = []
    try:
        opener, position = _after_gap(body, 0)
        if opener != b"{":
            return None
        next_, position = _after_gap(body, position + 1)
        while next_ != b"}":
            quoted = _KEY.match(body, position)
            if quoted is None:
                return None
            position = quoted.end()
            if _STRING.decode(quoted[1]) == name:
                if bytes(body[position : position + 1]) != b"[":
                    return None
                found, position = _items(body, position)
            else:
                position += first_value_length(body[position:])
            next_, position = _after_gap(body, position)
    except _WRONG:
        return None
    return found


def _items(body: memoryview, at: int) -> tuple[list[memoryview], int]:
    """The items of an array, and the offset behind it."""
    found = []
    next_, position = _after_gap(body, at + 1)
    while next_ != b"]":
        end = position + first_value_length(body[position:])
        found.append(body[position:end])
        next_, position = _after_gap(body, end)
    return found, position + 1


def _after_gap(body: memoryview, position: int) -> tuple[bytes, int]:
    """What comes after blanks and commas, and where."""
    position = _GAP.match(body, position).end()  # type: ignore[union-attr]  # it matches nothing, too
    return bytes(body[position : position + 1]), position


def json_values(body: bytes) -> Iterator[tuple[int, Raw]]:
    """The JSON values of a text that holds several one after another, each with its offset.

    Raises msgspec.DecodeError where the text is not JSON. `kubectl get -o json` piped together looks like that.
    """
    position = len(body) - len(body.lstrip())
    view = memoryview(body)
    while position < len(body):
        length = first_value_length(view[position:])
        yield position, Raw(view[position : position + length])
        position += length
        while body[position : position + 1].isspace():
            position += 1


def first_value_length(text: memoryview) -> int:
    """Bytes of the JSON value at the start of a text. Raises msgspec.DecodeError where the text starts with none."""
    try:
        _WHOLE.decode(text)
    except msgspec.DecodeError as error:
        # msgspec names the byte, counted from 1, at which another text begins
        more = re.search(r"trailing characters \(byte (\d+)\)", str(error))
        if not more:
            raise
        return int(more[1]) - 1
    return len(text)


class YamlLineNumbers(LineNumbers):
    """The composer's nodes with their marks; composed at the first question."""

    @cached_property
    def _documents(self) -> list[object]:
        import yaml  # only texts in YAML pay for it

        try:
            loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
            nodes = yaml.compose_all(self._body, loader)
            return [node for node in nodes if node is not None and not node.tag.endswith(":null")]
        except (yaml.YAMLError, RecursionError, ValueError):
            return []

    def find(self, path: Path) -> tuple[Path, int | None, int | None]:
        roots = self._documents
        node: object = roots[0] if len(roots) == 1 else None
        reached: Path = ()
        if node is None:
            if not roots:
                return (), None, None
            if path and isinstance(path[0], int) and path[0] < len(roots):
                node, reached, path = roots[path[0]], path[:1], path[1:]
            else:
                node = roots[0]
        mark = node
        for key in path:
            members = _yaml_members(node)
            name = next((name for name in spellings(key) if name in members), None)
            if name is None:
                break
            mark, node = members[name]
            reached = (*reached, name)
        start = mark.start_mark  # type: ignore[attr-defined]  # a yaml.Node; yaml is not imported here
        return reached, start.line + 1 + self._skipped_lines, start.column + 1


def _yaml_members(node: object) -> dict[str | int, tuple[object, object]]:
    """Members by key or index: the node that marks the member's line, and the member itself."""
    value = getattr(node, "value", None)
    if not isinstance(value, list):
        return {}
    if getattr(node, "id", "") == "mapping":
        return {key.value: (key, member) for key, member in value if isinstance(key.value, str)}
    return {index: (member, member) for index, member in enumerate(value)}
