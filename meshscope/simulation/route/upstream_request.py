"""The request as it leaves the router: its own headers, mutations of every level, rewrites, in Envoy's order.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#http-headers-set-on-upstream-calls
"""

from __future__ import annotations

from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.headers.inline import joined_inline, set_header
from meshscope.simulation.headers.mutations import (
    HeaderMutation,
    HeaderMutations,
    of_entry,
    response_headers,
)
from meshscope.simulation.headers.substitution import SubstitutionFacts
from meshscope.simulation.local_reply import is_grpc
from meshscope.simulation.request import Headers
from meshscope.simulation.route.rewrites import Rewrites
from meshscope.simulation.route.timeouts import Timeouts, grpc_timeout
from meshscope.xds.duration import seconds
from meshscope.xds.route import Route, RouteConfigurationHead, VirtualHost
from meshscope.xds.route_action import ClusterWeight, RouteAction

_CONSUMED = frozenset({
    "x-envoy-max-retries",
    "x-envoy-retry-on",
    "x-envoy-retry-grpc-on",
    "x-envoy-retriable-status-codes",
    "x-envoy-retriable-header-names",
    "x-envoy-hedge-on-per-try-timeout",
    "x-envoy-upstream-rq-timeout-alt-response",
    "x-envoy-upstream-rq-timeout-ms",
    "x-envoy-upstream-rq-per-try-timeout-ms",
    "x-envoy-upstream-stream-duration-ms",
})  # fmt: skip
"""What the router reads and does not pass on."""


class Upstream(Struct, frozen=True):
    """The request before a host is chosen; `assuming` what had to be assumed."""

    request: HttpRequest
    assuming: tuple[str, ...] = ()


class UpstreamRequest:
    """What one route makes of a request, compiled once. `suppressed`: without the headers that the router itself adds."""

    def __init__(
        self, table: RouteConfigurationHead, host: VirtualHost, route: Route, *, suppressed: bool = False
    ) -> None:
        self._of = (table, host, route)
        self._is_suppressed = suppressed
        self._mutations = HeaderMutations(table, host, route)
        self._rewrites = Rewrites(route, keeps_originals=not suppressed)
        self._attempts = host.include_request_attempt_count
        action = route.route or RouteAction()
        duration = action.max_stream_duration
        self._sets_grpc_timeout = action.max_grpc_timeout is not None and duration is None
        weighted = action.weighted_clusters
        self._entries = {id(entry): of_entry(entry) for entry in (weighted.clusters if weighted else ())}

    def of(self, facts: SubstitutionFacts, timeouts: Timeouts, entry: ClusterWeight | None = None) -> Upstream:
        """`facts.request` is the request as the HTTP filters leave it; `entry` the weighted entry that was chosen."""
        headers = tuple((name, value) for name, value in facts.request.headers if name not in _CONSUMED)
        # what an attempt has left: the per-try timeout where there is one, else the whole; nothing without a limit
        if limit := seconds(timeouts.per_try) or seconds(timeouts.timeout):
            if not self._is_suppressed:
                headers = set_header(headers, "x-envoy-expected-rq-timeout-ms", f"{limit * 1000:.0f}")
            if self._sets_grpc_timeout and is_grpc(facts.request):
                headers = set_header(headers, "grpc-timeout", grpc_timeout(limit))
        if (stream := seconds(timeouts.stream or "")) and is_grpc(facts.request):
            headers = set_header(headers, "grpc-timeout", grpc_timeout(stream))
        if self._attempts:
            headers = set_header(headers, "x-envoy-attempt-count", "1")
        request = replace(facts.request, headers=headers)
        if entry is not None:
            request = _mutated(self._entry(entry)[0], facts, request)
            if entry.host_rewrite_literal:
                request = replace(request, authority=entry.host_rewrite_literal)
        for mutation in self._mutations.request:
            request = _mutated(mutation, facts, request)
        request, assuming = self._rewrites.apply(replace(facts, request=request))
        return Upstream(request, assuming)

    @cached_property
    def suppressed(self) -> UpstreamRequest:
        """The same of a router with `suppress_envoy_headers`."""
        return UpstreamRequest(*self._of, suppressed=True)

    @property
    def takes_host_name(self) -> bool:
        """Whether the chosen host's name becomes the authority."""
        return self._rewrites.takes_host_name

    def with_endpoint(self, request: HttpRequest, hostname: str) -> HttpRequest:
        """The same once a host is chosen."""
        return self._rewrites.with_endpoint(request, hostname)

    def response_headers(
        self, headers: Headers, facts: SubstitutionFacts, entry: ClusterWeight | None = None
    ) -> Headers:
        """Headers of an answer (a local one too) as the client sees them; `facts.request` as it was sent upstream."""
        first = (self._entry(entry)[1],) if entry is not None else ()
        return response_headers((*first, *self._mutations.response), headers, facts)

    def _entry(self, entry: ClusterWeight) -> tuple[HeaderMutation, HeaderMutation]:
        return self._entries.get(id(entry)) or of_entry(entry)


def _mutated(mutation: HeaderMutation, facts: SubstitutionFacts, request: HttpRequest) -> HttpRequest:
    if not mutation:
        return request
    request = replace(request, headers=mutation.removed(request.headers))
    return mutation.added_to(request, replace(facts, request=request))[0]


def as_headers(request: HttpRequest) -> Headers:
    """All headers as an upstream sees them, the pseudo-headers first; an absent authority is left out."""
    authority = () if request.authority is None else ((":authority", request.authority),)
    return (
        *authority,
        (":path", request.path),
        (":method", request.method),
        (":scheme", request.scheme),
        *joined_inline(request.headers),
    )
