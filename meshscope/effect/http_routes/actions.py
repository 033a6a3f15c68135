"""What a rule of a VirtualService does with a request, as Envoy's.

https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute, translated as istiod does it
(https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/route/route.go).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypedDict

from msgspec import Raw
from msgspec.structs import replace

from meshscope.effect.http_routes.retries import retry_policy
from meshscope.istio.durations import envoy_duration
from meshscope.istio.objects import http_route as objects
from meshscope.istio.objects.destination import Destination
from meshscope.istio.objects.http_route import (
    HeaderOperations,
    Headers,
    HTTPFaultInjection,
    HTTPRedirect,
    HTTPRoute,
    HTTPRouteDestination,
)
from meshscope.xds.cors import CorsPolicy
from meshscope.xds.data_source import DataSource
from meshscope.xds.fault import FaultAbort, FaultDelay, HTTPFault
from meshscope.xds.matcher import RegexMatcher, StringMatcher
from meshscope.xds.plain import written
from meshscope.xds.route import Route
from meshscope.xds.route_action import (
    REDIRECT_CODES,
    ClusterWeight,
    DirectResponseAction,
    HeaderValue,
    HeaderValueOption,
    RedirectAction,
    RegexMatchAndSubstitute,
    RequestMirrorPolicy,
    RouteAction,
    WeightedCluster,
)
from meshscope.xds.route_match import FractionalPercent, RouteMatch, RuntimeFractionalPercent

CORS, FAULT = "envoy.filters.http.cors", "envoy.filters.http.fault"
_OVERWRITE = "OVERWRITE_IF_EXISTS_OR_ADD"
_MILLION = 1_000_000
_USUAL_PORTS = {("http", 80), ("https", 443)}
_UNWRITTEN = ("host", ":authority")
"""Headers that istiod makes a rewrite of the host instead."""
ClusterOf = Callable[[Destination], str]
"""The cluster that a destination leads to at a place."""


def envoy_route(  # noqa: PLR0913  # a rule, a match and a place
    rule: HTTPRoute, name: str, match: RouteMatch, cluster_of: ClusterOf, port: int, *, is_tls: bool = False
) -> Route:
    """The route of one match. `port` is that of the listener, or of the gateway's server; `is_tls`: requests came by TLS."""
    settings = _Settings(rule)
    filters = {}
    if rule.cors_policy is not None:
        filters[CORS] = written(_cors(rule.cors_policy))
    if rule.fault is not None and (fault := _fault(rule.fault)):
        filters[FAULT] = written(fault)
    common = Route(name=name, match=match, typed_per_filter_config=filters, **settings.of_route())
    if rule.redirect is not None:
        return replace(common, redirect=_redirect(rule.redirect, port, is_tls=is_tls))
    if rule.direct_response is not None:
        body = rule.direct_response.body
        text = written(DataSource(inline_string=body.string)) if body and body.string is not None else Raw()
        answer = DirectResponseAction(status=rule.direct_response.status, body=text)
        return replace(common, direct_response=answer)
    return replace(common, route=_action(rule, settings, cluster_of))


def _action(rule: HTTPRoute, settings: _Settings, cluster_of: ClusterOf) -> RouteAction:
    rewrite = rule.rewrite
    substitution = rewrite.uri_regex_rewrite if rewrite else None
    weighted = _weighted(rule.route, cluster_of)
    return RouteAction(
        cluster=cluster_of(rule.route[0].destination) if rule.route and weighted is None else "",
        weighted_clusters=weighted,
        timeout=envoy_duration(rule.timeout) or "0s",
        retry_policy=retry_policy(rule.retries),
        prefix_rewrite=rewrite.uri if rewrite and substitution is None else "",
        regex_rewrite=RegexMatchAndSubstitute(
            pattern=RegexMatcher(regex=substitution.match), substitution=substitution.rewrite
        )
        if substitution
        else None,
        host_rewrite_literal=(rewrite.authority if rewrite else "") or settings.host,
        request_mirror_policies=tuple(_mirrors(rule, cluster_of)),
    )


def _weighted(destinations: tuple[HTTPRouteDestination, ...], cluster_of: ClusterOf) -> WeightedCluster | None:
    """None for a single destination, whose weight does not count. Those of weight 0 are left out."""
    if len(destinations) < 2:
        return None
    shares = []
    for one in destinations:
        if one.weight:
            headers = _Settings.of(one.headers)
            shares.append(
                ClusterWeight(
                    name=cluster_of(one.destination),
                    weight=one.weight,
                    host_rewrite_literal=headers.host,
                    **headers.of_route(),
                )
            )
    return WeightedCluster(clusters=tuple(shares))


class _HeaderChanges(TypedDict):
    """The fields that a route and a weighted cluster share."""

    request_headers_to_add: tuple[HeaderValueOption, ...]
    request_headers_to_remove: tuple[str, ...]
    response_headers_to_add: tuple[HeaderValueOption, ...]
    response_headers_to_remove: tuple[str, ...]


