"""Filters of HTTP and gRPC routes as what a VirtualService does with a request.

https://gateway-api.sigs.k8s.io/reference/spec/#httproutefilter, translated as istiod does it
(https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/conversion.go).
"""

from __future__ import annotations

from collections.abc import Iterable

from meshscope.effect.gateway_api.backends import Backend
from meshscope.istio.gateway_api.grpc_route import GRPCRouteFilter
from meshscope.istio.gateway_api.http_route import (
    HTTPCORSFilter,
    HTTPRequestRedirectFilter,
    HTTPRouteFilter,
    HTTPURLRewriteFilter,
)
from meshscope.istio.gateway_api.route_filters import HTTPHeader, HTTPHeaderFilter, HTTPRequestMirrorFilter
from meshscope.istio.labels import Labels
from meshscope.istio.objects.http_route import (
    CorsPolicy,
    HeaderOperations,
    Headers,
    HTTPMirrorPolicy,
    HTTPRedirect,
    HTTPRewrite,
    Percent,
    RegexRewrite,
    StringMatch,
)

Filter = HTTPRouteFilter | GRPCRouteFilter
HEADER_FILTERS = ("RequestHeaderModifier", "ResponseHeaderModifier")
PREFIX = "%PREFIX()%"
"""In front of a path that replaces the prefix alone, as istiod's own redirects have it."""


def headers(filters: Iterable[Filter]) -> Headers | None:
    """Of several filters of one kind the last counts."""
    found = Headers()
    for one in filters:
        if one.type == "RequestHeaderModifier" and one.request_header_modifier:
            found = Headers(request=_operations(one.request_header_modifier), response=found.response)
        elif one.type == "ResponseHeaderModifier" and one.response_header_modifier:
            found = Headers(request=found.request, response=_operations(one.response_header_modifier))
    return found if found.request or found.response else None


def _operations(asked: HTTPHeaderFilter) -> HeaderOperations:
    return HeaderOperations(set=_pairs(asked.set), add=_pairs(asked.add), remove=asked.remove)


def _pairs(asked: Iterable[HTTPHeader]) -> Labels:
    """Names are in lower case; of equal ones the first counts."""
    found: dict[str, str] = {}
    for one in asked:
        found.setdefault(one.name.lower(), one.value)
    return Labels.of(found)


def redirect(asked: HTTPRequestRedirectFilter) -> HTTPRedirect:
    path = ""
    if asked.path is not None and asked.path.type == "ReplaceFullPath":
        path = asked.path.replace_full_path or ""
    elif asked.path is not None and asked.path.type == "ReplacePrefixMatch":
        path = PREFIX + (asked.path.replace_prefix_match or "")
    derived = "FROM_PROTOCOL_DEFAULT" if asked.scheme else "FROM_REQUEST_PORT"
    return HTTPRedirect(
        uri=path,
        authority=asked.hostname,
        port=asked.port,
        derive_port=None if asked.port else derived,
        scheme=asked.scheme,
        redirect_code=asked.status_code,
    )


def rewrite(asked: HTTPURLRewriteFilter) -> HTTPRewrite | None:
    """A prefix that nothing replaces becomes `/`."""
    uri, substitution = "", None
    if asked.path is not None and asked.path.type == "ReplacePrefixMatch":
        uri = (asked.path.replace_prefix_match or "").removesuffix("/") or "/"
    elif asked.path is not None and asked.path.type == "ReplaceFullPath":
        substitution = RegexRewrite(match="/.*", rewrite=asked.path.replace_full_path or "")
    if not (uri or substitution or asked.hostname):
        return None
    return HTTPRewrite(uri=uri, authority=asked.hostname, uri_regex_rewrite=substitution)


def cors(asked: HTTPCORSFilter) -> CorsPolicy:
    return CorsPolicy(
        allow_origins=tuple(StringMatch(exact=origin) for origin in asked.allow_origins if origin),
        allow_methods=asked.allow_methods,
        allow_headers=asked.allow_headers,
        expose_headers=asked.expose_headers,
        max_age=f"{asked.max_age}s" if asked.max_age > 0 else "",
        allow_credentials=asked.allow_credentials or None,
    )


def mirror(asked: HTTPRequestMirrorFilter, to: Backend) -> HTTPMirrorPolicy:
    share = None
    if asked.fraction is not None:
        share = Percent(value=100 * asked.fraction.numerator / (asked.fraction.denominator or 100))
    elif asked.percent is not None:
        share = Percent(value=float(asked.percent))
    return HTTPMirrorPolicy(destination=to.destination, percentage=share)
