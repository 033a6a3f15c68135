"""One proxy from the socket to its upstream: listener, hand-off, filter chain, TLS, network filters, HTTP.

The order is Envoy's (envoy-semantics §0.3): listener filters of the accepting listener, hand-off by original destination, the
other listener's own filters, the filter chain, its transport socket, network filters, the connection manager.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from meshscope.location import Location
from meshscope.simulation.arrivals import Arrival
from meshscope.simulation.codec import codec
from meshscope.simulation.connection import Connection, HttpRequest
from meshscope.simulation.draft import Draft
from meshscope.simulation.filter_chain_match import Chosen, Found, NoChain
from meshscope.simulation.http_stage import Asked, answer
from meshscope.simulation.ingress_headers import Ingress
from meshscope.simulation.listener_choice import Taken
from meshscope.simulation.network_filters import NetworkFilters, ToHttp
from meshscope.simulation.network_stage import opening, through_network_filters
from meshscope.simulation.outcome import End, Outcome
from meshscope.simulation.preparation import Preparation
from meshscope.simulation.proxy_tools import WORKLOAD_CERTIFICATE, ProxyTools
from meshscope.simulation.route_table import CompiledTable
from meshscope.simulation.stage import Stage
from meshscope.simulation.tcp_cluster_choice import ToCluster
from meshscope.simulation.tls_server import Session, handshake
from meshscope.simulation.trace import FilterChainRef, Hop, Rejected, Response, Step
from meshscope.xds.filter_chain import FilterChain
from meshscope.xds.listener import chain_path

NO_CHAIN = End("no_filter_chain", Response(code=0, flags="NR", details="filter_chain_not_found"))
NO_LISTENER = End("no_listener", Response(code=0, details="no_listener"))


class Visit(Struct, frozen=True, kw_only=True):
    """What holds for a whole trace: the time of capture, an accepted token, whether steps are wanted, `--internal`."""

    at: str = ""
    claims: dict[str, Any] | None = None
    explain: bool = True
    internal: bool | None = None


def visit(
    tools: ProxyTools, arrival: Arrival, client: Connection, request: HttpRequest | None, run: Visit
) -> Iterator[Draft]:
    """Every way in which this proxy may deal with a connection."""
    proxy = tools.proxy
    hop = Hop(
        proxy=proxy.name,
        direction=arrival.direction,
        steps=arrival.steps if run.explain else (),
        mesh_cluster=proxy.id.mesh_cluster or None,
        view="istiod" if proxy.view == "istiod" else None,
    )
    draft = Draft(hop=hop)
    if arrival.taken is None:
        yield draft.ended(NO_LISTENER, _no_listener(tools, arrival))
        return
    yield from _listened(draft, tools, arrival.taken, client, request, run)


def _no_listener(tools: ProxyTools, arrival: Arrival) -> Step:
    lost = tools.listeners.explain(arrival.ip or "0.0.0.0", arrival.port, None)  # noqa: S104  # an address to look up
    because = f"nothing listens on {arrival.ip}:{arrival.port}"
    return Step(kind="listener", verdict="no", because=because, rejected=lost)


def _listened(  # noqa: PLR0913, PLR0917  # a connection and what was found of it
    draft: Draft, tools: ProxyTools, taken: Taken, client: Connection, request: HttpRequest | None, run: Visit
) -> Iterator[Draft]:
    """The accepting listener, then the one that takes over by the original destination."""
    accepted = (taken.ip, taken.port) if taken.listener.use_original_dst else None
    found = tools.filters(taken.name, taken.listener).detect(
        client, accepted=accepted, envoy=tools.envoy, explain=run.explain
    )
    draft = _with_listener(draft, tools, taken, run).after(found)
    if isinstance(found.value, End):
        yield draft
        return
    seen = found.value
    other = tools.listeners.handed_off(taken, client.destination_ip, client.destination_port)
    if other is None and client.destination_ip is None and taken.listener.use_original_dst:
        other = tools.listeners.wildcard(client.destination_port or 0)
    if other is not None:
        again = tools.filters(other.name, other.listener).detect(
            client, seen=seen, envoy=tools.envoy, explain=run.explain
        )
        draft = _with_listener(draft, tools, other, run, entry=taken).after(again)
        if isinstance(again.value, End):
            yield draft
            return
        taken, seen = other, again.value
    if client.transport_protocol:  # the user says what was detected
        seen = replace(seen, transport_protocol=client.transport_protocol)
    yield from _chained(draft, tools, taken, client, seen, request, run)


def _with_listener(draft: Draft, tools: ProxyTools, taken: Taken, run: Visit, entry: Taken | None = None) -> Draft:
    draft = draft.with_hop(listener=taken.name)
    if not run.explain:
        return draft
    because = f"handed off by original destination: {taken.because}" if entry else taken.because
    lost = tools.listeners.explain(taken.ip, taken.port, taken, entry=entry) if taken.ip and taken.port else ()
    step = Step(
        kind="listener",
        chosen=taken.name,
        because=because,
        rejected=lost[:5],
        owner=tools.gateways(taken.port) if taken.port else None,
        location=tools.location_of(taken.name),
    )
    return draft.with_steps(step)


def _chained(  # noqa: PLR0913, PLR0917  # a connection and what was found of it
    draft: Draft,
    tools: ProxyTools,
    taken: Taken,
    client: Connection,
    seen: Connection,
    request: HttpRequest | None,
    run: Visit,
) -> Iterator[Draft]:
    chains = tools.chains(taken.name, taken.listener)
    place = tools.location_of(taken.name)
    found = chains.find(seen, tools.envoy)
    if isinstance(found, Chosen):
        yield from _at_chain(
            _with_chain(draft, tools, taken, seen, found, run), tools, found, client, seen, request, run, place
        )
    elif isinstance(found, NoChain):
        lost = _lost(tools, taken, seen, found, place) if run.explain else ()
        step = Step(kind="filter_chain", verdict="no", because=found.because, rejected=lost, location=place)
        yield draft.ended(NO_CHAIN, step)
    else:
        for candidate in found.candidates:
            words = "no chain" if isinstance(candidate, NoChain) else _name(candidate)
            step = Step(
                kind="filter_chain",
                chosen=words,
                verdict="unknown",
                because=found.because,
                hint=found.hint or None,
                location=place,
            )
            doubt = Outcome(None, None, steps=(step,), assuming=(f"{taken.name}: {words} takes the connection",))
            branch = draft.after(doubt)
            if isinstance(candidate, NoChain):
                yield branch.ended(NO_CHAIN)
            else:
                branch = branch.with_hop(filter_chain=FilterChainRef(candidate.index, candidate.chain.name))
                yield from _at_chain(branch, tools, candidate, client, seen, request, run, place)


def _name(chosen: Chosen) -> str:
    index = "default" if chosen.index is None else str(chosen.index)
    return f"{index} {chosen.chain.name}".strip()


def _with_chain(  # noqa: PLR0913, PLR0917  # a connection and what was found of it
    draft: Draft, tools: ProxyTools, taken: Taken, seen: Connection, found: Chosen, run: Visit
) -> Draft:
    draft = draft.with_hop(filter_chain=FilterChainRef(found.index, found.chain.name))
    if not run.explain:
        return draft
    place = tools.location_of(taken.name)
    at = place.below(chain_path(found.index)) if place else None
    lost = _lost(tools, taken, seen, found, place)[:5]
    because = "default chain" if found.index is None else str(found.chain.filter_chain_match)
    return draft.with_steps(Step(kind="filter_chain", chosen=_name(found), because=because, rejected=lost, location=at))


def _lost(
    tools: ProxyTools, taken: Taken, seen: Connection, found: Found, place: Location | None
) -> tuple[Rejected, ...]:
    from meshscope.simulation.filter_chain_explanation import rejected_chains  # noqa: PLC0415  # where steps are wanted

    return rejected_chains(tools.chains(taken.name, taken.listener), seen, found, at=place, envoy=tools.envoy)


def _at_chain(  # noqa: PLR0913, PLR0917  # a connection and what was found of it
    draft: Draft,
    tools: ProxyTools,
    chosen: Chosen,
    client: Connection,
    seen: Connection,
    request: HttpRequest | None,
    run: Visit,
    place: Location | None,
) -> Iterator[Draft]:
    at = place.below(chain_path(chosen.index)) if place else None
    filters = tools.network_filters(chosen.chain, at)
    random = request.random if request else None
    for branch, opened in opening(draft, tools, filters, seen, random, explain=run.explain):
        if branch.end is not None:
            yield branch
        else:
            yield from _greeted(branch, tools, chosen.chain, filters, opened, client, seen, request, run, at)


def _greeted(  # noqa: PLR0913, PLR0917  # a connection and what was found of it
    draft: Draft,
    tools: ProxyTools,
    chain: FilterChain,
    filters: NetworkFilters,
    opened: ToCluster | None,
    client: Connection,
    seen: Connection,
    request: HttpRequest | None,
    run: Visit,
    at: Location | None,
) -> Iterator[Draft]:
    greeted = handshake(
        chain.transport_socket,
        client,
        Stage(tools.envoy, at / "transport_socket" if at else None, run.explain),
        missing=tools.missing_secrets,
    )
    draft = draft.after(greeted)
    if isinstance(greeted.value, End):
        yield draft
        return
    session = greeted.value
    inside = replace(seen, peer=session.peer) if session.tls else seen
    ways = through_network_filters(
        draft,
        tools,
        filters,
        inside,
        opened=opened,
        secured=session.tls,
        random=request.random if request else None,
        explain=run.explain,
    )
    for branch, to_http in ways:
        if to_http is None:
            inner = client if not session.tls else replace(client, tls=False, sni="", alpn=())
            yield replace(branch, inner=inner)
        else:
            yield from _http(branch, tools, to_http, inside, client, session, request, run)


def _http(  # noqa: PLR0913, PLR0917  # all that a connection manager works with
    draft: Draft,
    tools: ProxyTools,
    to_http: ToHttp,
    connection: Connection,
    client: Connection,
    session: Session,
    request: HttpRequest | None,
    run: Visit,
) -> Iterator[Draft]:
    manager, place = to_http.manager, to_http.location
    stage = Stage(tools.envoy, place, run.explain)
    spoken = codec(manager, client, session, stage)
    draft = draft.after(spoken)
    if isinstance(spoken.value, End):
        yield draft
        return
    if request is None:
        end = End("protocol_error", Response(code=400, flags="DPE", details="http1.codec_error"))
        yield draft.ended(
            end, Step(kind="codec", verdict="no", because="the client does not speak HTTP", location=place)
        )
        return
    table_name, table = tools.route_table(manager, place)
    internal_only = table.hosts.head.internal_only_headers if table else ()
    identity = tools.identity if session.certificate == WORKLOAD_CERTIFICATE else ""
    preparation = Preparation(
        ingress=Ingress(manager, internal_only, tools.ip, identity, tools.proxy.node),
        connection=connection,
        stage=stage,
        secured=session.tls,
        internal=run.internal,
    )
    ready = preparation.of(replace(request, protocol=spoken.value, metadata=to_http.metadata | request.metadata))
    draft = draft.after(ready)
    if isinstance(ready.value, End):
        yield draft
        return
    asked = Asked(
        tools=tools,
        table=table,
        table_name=table_name,
        filters=tools.http_filters(manager, place),
        connection=connection,
        terminates_tls=session.tls,
        at=run.at,
        claims=run.claims,
        explain=run.explain,
        manager=manager,
    )
    yield from answer(draft, asked, ready.value)


def alone(
    tools: ProxyTools, table: CompiledTable, connection: Connection, request: HttpRequest, run: Visit
) -> Iterator[Draft]:
    """A route table without a listener: how route tables are tested alone."""
    draft = Draft(hop=Hop(proxy=tools.proxy.name, direction="static"))
    asked = Asked(
        tools=tools,
        table=table,
        table_name=table.name,
        connection=connection,
        at=run.at,
        claims=run.claims,
        explain=run.explain,
    )
    yield from answer(draft, asked, request)
