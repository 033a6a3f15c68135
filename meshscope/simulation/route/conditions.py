"""What a route asks beside its path, in Envoy's order, each condition a function of one asking.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routematch
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from functools import cached_property

from meshscope.simulation.connection import Connection, Envoy, HttpRequest
from meshscope.simulation.guards import match_headers_individually
from meshscope.simulation.matching.cookie import cookie_matches, cookies
from meshscope.simulation.matching.filter_state import filter_state_matches
from meshscope.simulation.matching.header import header_matches
from meshscope.simulation.matching.metadata import metadata_matches
from meshscope.simulation.matching.path import path_without_parameters, path_without_query
from meshscope.simulation.matching.query import query_matches, query_parameters
from meshscope.simulation.verdict import NO, YES, Verdict, all_of, unknown
from meshscope.xds.message import present
from meshscope.xds.route_match import RouteMatch

_GRPC = "application/grpc"


class Asking:
    """One request at one virtual host; what several routes look at is worked out once."""

    def __init__(
        self,
        request: HttpRequest,
        connection: Connection,
        envoy: Envoy,
        settable: Container[str],
        *,
        ignore_path_parameters: bool,
    ) -> None:
        self.request, self.connection, self.envoy, self.settable = request, connection, envoy, settable
        self.whole_path = path_without_query(request.path)
        self.path = path_without_parameters(self.whole_path, envoy) if ignore_path_parameters else self.whole_path

    @cached_property
    def individually(self) -> bool:
        return match_headers_individually(self.envoy)

    @cached_property
    def parameters(self) -> Mapping[str, str]:
        return query_parameters(self.request.path)

    @cached_property
    def cookies(self) -> Mapping[str, str]:
        return cookies(self.request)


Condition = Callable[[RouteMatch, Asking], Verdict]


def conditions(match: RouteMatch) -> tuple[Condition, ...]:
    """Those that a route has. Its runtime fraction is decided by the random value, and is one only where it does not read."""
    fraction = match.runtime_fraction
    asked = {
        grpc: present(match.grpc),
        headers: match.headers,
        query: match.query_parameters,
        crumbs: match.cookies,
        tls_context: match.tls_context,
        dynamic_metadata: match.dynamic_metadata,
        filter_state: match.filter_state,
        runtime_fraction: fraction is not None and fraction.default_value.doubt,
        unread: match.unread,
    }
    return tuple(condition for condition, value in asked.items() if value)


def grpc(_match: RouteMatch, asking: Asking) -> Verdict:
    """`application/grpc` and `application/grpc+…`, nothing else: https://github.com/grpc/grpc."""
    content_type = next(iter(asking.request.values("content-type")), "")
    return YES if content_type == _GRPC or content_type.startswith(f"{_GRPC}+") else NO


def headers(match: RouteMatch, asking: Asking) -> Verdict:
    request, envoy, individually = asking.request, asking.envoy, asking.individually
    return all_of(header_matches(one, request, envoy, individually=individually) for one in match.headers)


def query(match: RouteMatch, asking: Asking) -> Verdict:
    return all_of(query_matches(one, asking.parameters, asking.envoy) for one in match.query_parameters)


def crumbs(match: RouteMatch, asking: Asking) -> Verdict:
    return all_of(cookie_matches(one, asking.cookies, asking.envoy) for one in match.cookies)


def tls_context(match: RouteMatch, asking: Asking) -> Verdict:
    """Plaintext counts as neither presented nor validated."""
    asked = match.tls_context
    if asked is None:
        return YES
    peer, tls = asking.connection.peer, asking.connection.tls
    presented = peer.presented if tls else False
    validated = peer.validated if presented is not False else False
    verdicts = [
        _same(wanted, actual, what)
        for what, wanted, actual in (
            ("presented", asked.presented, presented),
            ("validated", asked.validated, validated),
        )
        if wanted is not None
    ]
    return all_of((*verdicts, unknown(f"tls_context: {asked.doubt}")) if asked.unread else verdicts)


def _same(wanted: bool, actual: bool | None, what: str) -> Verdict:
    if actual is None:
        return unknown(f"nobody said whether a client certificate is {what}")
    return YES if wanted == actual else NO


def runtime_fraction(match: RouteMatch, _asking: Asking) -> Verdict:
    fraction = match.runtime_fraction
    return YES if fraction is None else unknown(f"runtime_fraction: {fraction.default_value.doubt}")


def unread(match: RouteMatch, _asking: Asking) -> Verdict:
    """A field that is not known counts as one more condition."""
    return unknown(match.doubt)


def dynamic_metadata(match: RouteMatch, asking: Asking) -> Verdict:
    return all_of(metadata_matches(one, asking.request.metadata, asking.envoy) for one in match.dynamic_metadata)


def filter_state(match: RouteMatch, asking: Asking) -> Verdict:
    return all_of(filter_state_matches(one, asking.settable) for one in match.filter_state)
