"""Where Envoy looks for tokens: headers, query parameters, cookies; without any of them, the usual two places.

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
_FIRST = re.compile(r"[A-Za-z0-9_.-]", re.ASCII)


class Found(Struct, frozen=True):
    """A token's text. `issuers` may use this place; `header` or `parameter` is the one that held it, "" elsewhere."""

    text: str
    issuers: frozenset[str]
    header: str = ""
    parameter: str = ""


class Locations:
    """The places of some providers; one that several share is looked at once, for the issuers of all."""

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

    def find(self, request: HttpRequest) -> tuple[Found, ...]:
        """All tokens, in the order in which Envoy collects them."""
        found = []
        for (name, prefix), issuers in sorted(self._headers.items()):
            values = request.values(name)
            text = _after(",".join(values), prefix) if values else None
            if text is not None:
                found.append(Found(text, frozenset(issuers), name))
        if self._parameters:
            parameters = query_parameters(request.path)
            for name, issuers in sorted(self._parameters.items()):
                if name in parameters:
                    found.append(Found(unquote(parameters[name]), frozenset(issuers), parameter=name))
        if self._cookies:
            jar = cookies(request)
            found += [Found(jar[name], frozenset(who)) for name, who in sorted(self._cookies.items()) if name in jar]
        return tuple(found)


def _after(value: str, prefix: str) -> str | None:
    """What follows the prefix, wherever it stands, from the first character that a token may have; None without it."""
    value = value.strip(" \t")
    if not prefix:
        return value
    at = value.find(prefix)
    if at < 0:
        return None
    match = _FIRST.search(value, at + len(prefix))
    return value[match.start() :] if match else value
