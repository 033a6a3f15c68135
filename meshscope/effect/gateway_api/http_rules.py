"""Rules of HTTP and gRPC routes as those of a VirtualService: one for each match.

https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule, translated as istiod does it
(https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/conversion.go, convertHTTPRoute).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from meshscope.effect.gateway_api import route_filters
from meshscope.effect.gateway_api.backends import Referrer, backend
from meshscope.effect.gateway_api.http_matches import Precedence, grpc_match, http_match, precedence
from meshscope.effect.gateway_api.route_filters import HEADER_FILTERS, Filter
from meshscope.effect.gateway_api.sources import Sources
from meshscope.effect.generated import Origin
from meshscope.effect.written import Written
from meshscope.istio.gateway_api.grpc_route import GRPCRoute, GRPCRouteMatch, GRPCRouteRule
from meshscope.istio.gateway_api.http_route import HTTPRoute, HTTPRouteMatch, HTTPRouteRetry, HTTPRouteRule
from meshscope.istio.objects.http_route import (
    CorsPolicy,
    HTTPDirectResponse,
    HTTPMatchRequest,
    HTTPMirrorPolicy,
    HTTPRedirect,
    HTTPRetry,
    HTTPRewrite,
    HTTPRouteDestination,
)
from meshscope.istio.objects.http_route import HTTPRoute as Rule
from meshscope.path import Path

HttpRoute = HTTPRoute | GRPCRoute
_RETRY_ON = ("connect-failure", "refused-stream", "unavailable", "cancelled")
_DEFAULT_ATTEMPTS = 2
_FILTERS = {
    "HTTPRoute": (*HEADER_FILTERS, "RequestRedirect", "RequestMirror", "URLRewrite", "CORS"),
    "GRPCRoute": (*HEADER_FILTERS, "RequestMirror"),
}


class Translated(Struct, frozen=True):
    """A rule for one match."""

    rule: Rule
    origin: Origin
    precedence: Precedence


class Rules(Struct, frozen=True):
    """Of a whole route, in its order; `problem` is why istiod makes nothing of it at all, and `path` where that is."""

    translated: tuple[Translated, ...] = ()
    problem: str = ""
    path: Path = ()


def http_rules(sources: Sources, route: Written[HttpRoute], *, asks_grants: bool) -> Rules:
    referrer = Referrer(route.item.kind, route.namespace, asks_grants)
    found: list[Translated] = []
    rules: Sequence[HTTPRouteRule | GRPCRouteRule] = route.value.spec.rules
    for index, rule in enumerate(rules):
        path: Path = ("spec", "rules", index)
        if problem := _unsupported(route.item.kind, rule):
            return Rules(problem=problem, path=path)
        action = _Action(sources, referrer, rule)
        if action.fatal:
            return Rules(problem=action.fatal, path=path)
        matches: Sequence[HTTPRouteMatch | GRPCRouteMatch] = rule.matches
        for number, asked in enumerate(matches or (None,)):
            at = (*path, "matches", number) if len(matches) > 1 else path
            match = _match(asked)
            made = action.rule(_name(sources, route, rule, index), match)
            origin = Origin(route.item, at, action.problem, action.is_known, action.is_open)
            found.append(Translated(made, origin, _precedence(route.item.kind, match)))
    return Rules(tuple(found))


def _name(sources: Sources, route: Written[HttpRoute], rule: HTTPRouteRule | GRPCRouteRule, index: int) -> str:
    if rule.name and sources.is_since(1, 24):
        return rule.name
    return f"{route.namespace}.{route.item.name}.{index}" if sources.is_since(1, 16) else ""


def _match(asked: HTTPRouteMatch | GRPCRouteMatch | None) -> HTTPMatchRequest | None:
    if asked is None:
        return None
    return http_match(asked) if isinstance(asked, HTTPRouteMatch) else grpc_match(asked)


def _precedence(kind: str, match: HTTPMatchRequest | None) -> Precedence:
    """The API server gives an HTTPRoute's rule without a match that of the path `/`; a GRPCRoute's stays without."""
    return precedence(http_match(HTTPRouteMatch()) if match is None and kind == "HTTPRoute" else match)


def _unsupported(kind: str, rule: HTTPRouteRule | GRPCRouteRule) -> str:
    for one in rule.filters:
        if one.type not in _FILTERS[kind]:
            return f"istiod knows no filter {one.type} of {kind}s, and leaves the whole route out"
    for to in rule.backend_refs:
        for one in to.filters:
            if to.weight and one.type not in HEADER_FILTERS:
                return f"istiod knows no filter {one.type} of backends, and leaves the whole route out"
    return ""


class _Action:
    """What a rule does with a request, for all of its matches."""

    def __init__(self, sources: Sources, referrer: Referrer, rule: HTTPRouteRule | GRPCRouteRule) -> None:
        self._sources, self._asked = sources, rule
        self._to = [(one, backend(sources, one, referrer)) for one in rule.backend_refs if one.weight]
        self._mirrors = [
            (one.request_mirror, backend(sources, one.request_mirror.backend_ref, referrer))
            for one in rule.filters
            if one.type == "RequestMirror" and one.request_mirror
        ]
        backends, mirrors = [to for _, to in self._to], [to for _, to in self._mirrors]
        fatal = (to for to in backends if to.is_fatal)
        if referrer.kind == "GRPCRoute":
            fatal = (to for to in (*mirrors, *backends) if to.is_fatal or (to in mirrors and to.problem))
        self.fatal = next((to.problem for to in fatal), "")
        problems = [f"{one.problem}: requests get 500" for one in backends if one.problem]
        problems += [f"{one.problem}: nothing is mirrored" for one in mirrors if one.problem]
        self.problem, self.is_known = "; ".join(problems), all(one.is_known for one in (*backends, *mirrors))
        self.is_open = any(one.is_open for one in (*backends, *mirrors))

    def rule(self, name: str, match: HTTPMatchRequest | None) -> Rule:
        asked = self._asked
        filters: Sequence[Filter] = asked.filters
        redirect, rewrite, policy = _http_filters(asked)
        timeout, retries = _times(asked) if isinstance(asked, HTTPRouteRule) else ("", None)
        answer = None
        if not self._to and redirect is None:
            answer = HTTPDirectResponse(status=404 if self._answers_404(asked) else 500)
        return Rule(
            name=name,
            match=(match,) if match else (),
            route=tuple(self._destinations()),
            redirect=redirect,
            direct_response=answer,
            rewrite=rewrite,
            timeout=timeout,
            retries=retries,
            mirrors=tuple(self._mirrored()),
            cors_policy=policy,
            headers=route_filters.headers(filters),
        )

    def _answers_404(self, asked: HTTPRouteRule | GRPCRouteRule) -> bool:
        """Istio 1.30 alone answers so where there are no backends; where all have weight 0 it is 500."""
        since = self._sources.is_since
        return not asked.backend_refs and since(1, 30) and not since(1, 31)

    def _destinations(self) -> Iterator[HTTPRouteDestination]:
        is_single = len(self._to) == 1
        for one, to in self._to:
            filters: Sequence[Filter] = one.filters
            yield HTTPRouteDestination(
                destination=to.destination,
                weight=None if is_single else one.weight,
                headers=route_filters.headers(filters),
            )

    def _mirrored(self) -> Iterator[HTTPMirrorPolicy]:
        return (route_filters.mirror(asked, to) for asked, to in self._mirrors if not to.problem)


def _http_filters(
    asked: HTTPRouteRule | GRPCRouteRule,
) -> tuple[HTTPRedirect | None, HTTPRewrite | None, CorsPolicy | None]:
    redirect = rewrite = policy = None
    for one in asked.filters if isinstance(asked, HTTPRouteRule) else ():
        if one.type == "RequestRedirect" and one.request_redirect:
            redirect = route_filters.redirect(one.request_redirect)
        elif one.type == "URLRewrite" and one.url_rewrite:
            rewrite = route_filters.rewrite(one.url_rewrite)
        elif one.type == "CORS" and one.cors:
            policy = route_filters.cors(one.cors)
    return redirect, rewrite, policy


def _times(asked: HTTPRouteRule) -> tuple[str, HTTPRetry | None]:
    """The timeout of a try is that of the whole request where nothing is retried."""
    retries = _retries(asked.retry) if asked.retry else None
    whole = _duration(asked.timeouts.request) if asked.timeouts else ""
    each = _duration(asked.timeouts.backend_request) if asked.timeouts else ""
    if not each:
        return whole, retries
    if retries is None:
        return each, None
    return whole, replace(retries, per_try_timeout=each)


def _retries(asked: HTTPRouteRetry) -> HTTPRetry:
    attempts = _DEFAULT_ATTEMPTS if asked.attempts is None else asked.attempts
    words = ",".join((*_RETRY_ON, *map(str, asked.codes)))
    return HTTPRetry(attempts=attempts, retry_on=words if attempts else "", backoff=asked.backoff)


def _duration(text: str) -> str:
    """`0s` is none."""
    return "" if text.strip("0hms") == "" else text
