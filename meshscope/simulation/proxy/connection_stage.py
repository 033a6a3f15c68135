"""A connection at a proxy, up to the connection manager or the upstream that gets it.

The order is Envoy's (envoy-semantics §0.3): listener filters of the accepting listener, hand-off by original destination, the
other listener's own filters, the filter chain, its transport socket, network filters.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from meshscope.envoy.resource import LISTENER
from meshscope.simulation.connection import Connection, Session
from meshscope.simulation.endings import NO_FILTER_CHAIN, End
from meshscope.simulation.listener.choice import ChosenListener
from meshscope.simulation.listener.filter_chains import ChainChoice, ChosenChain, NoChain
from meshscope.simulation.listener.network_filters import NetworkFilters
from meshscope.simulation.listener.tcp_cluster_choice import ToCluster
from meshscope.simulation.listener.tls_handshake import handshake
from meshscope.simulation.outcome import Outcome, StageContext
from meshscope.simulation.proxy.compiled_proxy import CompiledProxy
from meshscope.simulation.proxy.draft import Draft
from meshscope.simulation.proxy.manager_stage import ManagerStage
from meshscope.simulation.proxy.network_stage import AFTER_HANDSHAKE, AT_ONCE, opening, through_network_filters
from meshscope.simulation.trace import FilterChainRef, Rejected, Step, StepKind
from meshscope.simulation.verdict import Truth
from meshscope.xds.listener import chain_path


class Connected(Struct, frozen=True):
    """One way of a connection. `manager` None: the draft ends, or goes on as TCP."""

    draft: Draft
    manager: ManagerStage | None = None


class ConnectionStage(Struct, frozen=True):
    """`client` is the connection as its client opened it; `random` Envoy's random value, None where nobody said."""

    tools: CompiledProxy
    client: Connection
    random: int | None
    explain: bool

    def ways(self, draft: Draft, taken: ChosenListener) -> Iterator[Connected]:
        """Through the accepting listener, then the one that takes over by the original destination."""
        tools, client = self.tools, self.client
        accepted = (taken.ip, taken.port) if taken.listener.use_original_dst else None
        found = tools.filters(taken.name, taken.listener).detect(
            client, accepted=accepted, envoy=tools.envoy, explain=self.explain
        )
        draft = self._with_listener(draft, taken).after(found)
        if isinstance(found.value, End):
            yield Connected(draft)
            return
        seen = found.value
        other = tools.listeners.handed_off(taken, client.destination_ip, client.destination_port)
        if other is None and client.destination_ip is None and taken.listener.use_original_dst:
            other = tools.listeners.wildcard(client.destination_port or 0)
        if other is None and accepted and tools.proxy.is_in_part:
            to = f"{client.destination_ip}:{client.destination_port}"
            draft = draft.assumed(tools.missing(LISTENER, f"no other listener takes {to}"))
        if other is not None:
            again = tools.filters(other.name, other.listener).detect(
                client, seen=seen, envoy=tools.envoy, explain=self.explain
            )
            draft = self._with_listener(draft, other, entry=taken).after(again)
            if isinstance(again.value, End):
                yield Connected(draft)
                return
            taken, seen = other, again.value
        if client.transport_protocol:  # the user says what was detected
            seen = replace(seen, transport_protocol=client.transport_protocol)
        yield from self._chained(draft, taken, seen)

    def _with_listener(self, draft: Draft, taken: ChosenListener, entry: ChosenListener | None = None) -> Draft:
        draft = draft.with_hop(listener=taken.name)
        if not self.explain:
            return draft
        tools = self.tools
        because = f"handed off by original destination: {taken.because}" if entry else taken.because
        lost = tools.listeners.explain(taken.ip, taken.port, taken, entry=entry) if taken.ip and taken.port else ()
        step = Step(
            kind=StepKind.LISTENER,
            chosen=taken.name,
            because=because,
            rejected=lost[:5],
            owner=tools.gateways(taken.port) if taken.port else None,
            location=tools.location_of(taken.name),
        )
        return draft.with_steps(step)

    def _chained(self, draft: Draft, taken: ChosenListener, seen: Connection) -> Iterator[Connected]:
        found = self.tools.chains(taken.name, taken.listener).find(seen, self.tools.envoy)
        place = self.tools.location_of(taken.name)
        if isinstance(found, ChosenChain):
            yield from self._at_chain(self._with_chain(draft, taken, seen, found), taken, seen, found)
        elif isinstance(found, NoChain):
            lost = self._lost(taken, seen, found) if self.explain else ()
            step = Step(
                kind=StepKind.FILTER_CHAIN, verdict=Truth.NO, because=found.because, rejected=lost, location=place
            )
            yield Connected(draft.ended(NO_FILTER_CHAIN, step))
        else:
            for candidate in found.candidates:
                words = "no chain" if isinstance(candidate, NoChain) else _name(candidate)
                step = Step(
                    kind=StepKind.FILTER_CHAIN,
                    chosen=words,
                    verdict=Truth.UNKNOWN,
                    because=found.because,
                    hint=found.hint,
                    location=place,
                )
                doubt = Outcome(None, None, steps=(step,), assuming=(f"{taken.name}: {words} takes the connection",))
                branch = draft.after(doubt)
                if isinstance(candidate, NoChain):
                    yield Connected(branch.ended(NO_FILTER_CHAIN))
                else:
                    branch = branch.with_hop(filter_chain=FilterChainRef(candidate.index, candidate.chain.name))
                    yield from self._at_chain(branch, taken, seen, candidate)

    def _with_chain(self, draft: Draft, taken: ChosenListener, seen: Connection, found: ChosenChain) -> Draft:
        draft = draft.with_hop(filter_chain=FilterChainRef(found.index, found.chain.name))
        if not self.explain:
            return draft
        place = self.tools.location_of(taken.name)
        at = place.below(chain_path(found.index)) if place else None
        lost = self._lost(taken, seen, found)[:5]
        because = "default chain" if found.index is None else str(found.chain.filter_chain_match)
        step = Step(kind=StepKind.FILTER_CHAIN, chosen=_name(found), because=because, rejected=lost, location=at)
        return draft.with_steps(step)

    def _lost(self, taken: ChosenListener, seen: Connection, found: ChainChoice) -> tuple[Rejected, ...]:
        from meshscope.simulation.listener.filter_chain_explanation import rejected_chains  # for steps alone

        chains, place = self.tools.chains(taken.name, taken.listener), self.tools.location_of(taken.name)
        return rejected_chains(chains, seen, found, at=place, envoy=self.tools.envoy)

    def _at_chain(
        self, draft: Draft, taken: ChosenListener, seen: Connection, chosen: ChosenChain
    ) -> Iterator[Connected]:
        """A TCP proxy's upstream is opened, then the client's handshake, then the filters see bytes."""
        tools, client, chain = self.tools, self.client, chosen.chain
        place = tools.location_of(taken.name)
        at = place.below(chain_path(chosen.index)) if place else None
        filters = tools.network_filters(chain, at)
        stage = StageContext(tools.envoy, at / "transport_socket" if at else None, self.explain)
        for branch, early in self._opening(AT_ONCE, draft, filters, seen):
            if branch.end is not None:
                yield Connected(branch)
                continue
            greeted = handshake(chain.transport_socket, client, stage, missing=tools.missing_secrets)
            session, secured = greeted.value, branch.after(greeted)
            if isinstance(session, End):
                yield Connected(secured)
                continue
            for way, late in self._opening(AFTER_HANDSHAKE, secured, filters, seen):
                if way.end is not None:
                    yield Connected(way)
                else:
                    yield from self._filtered(way, filters, early or late, seen, session)

    def _opening(
        self, moment: str, draft: Draft, filters: NetworkFilters, seen: Connection
    ) -> Iterator[tuple[Draft, ToCluster | None]]:
        return opening(moment, draft, self.tools, filters, seen, self.random, explain=self.explain)

    def _filtered(
        self, draft: Draft, filters: NetworkFilters, opened: ToCluster | None, seen: Connection, session: Session
    ) -> Iterator[Connected]:
        tools, client = self.tools, self.client
        inside = replace(seen, peer=session.peer) if session.tls else seen
        inner = replace(client, tls=False, sni="", alpn=()) if session.tls else client
        ways = through_network_filters(
            draft,
            tools,
            filters,
            inside,
            opened=opened,
            secured=session.tls,
            random=self.random,
            explain=self.explain,
        )
        for way, to_http in ways:
            if to_http is None:
                yield Connected(replace(way, inner=inner))
            else:
                manager = ManagerStage(way, tools, to_http, inside, client, session, explain=self.explain)
                yield Connected(way, manager)


def _name(chosen: ChosenChain) -> str:
    index = "default" if chosen.index is None else str(chosen.index)
    return f"{index} {chosen.chain.name}".strip()
