"""The router: cluster, circuit, rewrites, hosts and how they are spoken to (envoy-semantics §9.8, in its order).

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.simulation.cluster.aggregate import MemberSelection
from meshscope.simulation.cluster.compiled import CompiledCluster
from meshscope.simulation.cluster.overload import closed_circuit, drop_overload, maintenance_mode
from meshscope.simulation.cluster.selection import Selected, Selection
from meshscope.simulation.cluster.transport_socket import UpstreamConnection
from meshscope.simulation.connection import Connection, HttpRequest
from meshscope.simulation.endings import NO_HEALTHY_UPSTREAM, UNKNOWN, End
from meshscope.simulation.headers.substitution import Facts
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.proxy.compiled_proxy import CompiledProxy
from meshscope.simulation.proxy.draft import Draft, Forward
from meshscope.simulation.route.cluster_choice import ClusterChoice, cluster_not_found
from meshscope.simulation.route.mirrors import mirror_steps
from meshscope.simulation.route.retries import retries, retry_policy
from meshscope.simulation.route.table import CompiledAction
from meshscope.simulation.route.timeouts import Timeouts, timeouts
from meshscope.simulation.route.upstream_request import as_headers
from meshscope.simulation.trace import EndpointRef, Step, StepKind
from meshscope.simulation.verdict import Truth
from meshscope.xds.istio_filters import IstioAlpn
from meshscope.xds.route import Route, VirtualHost
from meshscope.xds.route_action import RouteAction


class Routed:
    """One request with its route, at the router. `alpn`: what the filter `istio.alpn` asks of the upstream's TLS."""

    def __init__(
        self,
        tools: CompiledProxy,
        route_tools: CompiledAction,
        host: VirtualHost,
        route: Route,
        alpn: IstioAlpn | None = None,
    ) -> None:
        self.tools, self.route_tools, self.host, self.route, self.alpn = tools, route_tools, host, route, alpn

    def forward(
        self, draft: Draft, choice: ClusterChoice, request: HttpRequest, connection: Connection, *, explain: bool
    ) -> Iterator[Draft]:
        """Every way on from a chosen cluster."""
        action = self.route.route or RouteAction()
        if choice.name is None:
            yield draft.ended(UNKNOWN)
            return
        cluster = self.tools.cluster(choice.name)
        if cluster is None:
            step, assuming = self.tools.no_cluster(choice.name, explain=explain)
            yield draft.ended(cluster_not_found(action), step, assuming=assuming)
            return
        policy = retry_policy(action, self.host)
        limits = timeouts(action, policy, request)
        draft = draft.with_hop(
            cluster=choice.name,
            timeout=limits.effective,
            retries=retries(policy, request, limits),
            priority=action.priority.upper(),
        )
        if explain and self.route_tools.mirrors:
            draft = draft.with_steps(
                *mirror_steps(self.route_tools.mirrors, request, self.tools.envoy, cluster.location)
            )
        for branch in _overloaded(draft, cluster, action, self.tools):
            if branch.end is not None:
                yield branch
            else:
                yield from self._sent(branch, cluster, choice, request, connection, limits, explain=explain)

    def _sent(  # noqa: PLR0913, PLR0917  # what the router holds in its hands
        self,
        draft: Draft,
        cluster: CompiledCluster,
        choice: ClusterChoice,
        request: HttpRequest,
        connection: Connection,
        limits: Timeouts,
        *,
        explain: bool,
    ) -> Iterator[Draft]:
        facts = Facts(
            request=request,
            connection=connection,
            route_name=self.route.name,
            cluster=cluster.name,
            virtual_cluster=draft.hop.virtual_cluster or "",
            route_metadata=self.route.metadata,
            virtual_host_metadata=self.host.metadata,
            cluster_metadata=cluster.cluster.metadata,
        )
        upstream = self.route_tools.upstream.of(facts, limits, choice.entry)
        sent = upstream.request
        draft = replace(draft, assuming=draft.assuming + upstream.assuming)
        draft = draft.with_hop(rewritten=_rewritten(request, sent), request_headers=as_headers(sent))
        for branch, member, selection in selections(draft, cluster, choice, connection, sent, explain=explain):
            if selection is None or branch.end is not None:
                yield branch
                continue
            yield to_hosts(branch, member, selection, sent, connection, self.tools, explain=explain, alpn=self.alpn)


def selections(  # noqa: PLR0913  # what a cluster is asked with
    draft: Draft,
    cluster: CompiledCluster,
    choice: ClusterChoice,
    connection: Connection,
    request: HttpRequest | None,
    *,
    explain: bool,
) -> Iterator[tuple[Draft, CompiledCluster, Selection | None]]:
    """What the load balancer may answer; for ORIGINAL_DST the draft already goes on to its address."""
    steps = (
        Step(
            kind=StepKind.CLUSTER,
            chosen=cluster.name,
            because=cluster.words,
            owner=cluster.owner,
            location=cluster.location,
        ),
    )
    draft = draft.with_steps(*steps) if explain else draft
    if cluster.cluster.discovery_type == "ORIGINAL_DST":
        yield _original(draft, cluster, connection, request), cluster, None
        return
    for outcome in cluster.choose(choice.criteria):
        branch = draft.after(outcome)
        value = outcome.value
        if isinstance(value, End):
            lost = cluster.explain(choice.criteria) if explain else ()
            because = outcome.condition or "no host is selectable"
            step = Step(
                kind=StepKind.ENDPOINT, verdict=Truth.NO, because=because, rejected=lost, location=cluster.location
            )
            yield branch.with_steps(step) if explain else branch, cluster, None
        elif isinstance(value, MemberSelection):
            member = cluster.members.get(value.cluster, cluster)
            yield branch.with_hop(cluster=value.cluster), member, value.selection
        else:
            yield branch, cluster, value


