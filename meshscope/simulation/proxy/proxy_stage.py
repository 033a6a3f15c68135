"""One proxy from the socket to its upstream. The ways of a connection are worked out once for all requests on it."""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.mesh.account import ISTIOD
from meshscope.simulation.connection import Connection, HttpRequest
from meshscope.simulation.endings import NO_LISTENER
from meshscope.simulation.listener.choice import ChosenListener
from meshscope.simulation.proxy.arrival import Arrival
from meshscope.simulation.proxy.compiled_proxy import CompiledProxy
from meshscope.simulation.proxy.connection_context import ConnectionContext
from meshscope.simulation.proxy.connection_stage import ConnectionStage, ConnectionWay
from meshscope.simulation.proxy.draft import Draft
from meshscope.simulation.proxy.http_stage import answer
from meshscope.simulation.proxy.manager_context import ManagerContext
from meshscope.simulation.route.table import CompiledTable
from meshscope.simulation.trace import Direction, Hop, Step, StepKind
from meshscope.simulation.trace_options import TraceOptions
from meshscope.simulation.verdict import Truth


def through_proxy(
    proxy: CompiledProxy, arrival: Arrival, client: Connection, request: HttpRequest | None, options: TraceOptions
) -> Iterator[Draft]:
    """Every way through the proxy at which the connection arrives; `request` None for TCP."""
    if arrival.listener is None:
        yield _no_listener(proxy, arrival)
        return
    context = ConnectionContext(proxy, client, request.random if request else None, options.explain, options.at)
    for way in _connection_ways(context, arrival, arrival.listener):
        for draft in way.manager.ways(request, options) if way.manager else (way.draft,):
            yield draft.after_steps(arrival.steps) if options.explain else draft


def _connection_ways(
    context: ConnectionContext, arrival: Arrival, listener: ChosenListener
) -> tuple[ConnectionWay, ...]:
    proxy = context.proxy
    key = (
        proxy,
        arrival.direction,
        listener.name,
        listener.because,
        listener.ip,
        listener.port,
        context.connection,
        context.random,
        context.explain,
    )
    stage = ConnectionStage(context)
    return proxy.cache.of(key, lambda: tuple(stage.ways(Draft(hop=_hop(proxy, arrival)), listener)))


def _hop(proxy: CompiledProxy, arrival: Arrival) -> Hop:
    return Hop(
        proxy=proxy.name,
        direction=arrival.direction,
        mesh_cluster=proxy.captured.id.mesh_cluster or None,
        view=ISTIOD if proxy.captured.view == ISTIOD else None,
    )


def _no_listener(proxy: CompiledProxy, arrival: Arrival) -> Draft:
    because = f"nothing listens on {arrival.ip}:{arrival.port}"
    assuming = proxy.downstream.assumed_missing(because)
    step = Step(
        kind=StepKind.LISTENER,
        verdict=Truth.UNKNOWN if assuming else Truth.NO,
        because=because,
        rejected=proxy.downstream.listeners.explain(arrival.ip or "0.0.0.0", arrival.port, None),  # noqa: S104  # an address to look up
    )
    return Draft(hop=_hop(proxy, arrival)).ended(NO_LISTENER, *arrival.steps, step, assuming=assuming)


def table_alone(
    proxy: CompiledProxy, table: CompiledTable, connection: Connection, request: HttpRequest, options: TraceOptions
) -> Iterator[Draft]:
    """A route table without a listener: how route tables are tested alone."""
    context = ManagerContext(
        client=ConnectionContext(proxy, connection, request.random, options.explain),
        options=options,
        table=table,
        table_name=table.name,
    )
    yield from answer(Draft(hop=Hop(proxy=proxy.name, direction=Direction.STATIC)), context, request)