class _Settings:
    """Headers that a rule sets, adds and removes; those of its only destination come behind them."""

    def __init__(self, rule: HTTPRoute | None, headers: Headers | None = None) -> None:
        all_headers = [headers] if headers else []
        if rule is not None:
            all_headers = [rule.headers] if rule.headers else []
            if len(rule.route) == 1 and rule.route[0].headers:
                all_headers.append(rule.route[0].headers)
        self._requests = [one.request for one in all_headers if one.request]
        self._responses = [one.response for one in all_headers if one.response]

    @classmethod
    def of(cls, headers: Headers | None) -> _Settings:
        return cls(None, headers)

    @property
    def host(self) -> str:
        """The host that a request gets by a header, "" where none says so."""
        named = (operations.set.get(key) or operations.add.get(key) for operations in self._requests for key in _HOSTS)
        return next((value for value in named if value), "")

    def of_route(self) -> _HeaderChanges:
        return {
            "request_headers_to_add": tuple(value for one in self._requests for value in _added(one)),
            "request_headers_to_remove": tuple(name for one in self._requests for name in one.remove),
            "response_headers_to_add": tuple(value for one in self._responses for value in _added(one)),
            "response_headers_to_remove": tuple(name for one in self._responses for name in one.remove),
        }


_GRPC_CODES = {
    name: number
    for number, name in enumerate((
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
        "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
        "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ))
}  # fmt: skip
"""https://grpc.github.io/grpc/core/md_doc_statuscodes.html"""
_HOSTS = (":authority", "Host", "host", "HOST")


def _added(operations: HeaderOperations) -> Iterator[HeaderValueOption]:
    for pairs, action in ((operations.set, _OVERWRITE), (operations.add, "APPEND_IF_EXISTS_OR_ADD")):
        for key, value in pairs:
            if key.lower() not in _UNWRITTEN and not key.startswith(":"):
                yield HeaderValueOption(header=HeaderValue(key=key, value=value), append_action=action)


def _redirect(redirect: HTTPRedirect, port: int, *, is_tls: bool) -> RedirectAction:
    """The usual port of a scheme is left out."""
    names = {code: name for name, code in REDIRECT_CODES.items()}
    wanted = port if redirect.derive_port == "FROM_REQUEST_PORT" else redirect.port or 0
    if (redirect.scheme or ("https" if is_tls else "http"), wanted) in _USUAL_PORTS:
        wanted = 0
    return RedirectAction(
        host_redirect=redirect.authority,
        path_redirect="" if redirect.prefix_rewrite else redirect.uri,
        prefix_rewrite=redirect.prefix_rewrite,
        scheme_redirect=redirect.scheme,
        port_redirect=wanted,
        response_code=names.get(redirect.redirect_code or 301, "MOVED_PERMANENTLY"),
    )


def _mirrors(rule: HTTPRoute, cluster_of: ClusterOf) -> Iterator[RequestMirrorPolicy]:
    for one in rule.mirrors:
        share = 100.0 if one.percentage is None else one.percentage.value
        if one.destination.host and share:
            yield RequestMirrorPolicy(cluster=cluster_of(one.destination), runtime_fraction=_share(share))
    if rule.mirror and not rule.mirrors:
        old = rule.mirror_percent
        share = rule.mirror_percentage.value if rule.mirror_percentage else 100.0 if old is None else float(old)
        if share:
            yield RequestMirrorPolicy(cluster=cluster_of(rule.mirror), runtime_fraction=_share(share))


def _share(percent: float) -> RuntimeFractionalPercent:
    return RuntimeFractionalPercent(default_value=_percentage(percent))


def _cors(policy: objects.CorsPolicy) -> CorsPolicy:
    origins = [StringMatcher(exact=origin) for origin in policy.allow_origin]
    for one in policy.allow_origins:
        if one.exact is not None:
            origins.append(StringMatcher(exact=one.exact))
        elif one.prefix is not None:
            origins.append(StringMatcher(prefix=one.prefix))
        elif one.regex is not None:
            origins.append(StringMatcher(safe_regex=RegexMatcher(regex=one.regex)))
    return CorsPolicy(
        allow_origin_string_match=tuple(origins),
        allow_methods=",".join(policy.allow_methods),
        allow_headers=",".join(policy.allow_headers),
        expose_headers=",".join(policy.expose_headers),
        max_age=envoy_duration(policy.max_age).removesuffix("s"),
        allow_credentials=policy.allow_credentials,
    )


def _fault(fault: HTTPFaultInjection) -> HTTPFault | None:
    """A share of 0, which is that of a fault without a percentage, makes no fault."""
    delay, abort = fault.delay, fault.abort
    late = (delay.percentage.value if delay.percentage else float(delay.percent)) if delay else 0
    ended = abort.percentage.value if abort and abort.percentage else 0
    made = HTTPFault(
        delay=FaultDelay(fixed_delay=envoy_duration(delay.fixed_delay or ""), percentage=_percentage(late))
        if delay and late
        else None,
        abort=FaultAbort(
            http_status=abort.http_status,
            grpc_status=None if abort.http_status is not None else _GRPC_CODES.get(abort.grpc_status or ""),
            percentage=_percentage(ended),
        )
        if abort and ended
        else None,
    )
    return made if made.delay or made.abort else None


def _percentage(percent: float) -> FractionalPercent:
    return FractionalPercent(numerator=int(percent * 10_000), denominator="MILLION")
