"""The text of an object as its document has it, without keys and passwords."""

from __future__ import annotations

from typing import Any

import msgspec

from meshscope.line_numbers import JsonLineNumbers, YamlLineNumbers, first_value_length
from meshscope.location import Location
from meshscope.mesh.redaction import redacted
from meshscope.snapshot.sensitive import LAST_APPLIED, SECRET_DATA, SECRET_KEYS

_OF_SECRETS = SECRET_KEYS | SECRET_DATA | {LAST_APPLIED}
LONGEST_LINE = 2_000
"""Characters of a line of JSON beyond which the text is indented: a dump of one line cannot be read."""


def raw_slice(location: Location, *, is_secret: bool) -> tuple[str, str]:
    """The text at a location and a note about it; the text is "" where it cannot be cut out, and the note says why."""
    body = location.document.body
    if location.document.is_json:
        return _of_json(body, location, is_secret=is_secret)
    text = _of_yaml(body, location)
    if not text:
        return "", f"{location.document.name} does not have this object as text"
    import yaml  # only for manifests in YAML

    try:
        value = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # both are safe loaders
    except (yaml.YAMLError, RecursionError, ValueError):
        return "", "the text cannot be cut out of its document; YAML and JSON show its fields"
    if _without_secrets(value, is_secret=is_secret) != value:
        return "", "the text contains keys or passwords; YAML and JSON show the object without them"
    return text, ""


def _of_json(body: bytes, location: Location, *, is_secret: bool) -> tuple[str, str]:
    path, start = JsonLineNumbers(body).offset(location.path)
    if len(path) != len(location.path):
        return "", f"{location.document.name} does not have this object as text"
    view = memoryview(body)[start:]
    try:
        raw = bytes(view[: first_value_length(view)]).rstrip()
        value = msgspec.json.decode(raw) if _may_have_secrets(raw) else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "", "the text is damaged in its document; YAML and JSON show what could be read"
    shown = _without_secrets(value, is_secret=is_secret)
    if shown != value:
        return msgspec.json.format(
            msgspec.json.encode(shown), indent=2
        ).decode(), "without keys and passwords, indented"
    if max(map(len, raw.split(b"\n"))) > LONGEST_LINE:
        return msgspec.json.format(raw, indent=2).decode("utf-8", "replace"), "indented; the document has longer lines"
    return _without_margin(raw.decode("utf-8", "replace")), ""


def _without_margin(text: str) -> str:
    """Without the margin that all lines but the first have in their document; no value of JSON goes over several lines."""
    last = text.rpartition("\n")[2]
    margin = last[: len(last) - len(last.lstrip(" \t"))] if last.strip() in ("}", "]") else ""
    return text.replace(f"\n{margin}", "\n") if margin else text


def _may_have_secrets(raw: bytes) -> bool:
    """False where no key of a secret is in a text, not even in escapes: a large object need not be decoded."""
    return any(mark in raw for mark in (b"\\u", b"\\/", *(f'"{key}"'.encode() for key in _OF_SECRETS)))


def _without_secrets(value: Any, *, is_secret: bool) -> Any:
    is_object = isinstance(value, dict) and value.get("kind") == "Secret"
    return redacted(value, _OF_SECRETS if is_secret or is_object else SECRET_KEYS)


def _of_yaml(body: bytes, location: Location) -> str:
    """The lines of a block: down to one that is indented less, or to the next member or document."""
    path, line, column = YamlLineNumbers(body).find(location.path)
    if line is None or column is None or len(path) != len(location.path):
        return ""
    indent = column - 1
    is_member = bool(path) and isinstance(path[-1], str)
    first, *others = body.decode("utf-8", "replace").split("\n")[line - 1 :]
    lines = [" " * indent + first[indent:]]
    for each in others:
        text = each.strip()
        if each.startswith(("---", "...")):
            break
        if text and not text.startswith("#"):
            margin = len(each) - len(each.lstrip(" "))
            if margin < indent or (is_member and margin == indent and not text.startswith("-")):
                break
        lines.append(each)
    while lines and not lines[-1].strip():
        lines.pop()
    return "\n".join(each[indent:] for each in lines)
