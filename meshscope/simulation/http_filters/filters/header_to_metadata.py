"""`envoy.filters.http.header_to_metadata`: what request headers and cookies say becomes dynamic metadata.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/header_to_metadata_filter
"""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.dynamic_metadata import with_metadata
from meshscope.simulation.headers.inline import CLIENT_CERT, GAP
from meshscope.simulation.http_filters.filter import (
    Configured,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    passed,
)
from meshscope.simulation.matching.cookie import cookies
from meshscope.simulation.matching.regex_rewrite import RegexRewrite
from meshscope.xds.header_mutation import HeaderToMetadata, HeaderToMetadataRule, MetadataValue

NAMESPACE = "envoy.filters.http.header_to_metadata"


def make(entry: FilterEntry, own: Configured, overrides: tuple[Configured, ...]) -> Filter:
    config = (overrides[0] if overrides else own).message
    rules = config.request_rules if isinstance(config, HeaderToMetadata) else ()

    def run(request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        written, doubts = [], []
        for rule in rules:
            value = _found(rule, request)
            told = rule.on_header_missing if value is None else rule.on_header_present
            if told is not None and not told.value and GAP in (value or "") and rule.header.lower() == CLIENT_CERT:
                doubts.append(f"nothing looks at metadata {told.key}: nobody knows what stands for {GAP} in {value!r}")
            if told is not None and (made := _value(told, value or "")) is not None:
                request = with_metadata(request, told.metadata_namespace or NAMESPACE, {told.key: made})
                written.append(told.key)
            if rule.remove and value is not None and rule.header:
                name = rule.header.lower()
                request = replace(request, headers=tuple(pair for pair in request.headers if pair[0] != name))
        because = f"writes metadata {', '.join(written)}" if written else "writes no metadata"
        ways = passed(request, context, entry, because)
        return tuple(replace(way, assuming=tuple(doubts)) for way in ways) if doubts else ways

    return run


def _found(rule: HeaderToMetadataRule, request: HttpRequest) -> str | None:
    if rule.cookie:
        return cookies(request).get(rule.cookie)
    values = request.values(rule.header)
    return ",".join(values) if values else None


def _value(told: MetadataValue, found: str) -> Any:
    """None where nothing is written: an empty text, no number."""
    text = told.value or found
    if told.regex_value_rewrite is not None and not told.value:
        text = RegexRewrite(told.regex_value_rewrite).replace_all(found)
    if told.encode == "BASE64":
        try:
            text = b64decode(text, validate=True).decode("utf-8", "replace")
        except ValueError:
            return None
    if told.type == "NUMBER":
        try:
            return float(text)
        except ValueError:
            return None
    return text or None