def _original(draft: Draft, cluster: CompiledCluster, connection: Connection, request: HttpRequest | None) -> Draft:
    from meshscope.simulation.cluster.original_dst import original_destination  # few clusters are of that type

    restored = connection.destination_ip is not None
    found = original_destination(cluster.cluster, connection, request, restored=restored)
    if not found.address and not restored:  # nobody knows the address of the name that was asked
        because = "it goes to the original destination, which nothing in this input tells"
        step = Step(kind=StepKind.ENDPOINT, verdict=Truth.UNKNOWN, because=because, location=cluster.location)
        return draft.ended(UNKNOWN, step)
    if not found.address:
        step = Step(kind=StepKind.ENDPOINT, verdict=Truth.NO, because=found.because, location=cluster.location)
        return draft.ended(NO_HEALTHY_UPSTREAM, step)
    step = Step(kind=StepKind.ENDPOINT, chosen=found.address, because=found.because)
    forward = Forward(cluster=cluster.name, hosts=(), destination=found.address, request=request)
    health = EndpointRef(found.address, "UNKNOWN")
    return replace(draft.with_steps(step).with_hop(endpoints=(health,)), forward=forward)


def to_hosts(  # noqa: PLR0913, PLR0917  # the last stage needs what all before it found out
    draft: Draft,
    cluster: CompiledCluster,
    selection: Selection,
    request: HttpRequest | None,
    connection: Connection,
    tools: CompiledProxy,
    *,
    explain: bool,
    alpn: IstioAlpn | None = None,
) -> Draft:
    """The draft with its endpoints and the way they are spoken to."""
    if selection.hosts is None:
        because = "nothing in this input tells its endpoints"
        step = Step(kind=StepKind.ENDPOINT, verdict=Truth.UNKNOWN, because=because, location=cluster.location)
        assumption = f"{cluster.name} has a healthy endpoint"
        draft = replace(draft.with_steps(step).with_hop(endpoints=None), assuming=(*draft.assuming, assumption))
        return replace(draft, forward=Forward(cluster=cluster.name, hosts=None, request=request))
    connections = tuple(
        cluster.connection(one.host, request, connection.application_protocol, alpn) for one in selection.hosts
    )
    endpoints = tuple(tools.endpoint(one) for one in selection.hosts)
    draft = draft.with_hop(
        endpoints=endpoints, tls=connections[0].shown if connections and connections[0].tls else None
    )
    if explain:
        draft = draft.with_steps(*_endpoint_steps(cluster, selection.hosts, connections, selection))
    assuming = tuple(dict.fromkeys(text for one in connections for text in one.assuming))
    forward = Forward(cluster=cluster.name, hosts=selection.hosts, connections=connections, request=request)
    return replace(draft, forward=forward, assuming=draft.assuming + assuming)


def _endpoint_steps(
    cluster: CompiledCluster,
    hosts: tuple[Selected, ...],
    connections: tuple[UpstreamConnection, ...],
    selection: Selection,
) -> Iterator[Step]:
    names = ", ".join(one.endpoint.address for one in hosts[:3]) + (" …" if len(hosts) > 3 else "")
    because = " · ".join(filter(None, (hosts[0].endpoint.health, selection.because, *selection.notes)))
    yield Step(
        kind=StepKind.ENDPOINT,
        chosen=names,
        because=because,
        rejected=cluster.explain(None)[:10],
        location=hosts[0].endpoint.location,
    )
    first = connections[0]
    if first.tls:
        words = f"{first.shown.mode}, SNI {first.sni or 'none'}, ALPN {','.join(first.alpn) or 'none'}"
        yield Step(kind=StepKind.TLS, chosen=first.shown.mode, because=words, location=cluster.location)
    else:
        yield Step(kind=StepKind.TLS, chosen="DISABLE", because="plain text to the endpoint", location=cluster.location)


def _overloaded(draft: Draft, cluster: CompiledCluster, action: RouteAction, tools: CompiledProxy) -> Iterator[Draft]:
    """Maintenance mode, dropped overload, a breaker of size zero; what is left goes on."""
    left = 1.0
    for share, end in (maintenance_mode(cluster.cluster, tools.envoy), drop_overload(cluster.policy)):
        if share > 0:
            step = Step(
                kind=StepKind.CLUSTER,
                chosen=cluster.name,
                verdict=Truth.NO,
                because=end.response.details if end.response else "",
            )
            yield draft.after(Outcome(end, left * share)).with_steps(step)
            left *= 1 - share
    if left <= 0:
        return
    rest = draft if left == 1.0 else draft.after(Outcome(None, left))
    closed = closed_circuit(cluster.cluster, action.priority.upper() or "DEFAULT")
    if closed is None:
        yield rest
    else:
        step = Step(
            kind=StepKind.CLUSTER, chosen=cluster.name, verdict=Truth.NO, because="a circuit breaker of size zero"
        )
        yield rest.ended(closed, step)


def _rewritten(before: HttpRequest, after: HttpRequest) -> dict[str, str]:
    changed = {}
    if after.authority != before.authority:
        changed["authority"] = after.authority or ""
    if after.path != before.path:
        changed["path"] = after.path
    return changed
