"""`envoy.filters.http.cors`: a preflight from an allowed origin is answered here; everything else goes on.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/cors_filter
The policy comes with the route, the most specific level first; a field that one level leaves out is asked of the next.
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.http_filters.filter import (
    Configured,
    Filter,
    FilterContext,
    FilterEntry,
    FilterOutcomes,
    RouteScope,
    assumed,
    ended,
    passed,
    shared,
)
from meshscope.simulation.matching.string import asked, string_matches
from meshscope.simulation.runtime_fraction import runtime_share
from meshscope.simulation.trace import Response
from meshscope.simulation.verdict import Verdict, any_of
from meshscope.xds.cors import CorsPolicy
from meshscope.xds.matcher import StringMatcher
from meshscope.xds.message import decode, present

Policies = tuple[CorsPolicy, ...]


def make(entry: FilterEntry, _own: Configured, overrides: tuple[Configured, ...]) -> Filter:
    typed = tuple(level.message for level in overrides if isinstance(level.message, CorsPolicy))
    place = next((level.location for level in overrides if level.location), entry.location)
    return _Cors(FilterEntry(entry.name, entry.type_name, place), typed)


class _Cors:
    def __init__(self, entry: FilterEntry, typed: Policies) -> None:
        self._site, self._typed = entry, typed

    def __call__(self, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        if context.route.route is None or context.route.route.route is None:
            return passed(request, context, self._site, "the route forwards nothing")
        policies = self._typed or tuple(_older(context.route))
        if not policies:
            return passed(request, context, self._site, "no CORS policy")
        enabled = policies[0].filter_enabled
        if enabled is None:
            return self._enabled(policies, request, context)
        share = runtime_share(enabled, request, context.envoy)
        off = passed(request, context, self._site, f"filter_enabled: {share}")
        return shared(share.branches(request.random), "CORS", self._enabled(policies, request, context), off)

    def _enabled(self, policies: Policies, request: HttpRequest, context: FilterContext) -> FilterOutcomes:
        origin = ",".join(request.values("origin"))
        if not_asked := _no_preflight(request, origin):
            return passed(request, context, self._site, not_asked)
        allowed = _allowed(policies, origin)
        if allowed.is_unknown:
            return assumed(request, self._site, allowed.because)
        if allowed.is_yes:
            response = Response(code=200, details="cors_response", headers=tuple(_answer(policies, origin)))
            return ended(Disposition.DIRECT_RESPONSE, response, self._site, f"preflight from origin {origin!r}")
        wants = " or ".join(asked(matcher) for matcher in _origins(policies)) or "no origin"
        because = f"origin is {origin!r}; {wants} was asked"
        said = (policy.forward_not_matching_preflights for policy in policies)
        if next((one for one in said if one is not None), True):
            return passed(request, context, self._site, f"{because}; forwarded all the same")
        return ended(Disposition.DIRECT_RESPONSE, Response(code=200, details="cors_response"), self._site, because)


def _no_preflight(request: HttpRequest, origin: str) -> str:
    """Why a request is no preflight, "" for one that is."""
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


def _older(scope: RouteScope) -> Iterator[CorsPolicy]:
    """The `cors` fields of route and virtual host."""
    action = scope.route.route if scope.route else None
    if action is not None and present(action.cors):
        policy = decode(action.cors, CorsPolicy)
        if isinstance(policy, CorsPolicy):
            yield policy
    if scope.virtual_host is not None and scope.virtual_host.cors is not None:
        yield scope.virtual_host.cors


def _answer(policies: Policies, origin: str) -> Iterator[tuple[str, str]]:
    """The headers of a preflight's answer."""
    yield "access-control-allow-origin", origin
    if next((p.allow_credentials for p in policies if p.allow_credentials is not None), False):
        yield "access-control-allow-credentials", "true"
    for name in ("allow_methods", "allow_headers", "max_age"):
        value = next((getattr(policy, name) for policy in policies if getattr(policy, name)), "")
        if value:
            yield f"access-control-{name.replace('_', '-')}", value
