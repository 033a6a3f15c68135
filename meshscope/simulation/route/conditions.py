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
from meshscope.simulation.matching.cookie import cookie_because, cookie_matches, cookies
from meshscope.simulation.matching.filter_state import filter_state_because, filter_state_matches
from meshscope.simulation.matching.grpc import grpc_because, grpc_matches
from meshscope.simulation.matching.header import header_because, header_matches
from meshscope.simulation.matching.metadata import metadata_because, metadata_matches
from meshscope.simulation.matching.path import path_without_parameters, path_without_query
from meshscope.simulation.matching.query import query_because, query_matches, query_parameters
from meshscope.simulation.matching.tls_context import tls_context_because, tls_context_matches
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
        return query_parameters(self.request.path)

    @cached_property
    def cookies(self) -> Mapping[str, str]:
        return cookies(self.request)


class ConditionKind(Struct, frozen=True):
    """`decide` and `because` (why it does not hold) take the field's value; each value of a repeated field is a condition."""

    field: str
    decide: Callable[[Any, RouteQuestion], Verdict]
    because: Callable[[Any, RouteQuestion], str]


class Condition(Struct, frozen=True):
    """One condition of one route."""

    kind: ConditionKind
    value: Any

    def decide(self, question: RouteQuestion) -> Verdict:
        return self.kind.decide(self.value, question)

    def because(self, question: RouteQuestion) -> str:
        return self.kind.because(self.value, question)


def _fraction_holds(fraction: RuntimeFractionalPercent, question: RouteQuestion) -> Verdict:
    """Whether the random value leaves the request out; without one the choice of a route splits by the share."""
    share, random = fraction_in_effect(fraction, question.request, question.envoy), question.request.random
    if share.doubt:
        return unknown(f"runtime_fraction: {share.doubt}")
    return NO if (share.numerator == 0 if random is None else not holds(share, random)) else YES


def _fraction_because(fraction: RuntimeFractionalPercent, question: RouteQuestion) -> str:
    share = fraction_in_effect(fraction, question.request, question.envoy)
    return f"runtime_fraction {share} leaves this request out"


KINDS = (
    ConditionKind("runtime_fraction", _fraction_holds, _fraction_because),
    ConditionKind("grpc", lambda options, q: grpc_matches(options, q.request), lambda _, q: grpc_because(q.request)),
    ConditionKind("headers", lambda one, q: header_matches(one, q.request, q.envoy, individually=q.individually),
                  lambda one, q: header_because(one, q.request)),
    ConditionKind("query_parameters", lambda one, q: query_matches(one, q.parameters, q.envoy),
                  lambda one, q: query_because(one, q.parameters)),
    ConditionKind("cookies", lambda one, q: cookie_matches(one, q.cookies, q.envoy),
                  lambda one, q: cookie_because(one, q.cookies)),
    ConditionKind("tls_context", lambda one, q: tls_context_matches(one, q.connection),
                  lambda one, _: tls_context_because(one)),
    ConditionKind("dynamic_metadata", lambda one, q: metadata_matches(one, q.request.metadata, q.envoy),
                  lambda one, q: metadata_because(one, q.request.metadata)),
    ConditionKind("filter_state", lambda one, q: filter_state_matches(one, q.settable),
                  lambda one, _: filter_state_because(one)),
    ConditionKind("unread", lambda name, _: unknown(f"field {name} is not known to meshscope"), lambda *_: ""),
)  # fmt: skip
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
