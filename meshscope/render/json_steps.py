"""Paths of kubectl's JSONPath, compiled: fields, `*`, indices, slices, unions, quoted keys, filters, descent `..`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

import msgspec

from meshscope.errors import UsageError
from meshscope.untyped import untyped

Step = Callable[[Any], Iterable[Any]]
"""A value -> the values that one step leads to from it; none where it leads nowhere."""

_QUOTED = r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*\""""
_STEP = re.compile(
    rf"(?P<deep>\.\.)|\.?(?P<field>(?:\\.|[\w@/$-])+)|\.?(?P<star>\*)|\[(?P<inside>(?:{_QUOTED}|\[[^\]]*\]|[^\[\]'\"])*)\]"
)
_PART = re.compile(rf"\s*(?:(?P<quoted>{_QUOTED})|(?P<slice>-?\d*:-?\d*(?::-?\d+)?)|(?P<index>-?\d+))\s*(?:,|$)")
_FILTER = re.compile(r"\?\(\s*@(?P<path>[^=!<>\s]*)\s*(?:(?P<op>==|!=|<=|>=|<|>)\s*(?P<value>.+?)\s*)?\)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}

_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}


@cache
def compiled(path: str) -> Callable[[Any], list[Any]]:
    """A path, without its `$` or `@`, as a function. Raises UsageError for one that cannot be read."""
    steps: list[Step] = []
    position = 0
    while position < len(path) and path[position:] != ".":
        found = _STEP.match(path, position)
        if found is None or found.end() == position:
            raise UsageError(f"jsonpath: cannot read {path[position:]!r}")
        steps.append(_step(found))
        position = found.end()

    def walk(value: Any) -> list[Any]:
        values = [value]
        for step in steps:
            values = [result for value in values for result in step(value)]
        return values

    return walk


def unquoted(text: str) -> str:
    """A text in quotes, either kind, as what it says."""
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text[1:-1], flags=re.DOTALL)


def _step(found: re.Match[str]) -> Step:
    if found["deep"]:
        return _descendants
    if found["star"]:
        return _members
    if found["field"]:
        return _field(found["field"].replace("\\", ""))
    return _bracket(found["inside"].strip())


def _bracket(inside: str) -> Step:
    if inside == "*":
        return _members
    if inside.startswith("?"):
        return _filter(inside)
    steps: list[Step] = []
    position = 0
    while position < len(inside):
        part = _PART.match(inside, position)
        if part is None:
            break
        steps.append(_part(part))
        position = part.end()
    if not steps or position != len(inside) or inside.endswith(","):
        raise UsageError(f"jsonpath: cannot read [{inside}]")
    return lambda value: (result for step in steps for result in step(value))


def _part(part: re.Match[str]) -> Step:
    if part["quoted"]:
        return _key(part["quoted"])
    numbers = [int(text) if text else None for text in (part["slice"] or part["index"]).split(":")]
    if len(numbers) == 3 and numbers[2] == 0:
        raise UsageError(f"jsonpath: [{part['slice']}] goes on by 0")
    if part["slice"]:
        wanted = slice(*numbers)
    else:
        index = int(part["index"])
        wanted = slice(index, index + 1 or None)
    return lambda value: value[wanted] if isinstance(value, list) else ()


def _key(quoted: str) -> Step:
    r"""`['a\.b']` is one key. So is `['a.b']` where it exists; else its dots are those of a path, as in kubectl."""
    literal, path = _field(unquoted(quoted)), compiled("." + quoted[1:-1]) if "." in quoted else None
    return lambda value: tuple(literal(value)) or (path(value) if path else ())


def _field(name: str) -> Step:
    return lambda value: (value[name],) if isinstance(value, dict) and name in value else ()


def _members(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _descendants(value: Any) -> Iterator[Any]:
    """The value itself and everything below it; the field that follows picks."""
    yield value
    for member in _members(value):
        yield from _descendants(member)


def _filter(inside: str) -> Step:
    found = _FILTER.fullmatch(inside)
    if found is None:
        raise UsageError(f"jsonpath: cannot read the filter [{inside}]")
    path = compiled(found["path"])
    if not found["op"]:
        return lambda value: (item for item in _members(value) if path(item))
    compared, wanted = _COMPARED[found["op"]], _literal(found["value"])

    def passes(item: Any) -> bool:
        try:
            return any(compared(value, wanted) for value in path(item))
        except TypeError:  # a number and a text have no order
            return False

    return lambda value: (item for item in _members(value) if passes(item))


def _literal(text: str) -> Any:
    if re.fullmatch(_QUOTED, text, re.DOTALL):
        return unquoted(text)
    try:
        return untyped(text)
    except msgspec.DecodeError:
        raise UsageError(f"jsonpath: cannot read {text!r}; text stands in quotes") from None
