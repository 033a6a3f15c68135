"""kubectl's JSONPath templates: `{.items[*].name}`, `{range .items[*]}{.name}{"\\n"}{end}`, text around them.

https://kubernetes.io/docs/reference/kubectl/jsonpath/ — no Python library speaks this template language. As in
`kubectl get`, what a path does not find is nothing, not an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from meshscope.errors import UsageError
from meshscope.render.json_steps import compiled, unquoted

_PIECE = re.compile(r"""\{(?P<code>(?:[^{}"']|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')*)\}|(?P<text>[^{}]+)""")

Shown = Callable[[str], str]


def filled(template: str, root: Any, shown: Shown = str) -> str:
    """The template with its expressions replaced by what they find in `root` (JSON's own types); `shown` is asked how a
    text that was found is written. Raises UsageError for a template that cannot be read."""
    pieces = _pieces(template if "{" in template else "{" + template + "}")
    return "".join(_block(pieces, root, root, shown))


def _pieces(template: str) -> list[tuple[str, str]]:
    """Pairs of a kind (text, literal, range, end, path) and what belongs to it."""
    pieces, end = [], 0
    for found in _PIECE.finditer(template):
        if found.start() != end:
            break
        end = found.end()
        pieces.append(("text", found["text"]) if found["text"] is not None else _expression(found["code"].strip()))
    if end != len(template):
        raise UsageError(f"jsonpath: cannot read {template[end:]!r}")
    opened = sum(kind == "range" for kind, _ in pieces)
    if opened != sum(kind == "end" for kind, _ in pieces):
        raise UsageError("jsonpath: every {range …} needs its {end}")
    return pieces


def _expression(code: str) -> tuple[str, str]:
    if code[:1] in ('"', "'"):
        return "literal", unquoted(code)
    if code == "end":
        return "end", ""
    word, _, path = code.partition(" ")
    return ("range", path.strip()) if word == "range" else ("path", code)


def _block(pieces: list[tuple[str, str]], root: Any, current: Any, shown: Shown) -> Iterator[str]:
    position = 0
    while position < len(pieces):
        kind, text = pieces[position]
        position += 1
        if kind in ("text", "literal"):
            yield text
        elif kind == "path":
            yield " ".join(_written(value, shown) for value in _found(text, root, current))
        elif kind == "range":
            end = _end_of(pieces, position)
            for item in _found(text, root, current):
                yield from _block(pieces[position:end], root, item, shown)
            position = end + 1
        else:
            raise UsageError("jsonpath: {end} without {range …}")


def _end_of(pieces: list[tuple[str, str]], start: int) -> int:
    depth = 1
    for position in range(start, len(pieces)):
        depth += {"range": 1, "end": -1}.get(pieces[position][0], 0)
        if depth == 0:
            return position
    raise UsageError("jsonpath: {range …} without {end}")


def _found(path: str, root: Any, current: Any) -> list[Any]:
    """From the root where the path says `$`, else from the current item, which at the top is the root."""
    return compiled(path.removeprefix("$").removeprefix("@"))(root if path.startswith("$") else current)


def _written(value: Any, shown: Shown) -> str:
    return shown(value) if isinstance(value, str) else msgspec.json.encode(value).decode()
