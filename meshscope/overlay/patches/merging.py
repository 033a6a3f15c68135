"""A patch merged into a message as istiod merges it: with protobuf's own rules, on the JSON of both.

Members of lists are appended, entries of maps and messages of any type replaced, other messages merged; what has its zero is
not there and sets nothing. https://protobuf.dev/reference/go/faq/ ,
https://github.com/istio/istio/blob/master/pkg/proto/merge/merge.go
"""

from __future__ import annotations

import re
from typing import Any

from meshscope.envoy.unknown_fields import Merged, known_messages, merged_messages
from meshscope.xds.duration import duration_text

Json = dict[str, Any]
_TYPE = "@type"


class UnmergeableError(Exception):
    """Why it is not known what a merge gives."""


def merged(whole: Json, patch: Json, message: str) -> Json:
    """Both in the spelling of dumps; `message` is the full name of their type. Neither is changed."""
    fields = known_messages().get(message)
    if fields is None:
        raise UnmergeableError(f"how a {message.rpartition('.')[2]} is merged is not modelled")
    rules = merged_messages().get(message, Merged())
    found = dict(whole)
    for name, value in patch.items():
        if name == _TYPE:
            continue
        if name not in fields:
            raise UnmergeableError(f"{message.rpartition('.')[2]} has no field {name}")
        if is_default(value) or value == rules.zeros.get(name, ""):
            found.setdefault(name, value)
            continue
        for others in rules.oneofs:
            if name in others:
                found = {key: kept for key, kept in found.items() if key == name or key not in others}
        found[name] = _value(found.get(name), value, fields[name], name)
    return {name: value for name, value in found.items() if value not in (None, [])}


def _value(own: Any, value: Any, holds: str, name: str) -> Any:
    if isinstance(value, list):
        return [*(own or ()), *value]
    if not isinstance(value, dict) or own is None or _TYPE in value:
        return value
    if holds.startswith("*"):
        return {**own, **value}
    if not holds:
        raise UnmergeableError(f"how {name} is merged is not modelled")
    return merged(own, value, holds)


def merged_filter(whole: Json, patch: Json) -> Json:
    """Of a filter its configuration alone is merged, where both have one of the same type; and its name replaced."""
    own, new = whole.get("typed_config"), patch.get("typed_config")
    if own is None:
        return whole
    name = {"name": patch["name"]} if patch.get("name") else {}
    if new is None:
        return {**whole, **name}
    if own.get(_TYPE) != new.get(_TYPE):
        raise UnmergeableError(f"it merges {_short(new)} into {_short(own)}")
    return {**whole, **name, "typed_config": merged(own, new, str(own.get(_TYPE, "")).rpartition("/")[2])}


def _short(config: Json) -> str:
    return str(config.get(_TYPE, "a configuration without a type")).rpartition(".")[2]


def is_default(value: Any) -> bool:
    """What protobuf does not print, and a merge cannot set."""
    return value in (None, "", 0, [], False) and not isinstance(value, dict)


def alike(one: Any, other: Any) -> bool:
    """Whether two bodies say the same: zeros may be left out, durations and numbers spelt otherwise."""
    if isinstance(one, dict) and isinstance(other, dict):
        return all(alike(one.get(key), other.get(key)) for key in {*one, *other})
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if is_default(one) or is_default(other):
        return is_default(one) and is_default(other)
    if isinstance(one, str) and isinstance(other, str):
        return one == other or duration_text(one) == duration_text(other)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other or (_is_number(one) and _is_number(other) and float(one) == float(other)))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) or (isinstance(value, str) and bool(re.fullmatch(r"-?\d+(\.\d+)?", value)))
