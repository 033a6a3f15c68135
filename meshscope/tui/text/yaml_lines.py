"""A value as lines of YAML, a million of them in seconds: PyYAML's own emitter takes minutes for a large route table."""

from __future__ import annotations

import json
import re
from typing import Any

from meshscope.render.text import safe
from meshscope.work import UNFOLLOWED, Work

_PLAIN = re.compile(
    r"[A-Za-z_/](?:[\w./@|+=*^$(){}\[\]\\,&!%~'-]|:(?=[^\s:])|(?<=[\w.,)]) (?=[A-Za-z0-9_/.]))*"
    r"|\d+(?:\.\d+){3}(?:[/:_]\d+)?|\d+(?:\.\d+)?(?:ms|s|m|h)",
    re.ASCII,
)
"""Text without quotes: it must not look like another type, a comment or a key. Addresses and durations do not."""
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
_STEP = 20_000


def yaml_lines(value: Any, work: Work = UNFOLLOWED) -> list[str]:
    """Lines of YAML for a value of JSON's types; a tab and a letter beyond ASCII stay. Raises CancelledError."""
    lines: list[str] = []
    _append(lines, value, "", "", work)
    return lines


def _append(lines: list[str], value: Any, pad: str, lead: str, work: Work) -> None:
    """`lead` stands before the first line, `pad` before all others."""
    if isinstance(value, dict) and value:
        for key, member in value.items():
            head = f"{lead}{_scalar(str(key))}:"
            lead = pad
            if isinstance(member, dict) and member:
                lines.append(head)
                _append(lines, member, pad + "  ", pad + "  ", work)
            elif isinstance(member, list) and member:
                lines.append(head)
                _append(lines, member, pad, pad, work)
            else:
                _append_scalar(lines, member, pad + "  ", head + " ")
    elif isinstance(value, list) and value:
        for item in value:
            if len(lines) % _STEP < 20:  # now and then
                work.step(len(lines), len(lines))
            _append(lines, item, pad + "  ", lead + "- ", work)
            lead = pad
    else:
        _append_scalar(lines, value, pad or "  ", lead)


def _append_scalar(lines: list[str], value: Any, pad: str, lead: str) -> None:
    if isinstance(value, str) and "\n" in value and _is_block(value):
        body = value.split("\n")
        ending = "" if body[-1] else "\n"
        lines.append(f"{lead}|{'' if ending else '-'}")
        lines.extend(pad + line if line else "" for line in (body[:-1] if ending else body))
    else:
        lines.append(lead + _scalar(value))


def _is_block(text: str) -> bool:
    """Whether the lines of a text can stand as they are: readable, and with an end that YAML keeps."""
    return (
        text[0] not in " \t\n" and not text.endswith("\n\n") and text.replace("\n", "").replace("\t", "").isprintable()
    )


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
            return value
        return _quoted(value)
    if isinstance(value, float):
        text = repr(value)
        return text.replace("e", ".0e", 1) if "e" in text and "." not in text else text
    if value is None or isinstance(value, (bool, int)):
        return json.dumps(value)
    return "{}" if isinstance(value, dict) else "[]"


def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    return quoted if quoted.isprintable() else safe(quoted)
