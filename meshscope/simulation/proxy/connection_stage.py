"""A connection at a proxy, up to the connection manager or the upstream that gets it.

The order is Envoy's: listener filters of the accepting listener, hand-off by original destination, the other listener's
own filters, the filter chain, its transport socket, network filters.
https://www.envoyproxy.io/docs/envoy/latest/intro/life_of_a_request
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from meshscope.location import Location
from meshscope.simulation.connection import Connection, Envoy, Session
from meshscope.simulation.endings import CLOSED, NO_FILTER_CHAIN, UNKNOWN, End
from meshscope.simulation.listener.choice import ChosenListener
from meshscope.simulation.listener.filter_chains import ChainChoice, ChosenChain, NoChain, UndecidedChain
from meshscope.simulation.listener.network_filters import NetworkFilters
from meshscope.simulation.listener.tcp_cluster_choice import ToCluster
from meshscope.simulation.listener.tls_handshake import handshake
from meshscope.simulation.outcome import Outcome, StageContext
from meshscope.simulation.proxy.connection_context import ConnectionContext
from meshscope.simulation.proxy.draft import Draft
from meshscope.simulation.proxy.manager_stage import ManagerStage
from meshscope.simulation.proxy.network_stage import AFTER_HANDSHAKE, AT_ONCE, opening, through_network_filters
from meshscope.simulation.trace import FilterChainRef, Rejected, Step, StepKind
from meshscope.simulation.verdict import Truth
from meshscope.xds.listener import Listener, chain_path

_MOST_REJECTED = 5


class ConnectionWay(Struct, frozen=True):
    """One way of a connection. `manager` None: the draft ends, or goes on as TCP."""

    draft: Draft
    manager: ManagerStage | None = None


class ConnectionStage:
    """`context` has the connection as its client opened it."""

    def __init__(self, context: ConnectionContext) -> None:
        self._context = context
        self._downstream, self._envoy = context.proxy.downstream, context.proxy.envoy

    def ways(self, draft: Draft, accepting: ChosenListener) -> Iterator[ConnectionWay]:
        """Through the accepting listener, then the one that takes over by the original destination."""
        client, proxy = self._context.connection, self._context.proxy
        if accepting.listener.flaw:
            yield _unread(self._with_listener(draft, accepting), f"listener {accepting.name}", accepting.listener.flaw)
            return
        if self._envoy.runtime and (key := _zero_limit(accepting.listener, self._envoy)):
            step = Step(kind=StepKind.LISTENER, chosen=accepting.name, verdict=Truth.NO, because=f"runtime {key} is 0")
            yield ConnectionWay(self._with_listener(draft, accepting).ended(CLOSED, step))
            return
        hands_off = accepting.listener.use_original_dst
        accepted = (accepting.ip, accepting.port) if hands_off else None
        outcome = self._downstream.filters(accepting.name, accepting.listener).detect(
            client, accepted_at=accepted, envoy=self._envoy, explain=self._context.explain
        )
        draft = self._with_listener(draft, accepting).after(outcome)
        if isinstance(outcome.value, End):
            yield ConnectionWay(draft)
            return
        detected = outcome.value
        other = self._downstream.listeners.handed_off(accepting, client.destination_ip, client.destination_port)
        if other is None and client.destination_ip is None and hands_off:
            other = self._downstream.listeners.wildcard(client.destination_port or 0)
        if other is None:
            if hands_off and (proxy.captured.is_in_part or self._downstream.listeners.unplaced):
                to = f"{client.destination_ip}:{client.destination_port}"
                draft = draft.assumed(self._downstream.assumed_missing(f"no other listener takes {to}"))
            yield from self._chained(draft, accepting, self._as_given(detected))
            return
        if other.listener.flaw:
            draft = self._with_listener(draft, other, entry=accepting)
            yield _unread(draft, f"listener {other.name}", other.listener.flaw)
            return
        again = self._downstream.filters(other.name, other.listener).detect(
            client, entry_connection=detected, envoy=self._envoy, explain=self._context.explain
        )
        draft = self._with_listener(draft, other, entry=accepting).after(again)
        if isinstance(again.value, End):
            yield ConnectionWay(draft)
        else:
            yield from self._chained(draft, other, self._as_given(again.value))

    def _as_given(self, detected: Connection) -> Connection:
        """With the transport protocol that the request states, if it states one."""
        given = self._context.connection.transport_protocol
        return replace(detected, transport_protocol=given) if given else detected

    def _with_listener(self, draft: Draft, chosen: ChosenListener, entry: ChosenListener | None = None) -> Draft:
        draft = draft.with_hop(listener=chosen.name).assumed(chosen.assuming)
        if not self._context.explain:
            return draft
        because = f"handed off by original destination: {chosen.because}" if entry else chosen.because
        rejected: tuple[Rejected, ...] = ()
        if chosen.ip and chosen.port:
            rejected = self._downstream.listeners.explain(chosen.ip, chosen.port, chosen, entry=entry)
        step = Step(
            kind=StepKind.LISTENER,
            chosen=chosen.name,
            because=because,
            rejected=rejected[:_MOST_REJECTED],
            owner=self._downstream.gateways(chosen.port) if chosen.port else None,
            location=self._downstream.location_of(chosen.name),
        )
        return draft.with_steps(step)

    # --- filter chain ------------------------------------------------------------------------------------------------

    def _chained(self, draft: Draft, listener: ChosenListener, detected: Connection) -> Iterator[ConnectionWay]:
        choice = self._downstream.chains(listener.name, listener.listener).find(detected, self._envoy)
        if isinstance(choice, ChosenChain):
            draft = self._with_chain(draft, listener, detected, choice)
            yield from self._at_chain(draft, listener, detected, choice)
        elif isinstance(choice, NoChain):
            step = Step(
                kind=StepKind.FILTER_CHAIN,
                verdict=Truth.NO,
                because=choice.because,
                rejected=self._rejected(listener, detected, choice) if self._context.explain else (),
                location=self._downstream.location_of(listener.name),
            )
            yield ConnectionWay(draft.ended(NO_FILTER_CHAIN, step))
        else:
            yield from self._undecided(draft, listener, detected, choice)

    def _undecided(
        self, draft: Draft, listener: ChosenListener, detected: Connection, choice: UndecidedChain
    ) -> Iterator[ConnectionWay]:
        """A way for each chain that may be the one, and for none if that is possible."""
        for candidate in choice.candidates:
            name = "no chain" if isinstance(candidate, NoChain) else _name(candidate)
            step = Step(
                kind=StepKind.FILTER_CHAIN,
                chosen=name,
                verdict=Truth.UNKNOWN,
                because=choice.because,
                hint=choice.hint,
                location=self._downstream.location_of(listener.name),
            )
            assuming = (f"{listener.name}: {name} takes the connection",)
            branch = draft.after(Outcome(None, None, steps=(step,), assuming=assuming))
            if isinstance(candidate, NoChain):
                yield ConnectionWay(branch.ended(NO_FILTER_CHAIN))
            else:
                branch = branch.with_hop(filter_chain=FilterChainRef(candidate.index, candidate.chain.name))
                yield from self._at_chain(branch, listener, detected, candidate)

    def _with_chain(self, draft: Draft, listener: ChosenListener, detected: Connection, choice: ChosenChain) -> Draft:
        draft = draft.with_hop(filter_chain=FilterChainRef(choice.index, choice.chain.name))
        if not self._context.explain:
            return draft
        step = Step(
            kind=StepKind.FILTER_CHAIN,
            chosen=_name(choice),
            because="default chain" if choice.index is None else str(choice.chain.filter_chain_match),
            rejected=self._rejected(listener, detected, choice)[:_MOST_REJECTED],
            location=self._chain_location(listener, choice),
        )
        return draft.with_steps(step)

    def _rejected(self, listener: ChosenListener, detected: Connection, choice: ChainChoice) -> tuple[Rejected, ...]:
        from meshscope.simulation.listener.filter_chain_explanation import rejected_chains  # for steps alone

        chains = self._downstream.chains(listener.name, listener.listener)
        place = self._downstream.location_of(listener.name)
        return rejected_chains(chains, detected, choice, at=place, envoy=self._envoy)

    def _chain_location(self, listener: ChosenListener, choice: ChosenChain) -> Location | None:
        place = self._downstream.location_of(listener.name)
        return place.below(chain_path(choice.index)) if place else None

    # --- transport socket and network filters ------------------------------------------------------------------------

    def _at_chain(
        self, draft: Draft, listener: ChosenListener, detected: Connection, choice: ChosenChain
    ) -> Iterator[ConnectionWay]:
        """A TCP proxy's upstream is opened, then the client's handshake, then the filters see bytes."""
        if choice.chain.flaw:
            yield _unread(draft, f"filter chain {_name(choice)} of listener {listener.name}", choice.chain.flaw)
            return
        at = self._chain_location(listener, choice)
        filters = self._downstream.network_filters(choice.chain, at)
        stage = StageContext(
            self._envoy, at / "transport_socket" if at else None, self._context.explain, self._context.at
        )
        context = replace(self._context, connection=detected)
        for branch, early in opening(AT_ONCE, draft, filters, context):
            if branch.end is not None:
                yield ConnectionWay(branch)
                continue
            outcome = handshake(
                choice.chain.transport_socket,
                self._context.connection,
                stage,
                secrets=self._context.proxy.secrets.secrets,
            )
            session, secured = outcome.value, branch.after(outcome)
            if isinstance(session, End):
                yield ConnectionWay(secured)
                continue
            for way, late in opening(AFTER_HANDSHAKE, secured, filters, context):
                if way.end is not None:
                    yield ConnectionWay(way)
                else:
                    yield from self._filtered(way, filters, early or late, detected, session)

    def _filtered(
        self, draft: Draft, filters: NetworkFilters, opened: ToCluster | None, detected: Connection, session: Session
    ) -> Iterator[ConnectionWay]:
        client = self._context.connection
        inside = replace(self._context, connection=replace(detected, peer=session.peer) if session.tls else detected)
        inner = replace(client, tls=False, sni="", alpn=()) if session.tls else client
        for way, to_http in through_network_filters(draft, filters, inside, opened=opened, secured=session.tls):
            if to_http is None:
                yield ConnectionWay(replace(way, inner=inner))
            else:
                yield ConnectionWay(way, ManagerStage(way, to_http, inside, client, session))


def _zero_limit(listener: Listener, envoy: Envoy) -> str:
    from meshscope.simulation.listener.connection_limit import zero_limit  # few runtimes have values

    return zero_limit(listener, envoy)


def _unread(draft: Draft, what: str, why: str) -> ConnectionWay:
    """What Envoy does with a connection at something that does not read is unknown."""
    return ConnectionWay(draft.ended(UNKNOWN, assuming=(f"{what} does not read: {why}",)))


def _name(choice: ChosenChain) -> str:
    index = "default" if choice.index is None else str(choice.index)
    return f"{index} {choice.chain.name}".strip()
