"""`envoy.filters.http.header_to_metadata`: the values of request headers and cookies become dynamic metadata.

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
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    by_most_specific,
    passes,
)
from meshscope.simulation.matching.cookie import cookies
from meshscope.simulation.matching.regex_rewrite import RegexRewrite
from meshscope.xds.header_mutation import HeaderToMetadata, HeaderToMetadataRule, MetadataValue

NAMESPACE = "envoy.filters.http.header_to_metadata"


def _filter(entry: FilterEntry, config: HeaderToMetadata) -> Filter:
    def run(request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        keys, assumptions = [], []
        for rule in config.request_rules:
            value = _header_or_cookie(rule, request)
            target = rule.on_header_missing if value is None else rule.on_header_present
            if target is not None and not target.value and GAP in (value or "") and rule.header.lower() == CLIENT_CERT:
                assumptions.append(f"nothing depends on metadata {target.key}: the part {GAP} of {value!r} is unknown")
            if target is not None and (metadata := _metadata_value(target, value or "")) is not None:
                request = with_metadata(request, target.metadata_namespace or NAMESPACE, {target.key: metadata})
                keys.append(target.key)
            if rule.remove and value is not None and rule.header:
                name = rule.header.lower()
                request = replace(request, headers=tuple(pair for pair in request.headers if pair[0] != name))
        because = f"writes metadata {', '.join(keys)}" if keys else "writes no metadata"
        outcomes = passes(request, context, entry, because)
        return tuple(replace(one, assuming=tuple(assumptions)) for one in outcomes) if assumptions else outcomes

    return run


def _header_or_cookie(rule: HeaderToMetadataRule, request: HttpRequest) -> str | None:
    if rule.cookie:
        return cookies(request).get(rule.cookie)
    values = request.values(rule.header)
    return ",".join(values) if values else None


def _metadata_value(target: MetadataValue, value: str) -> Any:
    """None where nothing is written: for an empty text, invalid base64, or a text that is not a number."""
    text = target.value or value
    if target.regex_value_rewrite is not None and not target.value:
        text = RegexRewrite(target.regex_value_rewrite).replace_all(value)
    if target.encode == "BASE64":
        try:
            text = b64decode(text, validate=True).decode("utf-8", "replace")
        except ValueError:
            return None
    if target.type == "NUMBER":
        try:
            return float(text)
        except ValueError:
            return None
    return text or None


make = by_most_specific(HeaderToMetadata, "a mapping of headers to metadata", _filter)
