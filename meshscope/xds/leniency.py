"""What protobuf's JSON parser forgives, and Envoy's configuration files rely on: one value where a list is expected, and a
duration as `{seconds, nanos}`.

https://github.com/protocolbuffers/protobuf/blob/main/src/google/protobuf/json/internal/parser.cc (legacy syntax)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Raw

_COMPLAINT = re.compile(r"Expected `(?P<wanted>array|str)[^`]*`, got `(?P<got>\w+)` - at `\$(?P<path>.*)`")
_FORGIVEN = {"array": ("object", "str"), "str": ("object",)}
_STEP = re.compile(r"\.(?P<field>\w+)|\[(?P<index>\d+)\]|\[\.\.\.\]")


def forgiven(raw: Raw | bytes, complaint: str) -> bytes | None:
    """The JSON with what the decoder complained about in its proper form; None where that is not forgiven.

    The decoder's path does not tell the values of a map apart, so every one is put right.
    """
    found = _COMPLAINT.fullmatch(complaint)
    if found is None or found["got"] not in _FORGIVEN[found["wanted"]]:
        return None
    steps = [
        match["field"] or (int(match["index"]) if match["index"] else None) for match in _STEP.finditer(found["path"])
    ]
    if not steps or not isinstance(steps[-1], str):
        return None
    change = _listed if found["wanted"] == "array" else _duration
    document = msgspec.json.decode(raw)
    return msgspec.json.encode(document) if _changed(document, steps, change) else None


def _changed(node: Any, steps: list[str | int | None], change: Callable[[Any], Any]) -> bool:
    """Whether something below was put right. None stands for every value of a map."""
    first, rest = steps[0], steps[1:]
    if first is None:
        return bool(sum(_changed(one, rest, change) for one in node.values()))
    if rest:
        return _changed(node[first], rest, change)
    better = change(node[first])
    if better is None:
        return False
    node[first] = better
    return True


def _listed(value: Any) -> Any:
    return None if isinstance(value, list) or value is None else [value]


def _duration(value: Any) -> Any:
    if not isinstance(value, dict) or not value or not value.keys() <= {"seconds", "nanos"}:
        return None
    try:
        seconds, nanos = int(value.get("seconds", 0)), int(value.get("nanos", 0))
    except (TypeError, ValueError):
        return None
    sign = "-" if seconds < 0 or nanos < 0 else ""
    fraction = f".{abs(nanos):09d}".rstrip("0") if nanos else ""
    return f"{sign}{abs(seconds)}{fraction}s"
