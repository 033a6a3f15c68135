"""The router: cluster, circuit breakers, timeouts, retries, rewrites, then the load balancer, in Envoy's order.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.simulation.cluster.compiled import CompiledCluster
from meshscope.simulation.cluster.overload import drop_overload, maintenance_mode
from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import UNKNOWN, End
from meshscope.simulation.header_changes import changes
from meshscope.simulation.headers.substitution import SubstitutionFacts
from meshscope.simulation.http_filters.chain import HttpFilters
from meshscope.simulation.local_reply import local_reply
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.proxy.balancing import Balancing
from meshscope.simulation.proxy.connection_context import ConnectionContext
from meshscope.simulation.proxy.draft import Draft
from meshscope.simulation.proxy.host_names import by_host_name
from meshscope.simulation.proxy.subset_criteria import assumed_of_connection, criteria_of
from meshscope.simulation.route.cluster_choice import ClusterChoice, cluster_not_found
from meshscope.simulation.route.mirrors import mirror_steps
from meshscope.simulation.route.retries import retries, retry_policy
from meshscope.simulation.route.table import CompiledAction
from meshscope.simulation.route.timeouts import Timeouts, timeouts
from meshscope.simulation.route.upstream_request import as_headers
from meshscope.simulation.trace import Step, StepKind
from meshscope.simulation.verdict import Truth
from meshscope.xds.route import Route, VirtualHost
from meshscope.xds.route_action import RouteAction


class Router:
    """Of one route on one connection, at the end of `filters`."""

    def __init__(
        self,
        context: ConnectionContext,
        action: CompiledAction,
        host: VirtualHost,
        route: Route,
        filters: HttpFilters | None = None,
    ) -> None:
        self._context, self._action, self._host, self._route = context, action, host, route
        self._alpn = filters.alpn if filters else None
        is_quiet = filters is not None and filters.suppresses_envoy_headers
        self._upstream = action.upstream.suppressed if is_quiet else action.upstream

    def forward(self, draft: Draft, choice: ClusterChoice, request: HttpRequest) -> Iterator[Draft]:
        """Every way on from a chosen cluster."""
        action, proxy = self._route.route or RouteAction(), self._context.proxy
        if choice.name is None:
            yield draft.ended(UNKNOWN)
            return
        cluster = proxy.upstream.cluster(choice.name)
        if cluster is None:
            step, assuming = proxy.upstream.no_cluster(choice.name, explain=self._context.explain)
            chosen = next((one for one in reversed(draft.hop.steps) if one.kind is StepKind.ROUTE), None)
            if chosen is not None:  # it names the cluster
                step = replace(step, owner=chosen.owner, location=chosen.location)
            yield draft.ended(cluster_not_found(action), step, assuming=assuming)
            return
        policy = retry_policy(action, self._host)
        limits = timeouts(action, policy, request)
        draft = draft.with_hop(
            cluster=choice.name,
            timeout=limits.effective,
            retries=retries(policy, request, limits),
            priority=action.priority.upper(),
        )
        if self._context.explain and self._action.mirrors:
            draft = draft.with_steps(*mirror_steps(self._action.mirrors, request, proxy.envoy, cluster.location))
        for branch in _overloaded(draft, cluster, proxy.envoy):
            if branch.end is not None:
                yield branch
            else:
                yield from self._sent(branch, cluster, choice, request, limits)

    def _sent(
        self, draft: Draft, cluster: CompiledCluster, choice: ClusterChoice, request: HttpRequest, limits: Timeouts
    ) -> Iterator[Draft]:
        """Rewritten as the upstream sees it, then balanced."""
        facts = SubstitutionFacts(
            request=request,
            connection=self._context.connection,
            route_name=self._route.name,
            cluster=cluster.name,
            virtual_cluster=draft.hop.virtual_cluster or "",
            route_metadata=self._route.metadata,
            virtual_host_metadata=self._host.metadata,
            cluster_metadata=cluster.cluster.metadata,
        )
        upstream = self._upstream.of(facts, limits, choice.entry)
        sent = upstream.request
        draft = draft.assumed(upstream.assuming)
        draft = draft.with_hop(rewritten=_rewritten(request, sent), request_headers=as_headers(sent))
        priority = (self._route.route or RouteAction()).priority.upper() or "DEFAULT"
        connection = self._context.connection
        asked = replace(choice, criteria=criteria_of(choice.criteria, connection, request))
        draft = draft.assumed(assumed_of_connection(connection, request, cluster))
        for balanced in Balancing(self._context, sent, self._alpn, priority).of(draft, cluster, asked):
            for way in by_host_name(balanced, self._upstream):
                told = self._told(way, request, sent)
                yield _out_of_time(told, request) if limits.no_time and told.end is None else told

    def _told(self, way: Draft, request: HttpRequest, sent: HttpRequest) -> Draft:
        """With what has changed in `request`; `sent` is what it was before its host was chosen."""
        leaving = (way.forward and way.forward.request) or sent
        if leaving is not sent:
            way = way.with_hop(rewritten=_rewritten(request, leaving), request_headers=as_headers(leaving))
        return way.told(changes(request, leaving), StepKind.CLUSTER) if self._context.explain else way


def _overloaded(draft: Draft, cluster: CompiledCluster, envoy: Envoy) -> Iterator[Draft]:
    """Maintenance mode and dropped overload; what is left goes on."""
    left = 1.0
    for share, end in (maintenance_mode(cluster.cluster, envoy), drop_overload(cluster.policy)):
        if share > 0:
            because = end.response.details if end.response else ""
            step = Step(kind=StepKind.CLUSTER, chosen=cluster.name, verdict=Truth.NO, because=because)
            yield draft.after(Outcome(end, left * share)).with_steps(step)
            left *= 1 - share
    if left > 0:
        yield draft if left == 1.0 else draft.after(Outcome(None, left))


def _out_of_time(draft: Draft, request: HttpRequest) -> Draft:
    """What its host would answer comes too late: the timer is up at once."""
    because = "grpc-timeout leaves the request no time"
    response = local_reply(request, 504, "max_duration_timeout")
    step = Step(kind=StepKind.ROUTE, verdict=Truth.NO, because=because)
    return replace(draft.ended(End(Disposition.PROTOCOL_ERROR, response), step), forward=None)


def _rewritten(before: HttpRequest, after: HttpRequest) -> dict[str, str]:
    changed = {}
    if after.authority != before.authority:
        changed["authority"] = after.authority or ""
    if after.path != before.path:
        changed["path"] = after.path
    return changed
