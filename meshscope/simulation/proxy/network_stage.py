"""Where the network filters of a chain send a connection: to a TCP proxy's upstream, or to a connection manager.

https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/network_filters/network_filters
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.simulation.cluster.overload import no_connections
from meshscope.simulation.endings import NO_CLUSTER_FOR_TCP, End
from meshscope.simulation.listener.network_filters import NetworkFilters, ToHttp
from meshscope.simulation.listener.tcp_cluster_choice import ToCluster
from meshscope.simulation.proxy.balancing import Balancing
from meshscope.simulation.proxy.connection_context import ConnectionContext
from meshscope.simulation.proxy.draft import Draft
from meshscope.simulation.proxy.subset_criteria import assumed_of_connection, criteria_of
from meshscope.simulation.route.cluster_choice import ClusterChoice
from meshscope.simulation.trace import Step, StepKind
from meshscope.simulation.verdict import Truth

AT_ONCE, AFTER_HANDSHAKE = "IMMEDIATE", "ON_DOWNSTREAM_TLS_HANDSHAKE"
"""When a TCP proxy opens its upstream, in the words of `upstream_connect_mode`; the third is with the first bytes.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/tcp_proxy/v3/tcp_proxy.proto
"""


def opening(
    moment: str, draft: Draft, filters: NetworkFilters, context: ConnectionContext
) -> Iterator[tuple[Draft, ToCluster | None]]:
    """A TCP proxy opens its upstream. Where that fails it closes, whatever the client's handshake (AT_ONCE) or the filters in
    front of it would have done. None: no TCP proxy opens anything at this moment.
    """
    ways = filters.opening(moment, context.connection, context.random)
    if not ways:
        yield draft, None
    for way in ways:
        assert isinstance(way.value, ToCluster)  # noqa: S101  # choosing alone never ends
        branch = draft.after(way).with_hop(cluster=way.value.cluster)
        opened = tuple(_to_cluster(branch, way.value, context))
        if all(one.end for one in opened):
            yield from ((one, None) for one in opened)
        else:
            yield branch, way.value


def through_network_filters(
    draft: Draft, filters: NetworkFilters, context: ConnectionContext, *, opened: ToCluster | None, secured: bool
) -> Iterator[tuple[Draft, ToHttp | None]]:
    """Every way on: an ended or forwarded draft, or one that goes on at a connection manager.

    `opened` is what a TCP proxy has chosen already. `secured`: this chain ended the client's TLS.
    """
    ways = filters.run(
        context.connection,
        opened_cluster=opened,
        envoy=context.proxy.envoy,
        terminates_tls=secured,
        random=context.random,
        explain=context.explain,
    )
    for outcome in ways:
        branch = draft.after(outcome)
        if isinstance(outcome.value, ToHttp):
            yield branch, outcome.value
        elif isinstance(outcome.value, ToCluster):
            yield from ((one, None) for one in _to_cluster(branch, outcome.value, context))
        else:
            yield branch, None


def _to_cluster(draft: Draft, target: ToCluster, context: ConnectionContext) -> Iterator[Draft]:
    upstream = context.proxy.upstream
    cluster = upstream.cluster(target.cluster)
    draft = draft.with_hop(cluster=target.cluster)
    if cluster is None:
        step, assuming = upstream.no_cluster(target.cluster, explain=context.explain)
        yield draft.ended(NO_CLUSTER_FOR_TCP, step, assuming=assuming)
        return
    closed = no_connections(cluster.cluster, context.proxy.envoy)
    if closed is not None:
        because = "a circuit breaker of size zero"
        yield draft.ended(closed, Step(kind=StepKind.CLUSTER, chosen=cluster.name, verdict=Truth.NO, because=because))
        return
    connection = context.connection
    choice = ClusterChoice(target.cluster, None, criteria_of(target.criteria, connection, None))
    draft = draft.assumed(assumed_of_connection(connection, None, cluster))
    for branch in Balancing(context).of(draft, cluster, choice):
        yield _closed(branch)


def _closed(draft: Draft) -> Draft:
    """An end that the router would answer with 503 closes a TCP connection."""
    end = draft.end
    if end is None or end.response is None or not end.response.code:
        return draft
    return replace(draft, end=End(end.disposition, replace(end.response, code=0, details="")))
