"""kubectl's JSONPath templates: `{.items[*].name}`, `{range .items[*]}{.name}{"\\n"}{end}`, text around them.

https://kubernetes.io/docs/reference/kubectl/jsonpath/ — no Python library has this template language. As in `kubectl get`,
a path that leads nowhere gives nothing and is not an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from meshscope.errors import UsageError
from meshscope.render.json_steps import compiled, unquoted

_PIECE = re.compile(r"""\{(?P<code>(?:[^{}"']|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')*)\}|(?P<text>[^{}]+)""")

Escape = Callable[[str], str]
"""How a text of the document is written."""


def filled(template: str, root: Any, escape: Escape = str) -> str:
    """The template with its expressions replaced by their values in `root` (JSON's own types).

    Raises UsageError for a template that cannot be parsed.
    """
    pieces = _pieces(template if "{" in template else "{" + template + "}")
    return "".join(_block(pieces, root, root, escape))


def _pieces(template: str) -> list[tuple[str, str]]:
    """Pairs of a kind (text, literal, range, end, path) and its text or path."""
    pieces, end = [], 0
    for piece in _PIECE.finditer(template):
        if piece.start() != end:
            break
        end = piece.end()
        pieces.append(("text", piece["text"]) if piece["text"] is not None else _expression(piece["code"].strip()))
    if end != len(template):
        raise UsageError(f"jsonpath: cannot read {template[end:]!r}")
    opened = sum(kind == "range" for kind, _ in pieces)
    if opened != sum(kind == "end" for kind, _ in pieces):
        raise UsageError("jsonpath: {range …} without {end}")
    return pieces


def _expression(code: str) -> tuple[str, str]:
    if code[:1] in ('"', "'"):
        return "literal", unquoted(code)
    if code == "end":
        return "end", ""
    word, _, path = code.partition(" ")
    return ("range", path.strip()) if word == "range" else ("path", code)


def _block(pieces: list[tuple[str, str]], root: Any, current: Any, escape: Escape) -> Iterator[str]:
    position = 0
    while position < len(pieces):
        kind, text = pieces[position]
        position += 1
        if kind in ("text", "literal"):
            yield text
        elif kind == "path":
            yield " ".join(_text(value, escape) for value in _values(text, root, current))
        elif kind == "range":
            end = _end_of(pieces, position)
            for item in _values(text, root, current):
                yield from _block(pieces[position:end], root, item, escape)
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


def _values(path: str, root: Any, current: Any) -> list[Any]:
    """The values of a path from the root (`$`), else from the current item, which outside of a range is the root."""
    return compiled(path.removeprefix("$").removeprefix("@"))(root if path.startswith("$") else current)


def _text(value: Any, escape: Escape) -> str:
    return escape(value) if isinstance(value, str) else msgspec.json.encode(value).decode()
