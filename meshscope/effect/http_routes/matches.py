"""A match of a VirtualService as Envoy's.

https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest, translated as istiod does it
(https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/route/route.go, TranslateRouteMatch).
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.istio.objects.http_route import HTTPMatchRequest, StringMatch
from meshscope.xds.matcher import HeaderMatcher, QueryParameterMatcher, RegexMatcher, StringMatcher
from meshscope.xds.route_match import RouteMatch

_PSEUDO_HEADERS = (("method", ":method"), ("authority", ":authority"), ("scheme", ":scheme"))
CLAIMS = "@request.auth.claims"


def envoy_match(asked: HTTPMatchRequest | None) -> RouteMatch:
    """None matches every request. Headers stand in the order of their names, pseudo-headers behind them."""
    if asked is None:
        return RouteMatch(prefix="/")
    uri = asked.uri or StringMatch(prefix="/")
    path, prefix, regex = uri.exact, uri.prefix, uri.regex
    return RouteMatch(
        path=path,
        prefix=prefix,
        safe_regex=RegexMatcher(regex=regex) if regex is not None else None,
        case_sensitive=not asked.ignore_uri_case,
        headers=tuple(_headers(asked)),
        query_parameters=tuple(_query(name, value) for name, value in sorted(asked.query_params.items())),
    )


def is_catch_all(match: RouteMatch, *, regex: bool = True) -> bool:
    """Whether nothing comes after it: istiod ends the list of routes there. `regex`: it understands `.*` as well."""
    is_for_all = match.safe_regex is not None and match.safe_regex.regex == ".*"
    every_path = match.prefix == "/" or (is_for_all and regex)
    return every_path and not match.headers and not match.query_parameters and not match.dynamic_metadata


def _headers(asked: HTTPMatchRequest) -> Iterator[HeaderMatcher]:
    named = [(name, value, False) for name, value in asked.headers.items()]
    named += [(name, value, True) for name, value in asked.without_headers.items()]
    for name, value, is_inverted in sorted(named, key=lambda one: (one[0], one[2])):
        if not name.startswith(CLAIMS):
            yield _header(name, value, is_inverted=is_inverted)
    for field, name in _PSEUDO_HEADERS:
        if (value := getattr(asked, field)) is not None:
            yield _header(name, value, is_inverted=False)


def _header(name: str, value: StringMatch, *, is_inverted: bool) -> HeaderMatcher:
    wanted = _string(value)
    if wanted is None:
        return HeaderMatcher(name=name, present_match=True, invert_match=is_inverted)
    return HeaderMatcher(name=name, string_match=wanted, invert_match=is_inverted)


def _query(name: str, value: StringMatch) -> QueryParameterMatcher:
    wanted = _string(value)
    present = True if wanted is None else None
    return QueryParameterMatcher(name=name, string_match=wanted, present_match=present)


def _string(value: StringMatch) -> StringMatcher | None:
    """None asks for presence alone."""
    if value.exact is not None:
        return StringMatcher(exact=value.exact)
    if value.prefix is not None:
        return StringMatcher(prefix=value.prefix)
    if value.regex is not None and value.regex != "*":
        return StringMatcher(safe_regex=RegexMatcher(regex=value.regex))
    return None
