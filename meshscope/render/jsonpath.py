"""kubectl's JSONPath templates: `{.items[*].name}`, `{range .items[*]}{.name}{"\\n"}{end}`, filters `[?(@.port==80)]`.

https://kubernetes.io/docs/reference/kubectl/jsonpath/ — fields, `*`, indices, slices, quoted keys, filters with one
comparison, recursive descent `..`, literals, range/end. No Python library speaks this template language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from meshscope.errors import UsageError

_STEP = re.compile(
    r"""\.\.(?P<deep>[\w-]+)|\.(?P<field>(?:\\.|[\w@/$-])+|\*)|\[(?P<star>\*)\]|\[(?P<index>-?\d+)\]"""
    r"""|\[(?P<slice>-?\d*:-?\d*)\]|\[(?P<q>['"])(?P<key>.*?)(?P=q)\]|\[\?\((?P<filter>.*?)\)\]"""
)
_FILTER = re.compile(r"""@(?P<path>[^=!<>\s]*)\s*(?:(?P<op>==|!=|<=|>=|<|>)\s*(?P<value>.+?)\s*)?""")
_PIECE = re.compile(r"\{(?P<code>(?:[^{}\"']|\"(?:\\.|[^\"])*\"|'[^']*')*)\}|(?P<text>[^{}]+)")

_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


def filled(template: str, root: Any) -> str:
    """The template with its expressions replaced by what they find. Raises UsageError for one that cannot be read."""
    text = template if "{" in template else "{" + template + "}"
    pieces = _pieces(text)
    return "".join(_block(pieces, root, root))


def _pieces(template: str) -> list[tuple[str, str]]:
    pieces, end = [], 0
    for found in _PIECE.finditer(template):
        if found.start() != end:
            break
        end = found.end()
        pieces.append(("text", found["text"]) if found["text"] is not None else ("code", found["code"].strip()))
    if end != len(template):
        raise UsageError(f"jsonpath: cannot read {template[end:]!r}")
    return pieces


def _block(pieces: list[tuple[str, str]], root: Any, current: Any) -> Iterator[str]:
    position = 0
    while position < len(pieces):
        kind, text = pieces[position]
        position += 1
        if kind == "text":
            yield text
        elif text.startswith("range "):
            end = _end_of(pieces, position)
            for item in found_by(text[6:].strip(), root, current):
                yield from _block(pieces[position:end], root, item)
            position = end + 1
        elif text[:1] in "\"'":
            yield _literal(text)
        elif text != "end":
            yield " ".join(_shown(value) for value in found_by(text, root, current))


def _end_of(pieces: list[tuple[str, str]], start: int) -> int:
    depth = 1
    for position in range(start, len(pieces)):
        code = pieces[position][1] if pieces[position][0] == "code" else ""
        depth += code.startswith("range ") - (code == "end")
        if depth == 0:
            return position
    raise UsageError("jsonpath: {range …} without {end}")


def _literal(text: str) -> str:
    try:
        return msgspec.json.decode(text, type=str) if text[0] == '"' else text[1:-1]
    except msgspec.DecodeError:
        raise UsageError(f"jsonpath: cannot read {text}") from None


def found_by(path: str, root: Any, current: Any) -> list[Any]:
    """The values that a path leads to, from the root (`$`, or a path at the top) or from the current item (`@`)."""
    values = [root if path.startswith("$") else current]
    rest = path.removeprefix("$").removeprefix("@")
    if rest and rest[0] not in ".[":
        rest = "." + rest
    position = 0
    while position < len(rest):
        step = _STEP.match(rest, position)
        if step is None:
            if rest[position:] in (".", ""):
                break
            raise UsageError(f"jsonpath: cannot read {rest[position:]!r}")
        values = [result for value in values for result in _step(step, value, root)]
        position = step.end()
    return values


def _step(step: re.Match[str], value: Any, root: Any) -> Iterator[Any]:
    key = step["key"] if step["key"] is not None else step["field"]
    if step["deep"]:
        yield from _deep(value, step["deep"])
    elif step["star"] or key == "*":
        yield from value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    elif key is not None:
        name = key.replace("\\.", ".")
        if isinstance(value, dict) and name in value:
            yield value[name]
    elif isinstance(value, list):
        yield from _of_list(step, value, root)


def _of_list(step: re.Match[str], value: list[Any], root: Any) -> Iterator[Any]:
    if step["index"]:
        index = int(step["index"])
        yield from value[index : index + 1 or None]
    elif step["slice"]:
        start, _, stop = step["slice"].partition(":")
        yield from value[int(start) if start else None : int(stop) if stop else None]
    elif step["filter"] is not None:
        yield from (item for item in value if _passes(step["filter"], item, root))


def _passes(condition: str, item: Any, root: Any) -> bool:
    parsed = _FILTER.fullmatch(condition.strip())
    if parsed is None:
        raise UsageError(f"jsonpath: cannot read the filter {condition!r}")
    found = found_by("@" + parsed["path"], root, item)
    if not parsed["op"]:
        return bool(found)
    text = parsed["value"]
    try:
        wanted = text[1:-1] if text[:1] == "'" else msgspec.json.decode(text)
        return any(_COMPARED[parsed["op"]](value, wanted) for value in found)
    except TypeError:
        return False
    except msgspec.DecodeError:
        raise UsageError(f"jsonpath: cannot read {text!r}; text stands in quotes") from None


def _deep(value: Any, name: str) -> Iterator[Any]:
    if isinstance(value, dict):
        if name in value:
            yield value[name]
        for member in value.values():
            yield from _deep(member, name)
    elif isinstance(value, list):
        for item in value:
            yield from _deep(item, name)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
