"""`envoy.filters.http.cors`: a preflight from an allowed origin is answered here; every other request passes.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/cors_filter
The policies are those of the route, the most specific level first; each level fills in the fields that the ones before omit.
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.http_filters.filter import (
    Configuration,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    RouteScope,
    assumed_to_pass,
    by_share,
    ends,
    passes,
)
from meshscope.simulation.matching.string import pattern_words, string_matches
from meshscope.simulation.runtime_fraction import runtime_share
from meshscope.simulation.trace import Response
from meshscope.simulation.verdict import Verdict, any_of
from meshscope.xds.cors import CorsPolicy
from meshscope.xds.matcher import StringMatcher
from meshscope.xds.message import decode, present

Policies = tuple[CorsPolicy, ...]


def make(entry: FilterEntry, _own: Configuration, overrides: tuple[Configuration, ...]) -> Filter:
    typed_policies = tuple(level.message for level in overrides if isinstance(level.message, CorsPolicy))
    location = next((level.location for level in overrides if level.location), entry.location)
    return _Cors(FilterEntry(entry.name, entry.type_name, location), typed_policies)


class _Cors:
    def __init__(self, entry: FilterEntry, typed_policies: Policies) -> None:
        self._entry, self._typed_policies = entry, typed_policies

    def __call__(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        if context.route.route is None or context.route.route.route is None:
            return passes(request, context, self._entry, "the route forwards nothing")
        policies = self._typed_policies or tuple(_deprecated_policies(context.route))
        if not policies:
            return passes(request, context, self._entry, "no CORS policy")
        enabled = policies[0].filter_enabled
        if enabled is None:
            return self._enabled(policies, request, context)
        share = runtime_share(enabled, request, context.envoy)
        off = passes(request, context, self._entry, f"filter_enabled: {share}")
        return by_share(share.branches(request.random), "CORS", self._enabled(policies, request, context), off)

    def _enabled(self, policies: Policies, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        origin = ",".join(request.values("origin"))
        if reason := _no_preflight(request, origin):
            return passes(request, context, self._entry, reason)
        verdict = _allowed(policies, origin)
        if verdict.is_unknown:
            return assumed_to_pass(request, self._entry, verdict.because)
        if verdict.is_yes:
            response = Response(code=200, details="cors_response", headers=tuple(_response_headers(policies, origin)))
            return ends(Disposition.DIRECT_RESPONSE, response, self._entry, f"preflight from origin {origin!r}")
        wants = " or ".join(pattern_words(matcher) for matcher in _origins(policies)) or "no origin"
        because = f"origin is {origin!r}; {wants} was asked"
        forwards = (policy.forward_not_matching_preflights for policy in policies)
        if next((flag for flag in forwards if flag is not None), True):
            return passes(request, context, self._entry, f"{because}; forwarded nevertheless")
        return ends(Disposition.DIRECT_RESPONSE, Response(code=200, details="cors_response"), self._entry, because)


def _no_preflight(request: HttpRequest, origin: str) -> str:
    """Why the request is not a preflight; "" for a preflight."""
    if not origin:
        return "no origin header"
    if request.method != "OPTIONS":
        return f"method {request.method}: not a preflight"
    if not "".join(request.values("access-control-request-method")):
        return "no access-control-request-method: not a preflight"
    return ""


def _origins(policies: Policies) -> tuple[StringMatcher, ...]:
    return next((p.allow_origin_string_match for p in policies if p.allow_origin_string_match), ())


def _allowed(policies: Policies, origin: str) -> Verdict:
    return any_of(string_matches(matcher, origin) for matcher in _origins(policies))


def _deprecated_policies(scope: RouteScope) -> Iterator[CorsPolicy]:
    """The `cors` fields of the route and the virtual host."""
    action = scope.route.route if scope.route else None
    if action is not None and present(action.cors):
        policy = decode(action.cors, CorsPolicy)
        if isinstance(policy, CorsPolicy):
            yield policy
    if scope.virtual_host is not None and scope.virtual_host.cors is not None:
        yield scope.virtual_host.cors


def _response_headers(policies: Policies, origin: str) -> Iterator[tuple[str, str]]:
    """The headers of the answer to a preflight."""
    yield "access-control-allow-origin", origin
    if next((p.allow_credentials for p in policies if p.allow_credentials is not None), False):
        yield "access-control-allow-credentials", "true"
    for name in ("allow_methods", "allow_headers", "max_age"):
        value = next((getattr(policy, name) for policy in policies if getattr(policy, name)), "")
        if value:
            yield f"access-control-{name.replace('_', '-')}", value
