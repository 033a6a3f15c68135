"""The effects of accepted tokens on the request: metadata, headers made of claims, and the removal of the token itself.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/jwt_authn/v3/config.proto#extensions-filters-http-jwt-authn-v3-jwtprovider
"""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.dynamic_metadata import with_metadata
from meshscope.simulation.http_filters.jwt.locations import LocatedToken
from meshscope.simulation.http_filters.jwt.token import Token
from meshscope.simulation.http_filters.query import without_parameter
from meshscope.xds.jwt_authn import JwtProvider

METADATA = "envoy.filters.http.jwt_authn"


class AcceptedToken(Struct, frozen=True):
    """A valid token and its provider. `located_token` None: the user states the claims; the request contains no token."""

    provider: JwtProvider
    token: Token
    located_token: LocatedToken | None = None


def without_forged_headers(request: HttpRequest, providers: Iterable[JwtProvider]) -> HttpRequest:
    """The request without the client's values of headers that only the filter sets."""
    names = {one.forward_payload_header.lower() for one in providers}
    names |= {claim.header_name.lower() for one in providers for claim in one.claim_to_headers}
    headers = tuple(pair for pair in request.headers if pair[0] not in names)
    return request if len(headers) == len(request.headers) else replace(request, headers=headers)


def after_token(request: HttpRequest, accepted_token: AcceptedToken) -> HttpRequest:
    """The request after one token was accepted."""
    provider, payload = accepted_token.provider, accepted_token.token.payload
    located_token = accepted_token.located_token
    headers, path = request.headers, request.path
    if provider.forward_payload_header:
        headers = (*headers, (provider.forward_payload_header.lower(), _encoded_payload(accepted_token)))
    for claim in provider.claim_to_headers:
        text = _header_value(_nested_claim(payload, claim.claim_name))
        if text is not None:
            headers = (*headers, (claim.header_name.lower(), text))
    if located_token and not provider.forward:
        headers = tuple(pair for pair in headers if pair[0] != located_token.header)
        path = without_parameter(path, located_token.parameter)
    metadata: dict[str, Any] = {}
    if provider.payload_in_metadata:
        metadata[provider.payload_in_metadata] = _with_split_claims(payload, provider)
    if provider.header_in_metadata:
        metadata[provider.header_in_metadata] = accepted_token.token.header
    return with_metadata(replace(request, headers=headers, path=path), METADATA, metadata)


def _encoded_payload(one: AcceptedToken) -> str:
    """The payload in base64url, as `forward_payload_header` contains it."""
    text = one.token.encoded_payload or urlsafe_b64encode(msgspec.json.encode(one.token.payload)).decode()
    bare = text.rstrip("=")
    return bare + "=" * (-len(bare) % 4) if one.provider.pad_forward_payload_header else bare


def _with_split_claims(payload: dict[str, Any], provider: JwtProvider) -> dict[str, Any]:
    """The payload with the provider's `space_delimited_claims` as lists."""
    claims = provider.normalize_payload_in_metadata.space_delimited_claims
    lists = {name: payload[name].split(" ") for name in claims if isinstance(payload.get(name), str)}
    return {**payload, **lists} if lists else payload


def _nested_claim(payload: dict[str, Any], name: str) -> Any:
    """A claim by its name or its dotted path; None where it does not exist."""
    value: Any = payload
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _header_value(value: Any) -> str | None:
    """Text, numbers and booleans as they are; lists and objects as JSON in base64; None for null."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    if isinstance(value, str):
        return value
    text = msgspec.json.encode(value).replace(b"<", b"\\u003c").replace(b">", b"\\u003e")
    return b64encode(text).decode()
