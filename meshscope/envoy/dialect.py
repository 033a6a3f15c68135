"""Other spellings of a resource -> canonical: snake_case fields, v3 terms.

Works on one resource's slice when its body is read. Field names are rewritten; keys that are data (labels, metadata, names of
filters in per-filter configuration, policies, map keys) and free-form content are kept.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import msgspec
from msgspec import Raw

FREE = frozenset({
    "filter_metadata", "static_layer", "json_format", "typed_json_format", "default_subset", "context_extensions",
    "labels", "fixed_value", "runtime_values", "dynamic_parameters",
})  # fmt: skip
"""Fields whose whole content is data, not messages."""

KEYED = frozenset({
    "typed_per_filter_config", "per_filter_config", "typed_filter_metadata", "typed_extension_protocol_options",
    "extension_protocol_options", "policies", "map", "providers", "requirement_map", "named_endpoints",
    "shadow_rules_policies", "descriptors_by_key", "method_options", "properties",
})  # fmt: skip
"""Fields that are maps: the keys are data, the values are messages."""

_DIGITS = {
    "acceptHttp10": "accept_http_10",
    "defaultHostForHttp10": "default_host_for_http_10",
    "consecutive5xx": "consecutive_5xx",
    "enforcingConsecutive5xx": "enforcing_consecutive_5xx",
    "proxy100Continue": "proxy_100_continue",
}
"""camelCase drops the underscore before a digit; these are the fields that have one."""

_OLD = rb"/envoy\.api\.v2\.|/envoy\.[a-z0-9_.]+\.v2(?:alpha\d?)?\.|hidden_envoy_deprecated_|hiddenEnvoyDeprecated"
_CHUNK, _LONGEST = 1 << 20, 256
"""Bytes looked at in one piece, and those that pieces share so that a type's name is in one of them."""
_AT_ONCE = 1 << 20
"""Bytes of a resource that are rewritten in one go."""


def is_old(raw: Raw) -> bool:
    """Whether a body holds messages of API v2, as proxies of Envoy 1.13 to 1.17 mix them with v3."""
    view = memoryview(raw)
    for start in range(0, len(view), _CHUNK):  # a table of 100 MB is not copied whole
        text = bytes(view[start : start + _CHUNK + _LONGEST])
        if (b".v2" in text or b"hidden" in text) and re.search(_OLD, text):  # the pattern alone takes ten times as long
            return True
    return False


_UNTYPED_OLD = (
    rb'"name"\s*:\s*"envoy\.[\w.]+"\s*,\s*"config"\s*:'
    rb'|"hosts"\s*:\s*\[\s*\{\s*"(?:socket_?[aA]ddress|pipe)"'
    rb'|"tls_?[cC]ontext"\s*:\s*\{\s*"(?:common|sni|require|session|allow)'
)


def is_untyped_old(raw: Raw) -> bool:
    """Whether a configuration is of API v2, by fields that v3 has dropped: files of that time have no types."""
    text = bytes(raw)
    return any(key in text for key in (b'"config"', b'"hosts"', b'ontext"')) and bool(re.search(_UNTYPED_OLD, text))


@cache
def snake(key: str) -> str:
    """`typedConfig` -> `typed_config`; a snake_case key is left alone."""
    if key in _DIGITS:
        return _DIGITS[key]
    return key if key.islower() else re.sub(r"(?<!^)([A-Z])", r"_\1", key).lower()


def canonical(raw: Raw, kind: str, *, api_v2: bool) -> bytes:
    """A resource's slice rewritten. One that is not JSON, or nested too deeply, is unchanged: decoding it fails."""
    try:
        if len(memoryview(raw)) > _AT_ONCE and not api_v2 and (pieces := _in_pieces(raw, kind)) is not None:
            return pieces
        body = _message(msgspec.json.decode(raw), kind)
        return msgspec.json.encode(_upgraded(body, kind) if api_v2 else body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return bytes(raw)


def _in_pieces(raw: Raw, kind: str) -> bytes | None:
    """The same for a large object, of which no two items of its lists are decoded in one go: msgspec lets no other thread run
    meanwhile, and somebody may press a key. None where fields have two spellings at once.
    """
    members = msgspec.json.decode(raw, type=dict[str, Raw])
    texts: dict[str, bytes] = {}
    for key, member in members.items():
        text, name = bytes(member), snake(key).removeprefix("hidden_envoy_deprecated_")
        if name in texts:
            return None
        if text == b"null":
            continue
        is_free = name in FREE or _is_keyed(name, kind)
        if text.startswith(b"[") and not is_free:
            items = msgspec.json.decode(member, type=list[Raw])
            texts[name] = b"[%s]" % b",".join(
                msgspec.json.encode(_message(msgspec.json.decode(item), name)) for item in items
            )
        else:
            (found,) = _message({key: msgspec.json.decode(member)}, kind).values()
            texts[name] = msgspec.json.encode(found)
    return b"{%s}" % b",".join(msgspec.json.encode(name) + b":" + text for name, text in texts.items())


def _upgraded(body: Any, kind: str) -> Any:
    from meshscope.envoy import v2  # only for proxies of that time

    return v2.upgraded(body, kind)


def _message(value: Any, field: str) -> Any:
    """A value under `field` of its parent, by which messages and data are distinguished."""
    if isinstance(value, list):
        return [_message(item, field) for item in value]
    if not isinstance(value, dict):
        return value
    if field == "node":
        return {snake(k): v if k == "metadata" else _message(v, snake(k)) for k, v in value.items()}
    rewritten = {}
    for key, member in value.items():
        if member is None:  # protobuf's JSON: null is absent
            continue
        name = snake(key).removeprefix("hidden_envoy_deprecated_")
        if name in FREE or (name == "match" and field == "transport_socket_matches"):
            rewritten[name] = member
        elif _is_keyed(name, field) and isinstance(member, dict):
            rewritten[name] = {k: _message(v, name) for k, v in member.items()}
        else:
            rewritten[name] = _message(member, name)
    return rewritten


def _is_keyed(name: str, parent: str) -> bool:
    """A JWT rule `requires` one message; the filter state rules of that filter require a map of them."""
    return name in KEYED or (name == "requires" and parent == "filter_state_rules")
