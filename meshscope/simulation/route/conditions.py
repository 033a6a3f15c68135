"""What a route asks beside its path: one table, in Envoy's order, by which a condition is decided and explained.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routematch
A new condition is a field of RouteMatch, whose type prints itself, and a row here.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from functools import cached_property
from typing import Any

from msgspec import UNSET, Struct

from meshscope.simulation.connection import Connection, Envoy, HttpRequest
from meshscope.simulation.guards import match_headers_individually
from meshscope.simulation.matching.header import header_because, header_matches
from meshscope.simulation.matching.path import path_without_parameters, path_without_query
from meshscope.simulation.runtime_fraction import fraction_in_effect, holds
from meshscope.simulation.verdict import NO, YES, Verdict, unknown
from meshscope.xds.route_match import RouteMatch, RuntimeFractionalPercent


class RouteQuestion:
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
        from meshscope.simulation.matching.query import query_parameters  # few routes ask

        return query_parameters(self.request.path)

    @cached_property
    def cookies(self) -> Mapping[str, str]:
        from meshscope.simulation.matching.cookie import cookies  # as above

        return cookies(self.request)


Decide = Callable[[Any, RouteQuestion], Verdict]
Because = Callable[[Any, RouteQuestion], str]


class ConditionKind:
    """`judge` answers two functions that take the field's value: whether it holds, and why not. It is asked when a route has
    the field, so that what most routes do not ask for is not loaded. Each value of a repeated field is a condition.
    """

    def __init__(self, field: str, judge: Callable[[], tuple[Decide, Because]]) -> None:
        self.field, self._judge = field, judge

    @cached_property
    def judging(self) -> tuple[Decide, Because]:
        return self._judge()


class Condition(Struct, frozen=True):
    """One condition of one route."""

    kind: ConditionKind
    value: Any

    def decide(self, question: RouteQuestion) -> Verdict:
        return self.kind.judging[0](self.value, question)

    def because(self, question: RouteQuestion) -> str:
        return self.kind.judging[1](self.value, question)


def _fraction_holds(fraction: RuntimeFractionalPercent, question: RouteQuestion) -> Verdict:
    """Whether the random value leaves the request out; without one the choice of a route splits by the share."""
    share, random = fraction_in_effect(fraction, question.request, question.envoy), question.request.random
    if share.doubt:
        return unknown(f"runtime_fraction: {share.doubt}")
    return NO if (share.numerator == 0 if random is None else not holds(share, random)) else YES


def _fraction_because(fraction: RuntimeFractionalPercent, question: RouteQuestion) -> str:
    share = fraction_in_effect(fraction, question.request, question.envoy)
    return f"runtime_fraction {share} leaves this request out"


def _headers() -> tuple[Decide, Because]:
    return (
        lambda one, q: header_matches(one, q.request, q.envoy, individually=q.individually),
        lambda one, q: header_because(one, q.request),
    )


def _grpc() -> tuple[Decide, Because]:
    from meshscope.simulation.matching.grpc import grpc_because, grpc_matches

    return lambda options, q: grpc_matches(options, q.request), lambda _, q: grpc_because(q.request)


def _query_parameters() -> tuple[Decide, Because]:
    from meshscope.simulation.matching.query import query_because, query_matches

    return lambda one, q: query_matches(one, q.parameters, q.envoy), lambda one, q: query_because(one, q.parameters)


def _cookies() -> tuple[Decide, Because]:
    from meshscope.simulation.matching.cookie import cookie_because, cookie_matches

    return lambda one, q: cookie_matches(one, q.cookies, q.envoy), lambda one, q: cookie_because(one, q.cookies)


def _tls_context() -> tuple[Decide, Because]:
    from meshscope.simulation.matching.tls_context import tls_context_because, tls_context_matches

    return lambda one, q: tls_context_matches(one, q.connection), lambda one, _: tls_context_because(one)


def _dynamic_metadata() -> tuple[Decide, Because]:
    from meshscope.simulation.matching.metadata import metadata_because, metadata_matches

    return (
        lambda one, q: metadata_matches(one, q.request.metadata, q.envoy),
        lambda one, q: metadata_because(one, q.request.metadata),
    )


def _filter_state() -> tuple[Decide, Because]:
    from meshscope.simulation.matching.filter_state import filter_state_because, filter_state_matches

    return lambda one, q: filter_state_matches(one, q.settable), lambda one, _: filter_state_because(one)


def _unread() -> tuple[Decide, Because]:
    return lambda name, _: unknown(f"field {name} is not known to meshscope"), lambda *_: ""


KINDS = (
    ConditionKind("runtime_fraction", lambda: (_fraction_holds, _fraction_because)),
    ConditionKind("grpc", _grpc),
    ConditionKind("headers", _headers),
    ConditionKind("query_parameters", _query_parameters),
    ConditionKind("cookies", _cookies),
    ConditionKind("tls_context", _tls_context),
    ConditionKind("dynamic_metadata", _dynamic_metadata),
    ConditionKind("filter_state", _filter_state),
    ConditionKind("unread", _unread),
)
"""A field that is not known counts as one more condition."""


def conditions(match: RouteMatch) -> Iterator[Condition]:
    """Those that a route has."""
    for kind in KINDS:
        value = getattr(match, kind.field)
        if isinstance(value, tuple):
            for one in value:
                yield Condition(kind, one)
        elif value is not None and value is not UNSET:
            yield Condition(kind, value)
