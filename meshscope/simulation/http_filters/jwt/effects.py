"""What accepted tokens leave behind: metadata, headers from claims, and the token's own header taken away.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/jwt_authn/v3/config.proto#extensions-filters-http-jwt-authn-v3-jwtprovider
"""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable
from operator import itemgetter
from typing import Any
from urllib.parse import unquote

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.dynamic_metadata import with_metadata
from meshscope.simulation.http_filters.jwt.locations import Found
from meshscope.simulation.http_filters.jwt.token import Token
from meshscope.xds.jwt_authn import JwtProvider

METADATA = "envoy.filters.http.jwt_authn"


class Accepted(Struct, frozen=True):
    """A token that holds, its provider, and where it was (None: the user said so)."""

    provider: JwtProvider
    token: Token
    found: Found | None = None


def before_tokens(request: HttpRequest, providers: Iterable[JwtProvider]) -> HttpRequest:
    """Headers that only the filter may set are not taken from a client."""
    names = {one.forward_payload_header.lower() for one in providers}
    names |= {claim.header_name.lower() for one in providers for claim in one.claim_to_headers}
    kept = tuple(pair for pair in request.headers if pair[0] not in names)
    return request if len(kept) == len(request.headers) else replace(request, headers=kept)


def after_token(request: HttpRequest, accepted: Accepted) -> HttpRequest:
    """The request as it goes on after one token was accepted."""
    provider, payload, found = accepted.provider, accepted.token.payload, accepted.found
    headers, path = request.headers, request.path
    if provider.forward_payload_header:
        headers = (*headers, (provider.forward_payload_header.lower(), _encoded(accepted)))
    for claim in provider.claim_to_headers:
        text = _text(_nested(payload, claim.claim_name))
        if text is not None:
            headers = (*headers, (claim.header_name.lower(), text))
    if found and not provider.forward:
        headers = tuple(pair for pair in headers if pair[0] != found.header)
        path = _without_parameter(path, found.parameter)
    metadata: dict[str, Any] = {}
    if provider.payload_in_metadata:
        metadata[provider.payload_in_metadata] = _split(payload, provider)
    if provider.header_in_metadata:
        metadata[provider.header_in_metadata] = accepted.token.header
    return with_metadata(replace(request, headers=headers, path=path), METADATA, metadata)


def _without_parameter(path: str, name: str) -> str:
    """Envoy writes the other parameters anew: decoded, in the order of their names."""
    before, mark, query = path.partition("?")
    if not name or not mark:
        return path
    pairs = [tuple(map(unquote, pair.partition("=")[::2])) for pair in query.split("&")]
    kept = "&".join("=".join(pair) for pair in sorted(pairs, key=itemgetter(0)) if pair[0] != name)
    return f"{before}?{kept}" if kept else before


def _encoded(one: Accepted) -> str:
    text = one.token.encoded_payload or urlsafe_b64encode(msgspec.json.encode(one.token.payload)).decode()
    bare = text.rstrip("=")
    return bare + "=" * (-len(bare) % 4) if one.provider.pad_forward_payload_header else bare


def _split(payload: dict[str, Any], provider: JwtProvider) -> dict[str, Any]:
    """Claims that hold words become lists where the provider says so."""
    claims = provider.normalize_payload_in_metadata.space_delimited_claims
    found = {name: payload[name].split(" ") for name in claims if isinstance(payload.get(name), str)}
    return {**payload, **found} if found else payload


def _nested(payload: dict[str, Any], name: str) -> Any:
    """A claim by its name, or by a path of names with dots."""
    found: Any = payload
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _text(value: Any) -> str | None:
    """Text, numbers and booleans as they are; lists and objects as JSON in base64."""
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
