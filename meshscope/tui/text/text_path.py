"""The field on a line of a text: its key, its path, its value. No widget in it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from meshscope.path import Path
from meshscope.tui.text.folds import parent

_QUOTED = re.compile(r'("(?:[^"\\]|\\.)*+"):(?: |$)')
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def key_of(line: str) -> str | None:
    """The key that a line of YAML or JSON sets, None for a line without one."""
    body = line.lstrip(" ")
    body = body[2 * _dashes(body) :]
    if body.startswith('"'):
        quoted = _QUOTED.match(body)
        return _unquoted(quoted[1]) if quoted else None
    if body.startswith(("{", "[")):
        return None
    key, colon, _ = body.partition(": ")
    if colon:
        return key
    return body[:-1] if body.endswith(":") else None


def _unquoted(key: str) -> str:
    try:
        return str(json.loads(key))
    except ValueError:
        return key


def path_at(lines: Sequence[str], depths: bytes, line: int) -> Path | None:
    """The path to the field on a line, from the top of a text as `object_view` writes YAML and JSON.

    A closing bracket has that of its block, a line inside a text of several lines None.
    """
    if not line < len(depths):
        return None
    chain = [line]
    while (above := parent(depths, chain[-1])) is not None:
        chain.append(above)
    chain.reverse()
    found: list[str | int] = []
    for place, number in enumerate(chain):
        steps = _steps(lines, depths, number, chain[place - 1] if place else None)
        if steps is None:
            return None
        is_last = place + 1 == len(chain)
        found += steps if is_last else steps[: depths[chain[place + 1]] - depths[number]]
    return tuple(found)


def _steps(lines: Sequence[str], depths: bytes, number: int, above: int | None) -> list[str | int] | None:
    """What a line adds to a path: the indices of its dashes, or its own in a list of JSON, and its key."""
    body = lines[number].lstrip(" ")
    if body.startswith(("}", "]")) or (number == 0 and body in ("{", "[")):
        return []
    dashes = _dashes(body)
    key = key_of(body)
    steps: list[str | int] = []
    if dashes:
        steps = [_index(lines, depths, number, above), *([0] * (dashes - 1))]
    elif key is None and above is not None and lines[above].endswith("["):
        steps = [_index(lines, depths, number, above)]
    elif key is None:
        return None
    return steps if key is None else [*steps, key]


def _index(lines: Sequence[str], depths: bytes, number: int, above: int | None) -> int:
    """How many items are before one in its list: the lines that are as deep, and an item on the line above them all."""
    first = 0 if above is None else above + 1
    depth = depths[number : number + 1]
    before = depths.count(depth, first, number)
    if above is not None:
        is_inside = _dashes(lines[above].lstrip(" ")) > depths[number] - depths[above]
        before += is_inside
    return before


def _dashes(body: str) -> int:
    dashes = 0
    while body[2 * dashes : 2 * dashes + 2] in ("- ", "-"):
        dashes += 1
    return dashes


def value_at(value: Any, path: Path) -> Any:
    """Raises LookupError where the path leads nowhere."""
    for part in path:
        members: Any = value if isinstance(value, dict if isinstance(part, str) else list) else {}
        value = members[part]
    return value


def value_text(value: Any) -> str:
    """A text as it is, anything else as JSON on one line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def query_of(path: Path) -> str:
    """For jq and for `kubectl -o jsonpath`: `.spec.http[0].name`; keys with other characters are spelled for jq alone."""
    parts = []
    for part in path:
        if isinstance(part, int):
            parts.append(f"[{part}]")
        elif _NAME.fullmatch(part):
            parts.append(f".{part}")
        else:
            parts.append(f"[{json.dumps(part, ensure_ascii=True)}]")
    text = "".join(parts)
    return text if text.startswith(".") else f".{text}"
