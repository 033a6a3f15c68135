"""From a cluster to the endpoints that may get the request, and how the proxy speaks to them.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/overview
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from meshscope.simulation.cluster.compiled import CompiledCluster, Criteria
from meshscope.simulation.cluster.overload import closed_circuit
from meshscope.simulation.cluster.selection import HostSelection, MemberSelection, Selected
from meshscope.simulation.cluster.upstream_connection import UpstreamConnection
from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.endings import NO_HEALTHY_UPSTREAM, NO_SECRET, UNKNOWN, End
from meshscope.simulation.proxy.connection_context import ConnectionContext
from meshscope.simulation.proxy.draft import Draft, Forward
from meshscope.simulation.route.cluster_choice import ClusterChoice
from meshscope.simulation.trace import EndpointRef, Step, StepKind
from meshscope.simulation.verdict import Truth
from meshscope.xds.istio_filters import IstioAlpn

LOCALHOST = "localhost"
"""It resolves to the loopback everywhere: https://www.rfc-editor.org/rfc/rfc6761#section-6.3"""
DYNAMIC_FORWARD_PROXY = "envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig"


class Balancing(Struct, frozen=True):
    """What leaves the proxy on one connection. `request` None for TCP; `alpn`: what `istio.alpn` puts into the TLS.

    `priority` is the route's, whose circuit breakers count once a host is selected. The hop's cluster stays the one that the
    route names, as in an access log; that an aggregate's member serves is a step.
    """

    context: ConnectionContext
    request: HttpRequest | None = None
    alpn: IstioAlpn | None = None
    priority: str = "DEFAULT"

    def of(self, draft: Draft, cluster: CompiledCluster, choice: ClusterChoice) -> Iterator[Draft]:
        """Every answer of the cluster's load balancer."""
        if self.context.explain:
            draft = draft.with_steps(_cluster_step(cluster))
        if self.request is not None and self.request.override_host is not None:
            from meshscope.simulation.proxy.session_host import session_choice  # few requests name their host

            session = session_choice(cluster, self.request.override_host)
            draft = draft.assumed(session.assuming)
            if session.selection is not None:
                yield self._limited(self._to_hosts(draft, cluster, session.selection, choice.criteria), cluster)
                return
            verdict = Truth.NO if session.refused else Truth.YES
            step = Step(kind=StepKind.ENDPOINT, verdict=verdict, because=session.because, location=cluster.location)
            draft = draft.with_steps(step) if session.because else draft
            if session.refused:
                yield draft.ended(NO_HEALTHY_UPSTREAM)
                return
        if cluster.cluster.discovery_type == "ORIGINAL_DST":
            yield self._limited(_to_original_destination(draft, cluster, self.context, self.request), cluster)
            return
        custom = cluster.cluster.cluster_type
        if custom and custom.type_name == DYNAMIC_FORWARD_PROXY:
            yield self._limited(_to_named_host(draft, cluster, self.request), cluster)
            return
        for outcome in cluster.choose(choice.criteria, http=self.request is not None):
            branch, selection, member = draft.after(outcome), outcome.value, cluster
            if isinstance(selection, End):
                yield _no_host(branch, cluster, choice, outcome.condition) if self.context.explain else branch
                continue
            if isinstance(selection, MemberSelection):
                member = cluster.members.get(selection.cluster, cluster)
                selection = selection.selection
                branch = branch.with_steps(*self._member_steps(member, outcome.condition))
            yield self._limited(self._to_hosts(branch, member, selection, choice.criteria), member)

    def _member_steps(self, member: CompiledCluster, condition: str) -> tuple[Step, ...]:
        return (_cluster_step(member, condition),) if self.context.explain else ()

    def _limited(self, draft: Draft, cluster: CompiledCluster) -> Draft:
        """Ended where a circuit breaker of the host's cluster lets nothing through."""
        if draft.end is not None:
            return draft
        envoy, http = self.context.proxy.envoy, self.request is not None
        closed = closed_circuit(cluster.cluster, self.priority, envoy, http=http)
        if closed is None:
            return draft
        because = "a circuit breaker of size zero"
        step = Step(kind=StepKind.CLUSTER, chosen=cluster.name, verdict=Truth.NO, because=because)
        return replace(draft.with_hop(endpoints=(), tls=None).ended(closed, step), forward=None)

    def _to_hosts(
        self, draft: Draft, cluster: CompiledCluster, selection: HostSelection, criteria: Criteria | None
    ) -> Draft:
        request = self.request
        if selection.hosts is None:
            because = "its endpoints are not in this input"
            step = Step(kind=StepKind.ENDPOINT, verdict=Truth.UNKNOWN, because=because, location=cluster.location)
            draft = draft.with_steps(step).with_hop(endpoints=None).assumed((f"{cluster.name} has a healthy endpoint",))
            return replace(draft, forward=Forward(cluster=cluster.name, hosts=None, request=request))
        protocol = self.context.connection.application_protocol
        connections = tuple(cluster.connection(one.host, request, protocol, self.alpn) for one in selection.hosts)
        secrets = self.context.proxy.secrets
        if missing := [secrets.missing(one) for one in connections if secrets.missing(one)]:
            draft = draft.with_hop(
                endpoints=tuple(self.context.proxy.upstream.endpoint(one) for one in selection.hosts)
            )
            because = f"secret {missing[0]} is not delivered"
            step = Step(kind=StepKind.TLS, verdict=Truth.NO, because=because, location=cluster.location)
            return draft.ended(NO_SECRET, step)
        draft = draft.with_hop(
            endpoints=tuple(self.context.proxy.upstream.endpoint(one) for one in selection.hosts),
            tls=connections[0].shown if connections and connections[0].tls else None,
        )
        if self.context.explain:
            steps = _endpoint_step(cluster, selection, criteria), _tls_step(cluster, connections[0])
            draft = draft.with_steps(*steps)
        assuming = tuple(dict.fromkeys(text for one in connections for text in one.assuming))
        forward = Forward(cluster=cluster.name, hosts=selection.hosts, connections=connections, request=request)
        return replace(draft.assumed(assuming), forward=forward)


