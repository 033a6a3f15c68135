"""Where the network filters of a chain send a connection: to a TCP proxy's upstream, or to a connection manager.

https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/network_filters/network_filters
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.simulation.cluster.overload import closed_circuit
from meshscope.simulation.connection import Connection
from meshscope.simulation.endings import NO_CLUSTER_FOR_TCP, End
from meshscope.simulation.listener.network_filters import NetworkFilters, ToHttp
from meshscope.simulation.listener.tcp_cluster_choice import ToCluster
from meshscope.simulation.proxy.compiled_proxy import CompiledProxy
from meshscope.simulation.proxy.draft import Draft
from meshscope.simulation.proxy.router import selections, to_hosts
from meshscope.simulation.route.cluster_choice import ClusterChoice

AT_ONCE, AFTER_HANDSHAKE = "IMMEDIATE", "ON_DOWNSTREAM_TLS_HANDSHAKE"
"""When a TCP proxy opens its upstream, in the words of `upstream_connect_mode`; the third is with the first bytes.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/tcp_proxy/v3/tcp_proxy.proto
"""


def opening(  # noqa: PLR0913, PLR0917  # a connection and what was found of it
    moment: str,
    draft: Draft,
    tools: CompiledProxy,
    filters: NetworkFilters,
    connection: Connection,
    random: int | None,
    *,
    explain: bool,
) -> Iterator[tuple[Draft, ToCluster | None]]:
    """A TCP proxy opens its upstream. Where that fails it closes, whatever the client's handshake (AT_ONCE) or the filters in
    front of it would have come to. None: no TCP proxy opens anything at this moment.
    """
    ways = filters.opening(moment, connection, random)
    if not ways:
        yield draft, None
    for way in ways:
        assert isinstance(way.value, ToCluster)  # noqa: S101  # choosing alone never ends
        branch = draft.after(way).with_hop(cluster=way.value.cluster)
        opened = tuple(_to_cluster(branch, tools, way.value, connection, explain=explain))
        if all(one.end for one in opened):
            yield from ((one, None) for one in opened)
        else:
            yield branch, way.value


def through_network_filters(  # noqa: PLR0913  # a connection and what was found of it
    draft: Draft,
    tools: CompiledProxy,
    filters: NetworkFilters,
    connection: Connection,
    *,
    opened: ToCluster | None,
    secured: bool,
    random: int | None,
    explain: bool,
) -> Iterator[tuple[Draft, ToHttp | None]]:
    """Every way on: an ended or forwarded draft, or one that goes on at a connection manager.

    `opened` is what a TCP proxy chose. `secured`: this chain ended the client's TLS. `random` is Envoy's random value.
    """
    ways = filters.run(connection, opened=opened, envoy=tools.envoy, secured=secured, random=random, explain=explain)
    for outcome in ways:
        branch = draft.after(outcome)
        if isinstance(outcome.value, ToHttp):
            yield branch, outcome.value
        elif isinstance(outcome.value, ToCluster):
            yield from ((one, None) for one in _to_cluster(branch, tools, outcome.value, connection, explain=explain))
        else:
            yield branch, None


def _to_cluster(
    draft: Draft, tools: CompiledProxy, target: ToCluster, connection: Connection, *, explain: bool
) -> Iterator[Draft]:
    cluster = tools.cluster(target.cluster)
    draft = draft.with_hop(cluster=target.cluster)
    if cluster is None:
        step, assuming = tools.no_cluster(target.cluster, explain=explain)
        yield draft.ended(NO_CLUSTER_FOR_TCP, step, assuming=assuming)
        return
    closed = closed_circuit(cluster.cluster, "DEFAULT", http=False)
    if closed is not None:
        yield draft.ended(closed)
        return
    choice = ClusterChoice(target.cluster, None, target.criteria)
    for branch, member, selection in selections(draft, cluster, choice, connection, None, explain=explain):
        if selection is None or branch.end is not None:
            yield _closed(branch)
        else:
            yield to_hosts(branch, member, selection, None, connection, tools, explain=explain)


def _closed(draft: Draft) -> Draft:
    """An end that the router would answer with 503 closes a TCP connection."""
    end = draft.end
    if end is None or end.response is None or not end.response.code:
        return draft
    return replace(draft, end=End(end.disposition, replace(end.response, code=0, details="")))
