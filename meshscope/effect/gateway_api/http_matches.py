"""Matches of HTTP and gRPC routes as those of a VirtualService, and the order in which the Gateway API wants them.

https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule, translated as istiod does it
(https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gateway/conversion.go, sortHTTPRoutes).
"""

from __future__ import annotations

from collections.abc import Iterable

from meshscope.istio.gateway_api.grpc_route import GRPCHeaderMatch, GRPCMethodMatch, GRPCRouteMatch
from meshscope.istio.gateway_api.http_route import HTTPHeaderMatch, HTTPQueryParamMatch, HTTPRouteMatch
from meshscope.istio.objects.http_route import HTTPMatchRequest, StringMatch

Precedence = tuple[int, ...]
"""Sorts rules, the first first."""


def http_match(asked: HTTPRouteMatch) -> HTTPMatchRequest:
    return HTTPMatchRequest(
        uri=_path(asked.path.type, asked.path.value),
        headers=_named(asked.headers),
        query_params=_named(asked.query_params),
        method=StringMatch(exact=asked.method) if asked.method else None,
    )


def grpc_match(asked: GRPCRouteMatch) -> HTTPMatchRequest:
    return HTTPMatchRequest(uri=_method(asked.method) if asked.method else None, headers=_named(asked.headers))


def precedence(match: HTTPMatchRequest | None) -> Precedence:
    """Exact paths, then prefixes, then regular expressions, the longest first; then those with a method, with more headers,
    with more parameters. None, which takes everything, stands behind all.
    """
    if match is None:
        return (1,)
    kind, text = _kind(match.uri)
    return (0, -kind, -len(text), match.method is None, -len(match.headers), -len(match.query_params))


def _kind(uri: StringMatch | None) -> tuple[int, str]:
    if uri is None:
        return -1, ""
    if uri.exact is not None:
        return 3, uri.exact
    return (2, uri.prefix) if uri.prefix is not None else (1, uri.regex or "")


def _path(kind: str, value: str) -> StringMatch:
    """A slash at the end of a prefix says nothing: it is of whole segments."""
    if kind == "Exact":
        return StringMatch(exact=value)
    if kind == "RegularExpression":
        return StringMatch(regex=value)
    return StringMatch(prefix=value if value == "/" else value.removesuffix("/"))


def _named(asked: Iterable[HTTPHeaderMatch | HTTPQueryParamMatch | GRPCHeaderMatch]) -> dict[str, StringMatch]:
    """Of equal names the last counts."""
    return {
        one.name: StringMatch(regex=one.value) if one.type == "RegularExpression" else StringMatch(exact=one.value)
        for one in asked
    }


def _method(asked: GRPCMethodMatch) -> StringMatch | None:
    """gRPC's path is `/service/method`."""
    if asked.service is None and asked.method is None:
        return None
    if asked.type == "RegularExpression" or asked.service is None:
        service = "[^/]+" if asked.service is None else asked.service
        return StringMatch(regex=f"/{service}/{'.+' if asked.method is None else asked.method}")
    if asked.method is None:
        return StringMatch(prefix=f"/{asked.service}/")
    return StringMatch(exact=f"/{asked.service}/{asked.method}")
