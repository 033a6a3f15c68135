"""What an object compares or sets, where it names it: a header, a query parameter, a claim.

`{name: x-user, exact_match: …}`, `{key: x-user, value: …}`, `{key: "request.headers[x-user]", values: […]}`, and of a matcher
tree `{input: {typed_config: {header_name: x-user}}, …}`.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from meshscope.redaction.fields import plain
from meshscope.redaction.place import CLAIM, HEADER, QUERY, Place

MATCHES = frozenset({
    "exact", "prefix", "suffix", "contains", "regex", "saferegex", "stringmatch", "exactmatch", "prefixmatch", "suffixmatch",
    "containsmatch", "saferegexmatch", "regexmatch", "rangematch", "presentmatch", "valuematch",
})  # fmt: skip
VALUES = frozenset({"value", "rawvalue", "values", "notvalues"})
VALUE_MAPS = frozenset({"exactmatchmap", "prefixmatchmap"})
"""Members of a matcher tree with a map whose keys are values."""
_NAMES = ("name", "key", "header_name", "headerName")
_CONDITION = re.compile(r"(request\.headers|request\.auth\.claims)(?:\[[^\[\]]*\]){0,16}\[([^\[\]]*)\]")
_INPUTS = {"headername": HEADER, "queryparam": QUERY}


class Subject(NamedTuple):
    kind: str
    name: str


def subject_of(value: dict[str, Any], place: Place) -> Subject | None:
    """None where an object compares nothing, or names: addresses, namespaces, principals."""
    if place.kind or place.is_compared:
        return None
    keys = {plain(key) for key in value}
    if "metadatanamespace" in keys and "key" not in keys:
        return Subject(CLAIM, "")
    if "path" in keys and "value" in keys and isinstance(path := value["path"], list):
        return _of_metadata(path)
    return _of_input(value["input"]) if "input" in keys else _of_named(value, keys, place)


def _of_named(value: dict[str, Any], keys: set[str], place: Place) -> Subject | None:
    name = next((value[key] for key in _NAMES if isinstance(value.get(key), str)), None)
    if name is None or not (keys & MATCHES or keys & VALUES) or name.endswith(".version_text"):
        return None
    if match := _CONDITION.fullmatch(name):
        return Subject(HEADER if match[1].endswith("headers") else CLAIM, match[2])
    if keys & {"values", "notvalues"}:
        return None
    return Subject(QUERY if place.key.startswith("query") else HEADER, name)


def _of_metadata(path: list[Any]) -> Subject | None:
    """A matcher of dynamic metadata; Istio 1.4 has identities there."""
    last = path[-1].get("key", "") if path and isinstance(path[-1], dict) else ""
    name = last if isinstance(last, str) else ""
    return None if name.startswith("source.") else Subject(CLAIM, name)


def _of_input(value: Any) -> Subject | None:
    config = value.get("typed_config", value.get("typedConfig")) if isinstance(value, dict) else None
    for key, name in config.items() if isinstance(config, dict) else ():
        if plain(key) in _INPUTS and isinstance(name, str):
            return Subject(_INPUTS[plain(key)], name)
    return None
