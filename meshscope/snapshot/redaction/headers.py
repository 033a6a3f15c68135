"""Headers whose value is a secret, in the shapes in which Envoy, Istio and Kubernetes write them."""

from __future__ import annotations

import re
from typing import Any

from meshscope.snapshot.redaction.sensitive import REDACTED, REDACTED_BASE64, carries_secrets, is_credential

_VALUES = ("value", "raw_value", "rawValue")
_MATCHES = frozenset({
    "exact", "prefix", "suffix", "contains", "regex", "safe_regex", "safeRegex", "string_match", "stringMatch",
    "exact_match", "exactMatch", "prefix_match", "prefixMatch", "suffix_match", "suffixMatch", "contains_match",
    "containsMatch", "safe_regex_match", "safeRegexMatch", "regex_match", "regexMatch",
})  # fmt: skip
_SCHEMES = r"(?i)\b(?:bearer|basic|digest|negotiate|apikey|token)\b"


def redacted_pair(pair: dict[str, Any]) -> dict[str, Any]:
    """`{key: authorization, value: …}` of a header mutation, and `{name: …, string_match: …}` of a header matcher.

    A command operator alone (`%REQ(x)%`) is not a value. The operand of a credential's matcher is a credential, but not a
    scheme alone (`Bearer `), and not a pattern without a literal.
    """
    name = pair.get("name") or pair.get("key") or pair.get("header_name") or pair.get("headerName")
    if not isinstance(name, str):
        return pair
    if carries_secrets(name):
        for key in _VALUES:
            if isinstance(pair.get(key), str) and not re.fullmatch(r"(?:%[^%]+%)?", pair[key]):
                pair = pair | {key: REDACTED if key == "value" else REDACTED_BASE64}
    if is_credential(name) and _MATCHES & pair.keys():
        return redacted_matcher(pair)
    return redacted_condition(pair, name)


def redacted_matcher(matcher: dict[str, Any]) -> dict[str, Any]:
    """A matcher of a credential's header without its operand."""
    new = {key: _operand(value) if key in _MATCHES else value for key, value in matcher.items()}
    return matcher if new == matcher else new


def _operand(value: Any) -> Any:
    if isinstance(value, str):
        return REDACTED if re.search(r"[A-Za-z0-9]", re.sub(_SCHEMES, "", value)) and value != REDACTED else value
    if isinstance(value, dict):
        return {key: _pattern(inner) if key == "regex" else _operand(inner) for key, inner in value.items()}
    return value


def _pattern(value: Any) -> Any:
    """A literal of a regular expression is a run of letters and digits; classes and escapes are short."""
    literal = re.search(r"[A-Za-z0-9_-]{6,}", re.sub(_SCHEMES, "", value)) if isinstance(value, str) else None
    return REDACTED if literal else value


def redacted_condition(condition: dict[str, Any], name: str) -> dict[str, Any]:
    """Istio's `{key: request.headers[x-api-key], values: […]}`."""
    header = re.fullmatch(r"request\.headers\[(.*)\]", name)
    if not header or not is_credential(header[1]):
        return condition
    for key in ("values", "notValues", "not_values"):
        values = condition.get(key)
        if isinstance(values, list) and any(value != REDACTED for value in values):
            condition = condition | {key: [REDACTED if isinstance(value, str) else value for value in values]}
    return condition
