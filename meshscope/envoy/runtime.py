"""Envoy's `/runtime`: the values in effect by key, all layers together.

Envoy writes each value as text; a struct (a fraction) as protobuf's debug text, of which the fraction's two fields are read.
https://www.envoyproxy.io/docs/envoy/latest/operations/admin#get--runtime
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Raw

from meshscope.location import Location
from meshscope.path import path_text
from meshscope.snapshot.snapshot import Problem
from meshscope.xds.message import Message, Undecodable, decode

_FIELD = r'key: "(\w+)"\s*value\s*\{\s*(?:number|string)_value: "?([^\s"}]+)"?\s*\}'
Value = bool | int | float | str | Mapping[str, int | str]
"""As in a bootstrap's static layer: a fraction is a mapping of its numerator and denominator."""


class _Entry(Message, frozen=True):
    final_value: str = ""


class _Answer(Message, frozen=True):
    entries: dict[str, Raw] = {}


def runtime(value: Raw, location: Location) -> tuple[Mapping[str, Value], tuple[Problem, ...]] | None:
    """Values by key; no layer sets a key that is missing. None for another kind of answer."""
    answer = decode(value, _Answer)
    if isinstance(answer, Undecodable):
        return None
    values: dict[str, Value] = {}
    problems: list[Problem] = []
    for key, raw in answer.entries.items():
        entry = decode(raw, _Entry)
        if isinstance(entry, Undecodable):
            path = path_text((*location.path, "entries", key))
            problems.append(Problem(location.document.name, f"{path}: {entry.why}"))
        else:
            values[key] = _value(entry.final_value)
    return MappingProxyType(values), tuple(problems)


def _value(text: str) -> Value:
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"-?\d{1,19}", text, re.ASCII):
        return int(text)
    if re.fullmatch(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?", text, re.ASCII):
        return float(text)
    fields = re.findall(_FIELD, text) if "fields" in text else []
    return {key: _number(field) for key, field in fields} if fields else text


def _number(text: str) -> int | str:
    return int(float(text)) if re.fullmatch(r"\d[\d.e+]*", text, re.ASCII) else text