def _cluster_step(cluster: CompiledCluster, condition: str = "") -> Step:
    return Step(
        kind=StepKind.CLUSTER,
        chosen=cluster.name,
        because=" · ".join(filter(None, (cluster.summary, condition))),
        owner=cluster.owner,
        location=cluster.location,
    )


def _no_host(draft: Draft, cluster: CompiledCluster, choice: ClusterChoice, condition: str) -> Draft:
    losers = cluster.explain(choice.criteria)
    step = Step(
        kind=StepKind.ENDPOINT,
        verdict=Truth.NO,
        because=condition or ("no endpoint may be chosen" if losers else "it has no endpoints"),
        rejected=losers,
        owner=cluster.owner,
        location=cluster.location,
    )
    return draft.with_steps(step)


def _to_original_destination(
    draft: Draft, cluster: CompiledCluster, context: ConnectionContext, request: HttpRequest | None
) -> Draft:
    from meshscope.simulation.cluster.original_dst import original_destination  # few clusters are of that type

    connection = context.connection
    is_known = connection.destination_ip is not None or connection.restored is False
    restored = is_known if connection.restored is None else connection.restored
    found = original_destination(cluster.cluster, connection, request, restored=restored and is_known)
    if found.address:
        step = Step(kind=StepKind.ENDPOINT, chosen=found.address, because=found.because)
        forward = Forward(
            cluster=cluster.name,
            hosts=(),
            destination=found.address,
            host_name=cluster.name + found.address,  # https://github.com/envoyproxy/envoy: original_dst_cluster.cc
            request=request,
        )
        endpoints = (EndpointRef(found.address, "UNKNOWN"),)
        return replace(draft.with_steps(step).with_hop(endpoints=endpoints), forward=forward)
    if is_known:
        step = Step(kind=StepKind.ENDPOINT, verdict=Truth.NO, because=found.because, location=cluster.location)
        return draft.ended(NO_HEALTHY_UPSTREAM, step)
    because = "it goes to the original destination, whose address is not in this input"
    step = Step(kind=StepKind.ENDPOINT, verdict=Truth.UNKNOWN, because=because, location=cluster.location)
    return draft.ended(UNKNOWN, step)


def _to_named_host(draft: Draft, cluster: CompiledCluster, request: HttpRequest | None) -> Draft:
    """The host that the request names, which its HTTP filter resolves; other filters may name another one.

    https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/http_proxy
    """
    from meshscope.simulation.cluster.original_dst import is_address  # as above

    host = request.authority if request else None
    if not host:
        because = "the host that the connection names is resolved as it comes"
        step = Step(kind=StepKind.ENDPOINT, verdict=Truth.UNKNOWN, because=because, location=cluster.location)
        return draft.ended(UNKNOWN, step)
    has_port = host.rpartition(":")[2].isdecimal() and not host.endswith("]")
    address = host if has_port else f"{host}:{443 if cluster.cluster.transport_socket else 80}"
    name = address.rpartition(":")[0]
    step = Step(kind=StepKind.ENDPOINT, chosen=address, because="the host that the request names")
    if name.lower() == LOCALHOST:
        address = f"127.0.0.1:{address.rpartition(':')[2]}"
    elif not is_address(address):
        draft = draft.assumed((f"{name} resolves",))
    forward = Forward(cluster=cluster.name, hosts=(), destination=address, request=request)
    return replace(draft.with_steps(step).with_hop(endpoints=(EndpointRef(address, "UNKNOWN"),)), forward=forward)


def _endpoint_step(cluster: CompiledCluster, selection: HostSelection, criteria: Criteria | None) -> Step:
    hosts = selection.hosts or ()
    chosen = {one.endpoint.address for one in hosts}
    return Step(
        kind=StepKind.ENDPOINT,
        chosen=named_hosts(hosts),
        because=" · ".join(filter(None, (hosts[0].endpoint.health, selection.because, *selection.notes))),
        rejected=tuple(one for one in cluster.explain(criteria) if one.name not in chosen)[:10],
        location=hosts[0].endpoint.location,
    )


def named_hosts(hosts: Sequence[Selected]) -> str:
    """Their addresses; of many the first ones."""
    return ", ".join(one.endpoint.address for one in hosts[:3]) + (" …" if len(hosts) > 3 else "")


def _tls_step(cluster: CompiledCluster, first: UpstreamConnection) -> Step:
    if not first.tls:
        because = "plain text to the endpoint"
        return Step(kind=StepKind.TLS, chosen="DISABLE", because=because, location=cluster.location)
    because = f"{first.shown.mode}, SNI {first.sni or 'none'}, ALPN {','.join(first.alpn) or 'none'}"
    return Step(kind=StepKind.TLS, chosen=first.shown.mode, because=because, location=cluster.location)
