"""`envoy.filters.http.api_key_auth`: 401 without a known key, 403 for a client that the route does not allow.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/api_key_auth_filter
The first source that holds something is taken.
"""

from __future__ import annotations

from urllib.parse import unquote

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.headers.inline import set_header
from meshscope.simulation.http_filters.filter import (
    Configured,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    assumed,
    ended,
    passed,
    possible,
)
from meshscope.simulation.local_reply import local_reply
from meshscope.simulation.matching.cookie import cookies
from meshscope.simulation.matching.query import query_parameters
from meshscope.xds.http_filter_config import ApiKeyAuth, ApiKeyAuthPerRoute, KeySource

_HIDDEN = "[redacted]"


def make(entry: FilterEntry, own: Configured, overrides: tuple[Configured, ...]) -> Filter:
    config = own.message
    said = overrides[0].message if overrides else None
    if not isinstance(config, ApiKeyAuth):
        return lambda request, _: assumed(request, entry, "its configuration does not read")
    return _ApiKeyAuth(entry, config, said if isinstance(said, ApiKeyAuthPerRoute) else None)


class _ApiKeyAuth:
    def __init__(self, entry: FilterEntry, config: ApiKeyAuth, said: ApiKeyAuthPerRoute | None) -> None:
        """A route that says anything says all about forwarding."""
        self._site = entry
        self._sources = (said and said.key_sources) or config.key_sources
        self._forwarding = said.forwarding if said else config.forwarding
        self._clients = {one.key: one.client for one in (said and said.credentials) or config.credentials}
        self._allowed = said.allowed_clients if said else ()

    def __call__(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        key = next((found for source in self._sources if (found := _key(source, request))), "")
        if not key:
            return self._refused(request, 401, "missing_api_key", "none of the key sources holds a key")
        unknown = self._refused(request, 401, "unknown_api_key", "the key is not known")
        if _HIDDEN in self._clients:
            known = passed(request, context, self._site, "the key is known")
            return possible(known[0], "the key is known"), possible(unknown[0], "the key is not known")
        client = self._clients.get(key)
        if client is None:
            return unknown
        if self._allowed and client not in self._allowed:
            return self._refused(request, 403, "client_not_allowed", f"client {client} is not allowed at this route")
        return passed(self._forwarded(request, client), context, self._site, f"client {client}")

    def _forwarded(self, request: HttpRequest, client: str) -> HttpRequest:
        """The client's name in a header, and the keys taken away, where that is wanted."""
        forwarding = self._forwarding
        if forwarding is None:
            return request
        if forwarding.hide_credentials:
            for source in self._sources:
                request = _without(source, request)
        name = forwarding.header.lower()
        return replace(request, headers=set_header(request.headers, name, client)) if name else request

    def _refused(self, request: HttpRequest, code: int, details: str, because: str) -> FilterOutcomes:
        return ended(Disposition.DENIED, local_reply(request, code, details), self._site, because)


def _key(source: KeySource, request: HttpRequest) -> str:
    if source.header:
        value = ",".join(request.values(source.header)[:1])
        return value.removeprefix("Bearer ")
    if source.query:
        return unquote(query_parameters(request.path).get(source.query, ""))
    return cookies(request).get(source.cookie, "")


def _without(source: KeySource, request: HttpRequest) -> HttpRequest:
    if source.header:
        name = source.header.lower()
        return replace(request, headers=tuple(pair for pair in request.headers if pair[0] != name))
    if source.query:
        path, _, query = request.path.partition("?")
        kept = "&".join(pair for pair in query.split("&") if pair.partition("=")[0] != source.query)
        return replace(request, path=f"{path}?{kept}" if kept else path)
    crumbs = [
        (name, _without_crumb(source.cookie, value) if name == "cookie" else value) for name, value in request.headers
    ]
    return replace(request, headers=tuple(pair for pair in crumbs if pair[0] != "cookie" or pair[1]))


def _without_crumb(name: str, cookie: str) -> str:
    return "; ".join(part for crumb in cookie.split(";") if (part := crumb.strip()).partition("=")[0] != name)
