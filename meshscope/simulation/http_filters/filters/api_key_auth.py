"""`envoy.filters.http.api_key_auth`: 401 without a known key, 403 for a client that the route does not allow.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/api_key_auth_filter
The first source that contains a value counts. Where a dump hides the keys, each client may be the one;
hides it their names, too, what is forwarded is unknown.
"""

from __future__ import annotations

from urllib.parse import unquote

from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.headers.inline import GAP, set_header
from meshscope.simulation.http_filters.filter import (
    Configuration,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    assumed_to_pass,
    ends,
    passes,
    under_condition,
)
from meshscope.simulation.http_filters.query import without_parameter
from meshscope.simulation.local_reply import local_reply
from meshscope.simulation.matching.cookie import cookies
from meshscope.simulation.matching.query import query_parameters
from meshscope.xds.http_filter_config import ApiKeyAuth, ApiKeyAuthPerRoute, KeySource

_REDACTED = "[redacted]"


def make(entry: FilterEntry, own: Configuration, overrides: tuple[Configuration, ...]) -> Filter:
    config = own.message
    per_route = overrides[0].message if overrides else None
    if not isinstance(config, ApiKeyAuth):
        return lambda request, _: assumed_to_pass(request, entry, "its configuration cannot be read")
    return _ApiKeyAuth(entry, config, per_route if isinstance(per_route, ApiKeyAuthPerRoute) else None)


class _ApiKeyAuth:
    def __init__(self, entry: FilterEntry, config: ApiKeyAuth, per_route: ApiKeyAuthPerRoute | None) -> None:
        """With a per-route configuration, only its own `forwarding` counts, even if it has none."""
        self._entry = entry
        self._sources = (per_route and per_route.key_sources) or config.key_sources
        self._forwarding = per_route.forwarding if per_route else config.forwarding
        credentials = (per_route and per_route.credentials) or config.credentials
        self._clients = {one.key: one.client for one in credentials}
        hidden = (one.client for one in credentials if one.key.startswith(_REDACTED))
        self._hidden = tuple(dict.fromkeys("" if client.startswith(_REDACTED) else client for client in hidden))
        self._allowed = per_route.allowed_clients if per_route else ()

    def __call__(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        key = next(filter(None, (_key(source, request) for source in self._sources)), "")
        if not key:
            return self._deny(request, 401, "missing_api_key", "none of the key sources contains a key")
        denial = self._deny(request, 401, "unknown_api_key", "the key is not configured")
        if self._hidden:
            known = (self._of_hidden(client, request, context) for client in self._hidden)
            unknown = under_condition(denial[0], "the key is not configured")
            return (*(outcome for outcomes in known for outcome in outcomes), unknown)
        client = self._clients.get(key)
        return denial if client is None else self._of_client(client, request, context)

    def _of_hidden(self, client: str, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        """If the key is this client's; "" is a client whose name is hidden, too."""
        whose = f"the key is that of client {client}" if client else "the key is configured"
        if client or not self._allowed:
            return (under_condition(self._of_client(client, request, context)[0], whose),)
        listed = passes(self._with_forwarding(request, client), context, self._entry, "an allowed client")
        other = self._deny(request, 403, "client_not_allowed", "the client is not allowed on this route")
        return (
            under_condition(listed[0], f"{whose}, and its client is allowed on this route"),
            under_condition(other[0], f"{whose}, and its client is not allowed on this route"),
        )

    def _of_client(self, client: str, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        if client and self._allowed and client not in self._allowed:
            return self._deny(request, 403, "client_not_allowed", f"client {client} is not allowed on this route")
        return passes(self._with_forwarding(request, client), context, self._entry, f"client {client or 'unknown'}")

    def _with_forwarding(self, request: HttpRequest, client: str) -> HttpRequest:
        """With the client's name in a header and without the keys, where `forwarding` asks for that."""
        forwarding = self._forwarding
        if forwarding is None:
            return request
        if forwarding.hide_credentials:
            for source in self._sources:
                request = _without(source, request)
        name = forwarding.header.lower()
        if not name:
            return request
        hidden = request.hidden if client else request.hidden | frozenset({name})
        return replace(request, headers=set_header(request.headers, name, client or GAP), hidden=hidden)

    def _deny(self, request: HttpRequest, code: int, details: str, because: str) -> FilterOutcomes:
        return ends(Disposition.DENIED, local_reply(request, code, details), self._entry, because)


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
        return replace(request, path=without_parameter(request.path, source.query))
    return _without_cookie(source.cookie, request)


def _without_cookie(name: str, request: HttpRequest) -> HttpRequest:
    """Every cookie but those of this name in one header at the end; what has no `=` is lost."""
    pairs = [pair.strip() for header in request.values("cookie") for pair in header.split(";") if "=" in pair]
    left = "; ".join(pair for pair in pairs if pair.partition("=")[0] != name)
    headers = tuple(pair for pair in request.headers if pair[0] != "cookie")
    return replace(request, headers=(*headers, ("cookie", left)) if left else headers)
