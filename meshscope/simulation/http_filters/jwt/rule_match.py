"""The match of a rule of the JWT filter: only its path, headers and query parameters count.

https://github.com/envoyproxy/envoy/blob/main/source/extensions/filters/http/jwt_authn/matcher.cc
"""

from __future__ import annotations

from collections.abc import Callable

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.guards import match_headers_individually
from meshscope.simulation.http_filters.filter import FilterContext
from meshscope.simulation.matching.header import header_matches
from meshscope.simulation.matching.path import path_test, path_without_query
from meshscope.simulation.matching.query import query_matches, query_parameters
from meshscope.simulation.verdict import Verdict, all_of, unknown
from meshscope.xds.route_match import RouteMatch


def rule_matches(match: RouteMatch) -> Callable[[HttpRequest, FilterContext], Verdict]:
    path_matches = path_test(match)

    def decide(request: HttpRequest, context: FilterContext) -> Verdict:
        path = path_without_query(request.path)
        verdict = path_matches(path, path, request, context.envoy)
        if verdict.is_no or not (match.headers or match.query_parameters or match.unread):
            return verdict
        individually = match_headers_individually(context.envoy)
        parameters = query_parameters(request.path)
        return all_of(
            (
                verdict,
                *(header_matches(one, request, context.envoy, individually=individually) for one in match.headers),
                *(query_matches(one, parameters, context.envoy) for one in match.query_parameters),
                *((unknown(match.doubt),) if match.unread else ()),
            )
        )

    return decide
