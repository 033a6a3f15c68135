"""One proxy from the socket to its upstream. What becomes of a connection is worked out once for all requests on it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from meshscope.envoy.resource import LISTENER
from meshscope.simulation.connection import Connection, HttpRequest
from meshscope.simulation.endings import NO_LISTENER
from meshscope.simulation.proxy.arrival import Arrival
from meshscope.simulation.proxy.compiled_proxy import CompiledProxy
from meshscope.simulation.proxy.connection_stage import Connected, ConnectionStage
from meshscope.simulation.proxy.draft import Draft
from meshscope.simulation.proxy.http_stage import ManagerContext, answer
from meshscope.simulation.proxy.manager_stage import TraceOptions
from meshscope.simulation.route.table import CompiledTable
from meshscope.simulation.trace import Direction, Hop, Step, StepKind
from meshscope.simulation.verdict import Truth


def visit(
    tools: CompiledProxy, arrival: Arrival, client: Connection, request: HttpRequest | None, run: TraceOptions
) -> Iterator[Draft]:
    """Every way in which this proxy may deal with a connection."""
    if arrival.taken is None:
        step = _no_listener(tools, arrival)
        assuming = tools.missing(LISTENER, step.because)
        step = replace(step, verdict=Truth.UNKNOWN) if assuming else step
        yield Draft(hop=_hop(tools, arrival)).ended(NO_LISTENER, *arrival.steps, step, assuming=assuming)
        return
    for way in _connected(tools, arrival, client, request.random if request else None, explain=run.explain):
        for draft in way.manager.ways(request, run) if way.manager else (way.draft,):
            yield draft.after_steps(arrival.steps) if run.explain else draft


def _connected(
    tools: CompiledProxy, arrival: Arrival, client: Connection, random: int | None, *, explain: bool
) -> tuple[Connected, ...]:
    taken = arrival.taken
    assert taken is not None  # noqa: S101  # the caller looked
    key = (tools, arrival.direction, taken.name, taken.because, taken.ip, taken.port, client, random, explain)
    stage = ConnectionStage(tools, client, random, explain)
    return tools.kept.of(key, lambda: tuple(stage.ways(Draft(hop=_hop(tools, arrival)), taken)))


def _hop(tools: CompiledProxy, arrival: Arrival) -> Hop:
    return Hop(
        proxy=tools.proxy.name,
        direction=arrival.direction,
        mesh_cluster=tools.proxy.id.mesh_cluster or None,
        view="istiod" if tools.proxy.view == "istiod" else None,
    )


def _no_listener(tools: CompiledProxy, arrival: Arrival) -> Step:
    lost = tools.listeners.explain(arrival.ip or "0.0.0.0", arrival.port, None)  # noqa: S104  # an address to look up
    because = f"nothing listens on {arrival.ip}:{arrival.port}"
    return Step(kind=StepKind.LISTENER, verdict=Truth.NO, because=because, rejected=lost)


def alone(
    tools: CompiledProxy, table: CompiledTable, connection: Connection, request: HttpRequest, run: TraceOptions
) -> Iterator[Draft]:
    """A route table without a listener: how route tables are tested alone."""
    draft = Draft(hop=Hop(proxy=tools.proxy.name, direction=Direction.STATIC))
    asked = ManagerContext(
        tools=tools,
        table=table,
        table_name=table.name,
        connection=connection,
        at=run.at,
        claims=run.claims,
        explain=run.explain,
    )
    yield from answer(draft, asked, request)
