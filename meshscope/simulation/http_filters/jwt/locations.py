"""Where Envoy looks for tokens: in headers, query parameters and cookies; in two default places if none is configured.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/jwt_authn/v3/config.proto#extensions-filters-http-jwt-authn-v3-jwtprovider
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

from msgspec import Struct

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.matching.cookie import cookies
from meshscope.simulation.matching.query import query_parameters
from meshscope.xds.jwt_authn import JwtHeader, JwtProvider

_DEFAULT_HEADER = JwtHeader(name="Authorization", value_prefix="Bearer ")
_DEFAULT_PARAMETER = "access_token"
_TOKEN_CHARACTER = re.compile(r"[A-Za-z0-9_.-]", re.ASCII)


class LocatedToken(Struct, frozen=True):
    """The text of a token and where it is: in `header`, in `parameter`, or (both are "") in a cookie.

    `issuers` are those whose tokens may be in this place.
    """

    text: str
    issuers: frozenset[str]
    header: str = ""
    parameter: str = ""


class TokenLocations:
    """The places of some providers; a place that several providers share is searched once, for all of their issuers."""

    def __init__(self, providers: Iterable[JwtProvider]) -> None:
        self._headers: dict[tuple[str, str], set[str]] = {}
        self._parameters: dict[str, set[str]] = {}
        self._cookies: dict[str, set[str]] = {}
        for provider in providers:
            has_own = provider.from_headers or provider.from_params or provider.from_cookies
            for header in provider.from_headers if has_own else (_DEFAULT_HEADER,):
                self._headers.setdefault((header.name.lower(), header.value_prefix), set()).add(provider.issuer)
            for name in provider.from_params if has_own else (_DEFAULT_PARAMETER,):
                self._parameters.setdefault(name, set()).add(provider.issuer)
            for name in provider.from_cookies:
                self._cookies.setdefault(name, set()).add(provider.issuer)

    def find(self, request: HttpRequest) -> tuple[LocatedToken, ...]:
        """All tokens, in the order in which Envoy collects them."""
        tokens = []
        for (name, prefix), issuers in sorted(self._headers.items()):
            values = request.values(name)
            text = _after_prefix(",".join(values), prefix) if values else None
            if text is not None:
                tokens.append(LocatedToken(text, frozenset(issuers), name))
        if self._parameters:
            parameters = query_parameters(request.path)
            for name, issuers in sorted(self._parameters.items()):
                if name in parameters:
                    tokens.append(LocatedToken(unquote(parameters[name]), frozenset(issuers), parameter=name))
        if self._cookies:
            values_by_name = cookies(request)
            for name, issuers in sorted(self._cookies.items()):
                if name in values_by_name:
                    tokens.append(LocatedToken(values_by_name[name], frozenset(issuers)))
        return tuple(tokens)


def _after_prefix(value: str, prefix: str) -> str | None:
    """The text after the prefix, wherever that is, from the first character allowed in a token; None without the prefix."""
    value = value.strip(" \t")
    if not prefix:
        return value
    start = value.find(prefix)
    if start < 0:
        return None
    match = _TOKEN_CHARACTER.search(value, start + len(prefix))
    return value[match.start() :] if match else value
