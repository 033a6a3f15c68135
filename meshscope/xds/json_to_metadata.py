"""Dynamic metadata from JSON bodies.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/json_to_metadata/v3/json_to_metadata.proto
"""

from __future__ import annotations

from typing import Any

from meshscope.xds.matcher import RegexMatcher
from meshscope.xds.message import Message


class JsonValue(Message, frozen=True):
    """`value` None: what the body has. `type` is PROTOBUF_VALUE, NUMBER or STRING."""

    metadata_namespace: str = ""
    key: str = ""
    value: Any = None
    type: str = "PROTOBUF_VALUE"
    preserve_existing_metadata_value: bool = False


class JsonRule(Message, frozen=True):
    on_present: JsonValue | None = None
    on_missing: JsonValue | None = None
    on_error: JsonValue | None = None


class JsonRules(Message, frozen=True):
    rules: tuple[JsonRule, ...] = ()
    allow_content_types: tuple[str, ...] = ()
    allow_content_types_regex: RegexMatcher | None = None
    allow_empty_content_type: bool = False


class JsonToMetadata(Message, frozen=True):
    request_rules: JsonRules | None = None
