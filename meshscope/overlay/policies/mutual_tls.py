"""The inbound filter chains that applied PeerAuthentications touch, in one sidecar."""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.answer import Difference
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.kinds.peer_authentication import all_policies, levels_of
from meshscope.effect.policies.chains import INBOUND, PolicyChain, Unread, policy_chains
from meshscope.effect.policies.mutual_tls import shown_mode
from meshscope.effect.written import Written
from meshscope.envoy.resource import LISTENER
from meshscope.istio.objects.peer_authentication import PeerAuthentication
from meshscope.istio.peer_authentication import Level, Mode, Policy, level_of, modes
from meshscope.overlay.applied import named
from meshscope.overlay.change import Change, Kind, NotRebuilt, Reach
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.policies.inspectors import inspected
from meshscope.overlay.policies.peer_chains import (
    DISABLE,
    INSPECTOR,
    PERMISSIVE,
    converted,
    inspector,
    is_sniffed,
    tls_inspected,
)
from meshscope.overlay.services.peers import peers
from meshscope.path import path_text

Rules = Written[PeerAuthentication]


class MutualTls:
    """`before` and `after` are two configurations of the same proxies; `old` and `new` the policies that differ."""

    def __init__(
        self, before: Configuration, after: Configuration, old: tuple[Rules, ...], new: tuple[Rules, ...]
    ) -> None:
        self._before, self._after = before, after
        self._objects = ", ".join(dict.fromkeys(str(named(one.item)) for one in (*new, *old)))

    def rebuild(self, draft: Draft) -> None:
        client = draft.client
        if client.kind != "sidecar":
            return
        old, new = levels_of(self._before, client), levels_of(self._after, client)
        ports: dict[int | None, list[PolicyChain]] = {}
        for chain in policy_chains(self._after, client):
            if isinstance(chain, Unread):
                draft.not_rebuilt.append(self._unknown(client, chain.because))
                return
            if chain.resource.name == INBOUND:
                ports.setdefault(chain.port, []).append(chain)
        different = [port for port in ports if mode_at(old, port) != mode_at(new, port)]
        named_ports = {*_named(old), *_named(new)} - {str(port) for port in ports}
        if extra := sorted(port for port in named_ports if mode_at(old, port) != mode_at(new, port)):
            because = f"chains of port {', '.join(extra)}, which no Service has, are not rebuilt"
            draft.not_rebuilt.append(self._unknown(client, because))
        if different and (doubt := self._doubt(client)):
            draft.not_rebuilt.append(self._unknown(client, doubt))
        if different:
            self._convert(draft, ports, different, old, new)

    def _convert(
        self,
        draft: Draft,
        ports: dict[int | None, list[PolicyChain]],
        different: list[int | None],
        old: dict[Level, Policy],
        new: dict[Level, Policy],
    ) -> None:
        client = draft.client
        listener = draft.body(LISTENER, INBOUND)
        if listener is None:
            return
        chains: list[Json] = listener.get("filter_chains", [])
        replaced: dict[int, list[Json]] = {}
        for port in different:
            indices = [one.index for one in ports[port] if one.index is not None]
            mode = mode_at(new, port)
            today = [chains[index] for index in indices]
            made = converted(today, mode, self._samples(client, chains))
            where = f"port {port}" if port is not None else "ports that no Service has"
            shown = shown_mode(ports[port])
            if shown == mode:
                continue
            if made is None or shown != mode_at(old, port):
                because = f"the chains of {where} in mode {mode} are not rebuilt"
                draft.not_rebuilt.append(self._unknown(client, because))
                continue
            replaced |= {index: [] for index in indices} | {indices[0]: made}
            draft.changes.append(_change(client, ports[port], where, (shown, mode), next(modes(new, port), None)))
        kept = [new for index, chain in enumerate(chains) for new in replaced.get(index, [chain])]
        if replaced:
            is_open = DISABLE in {mode_at(side, port) for side in (old, new) for port in different}
            filters = _inspecting(listener, kept, is_open=is_open)
            draft.put(LISTENER, INBOUND, {**listener, "listener_filters": filters, "filter_chains": kept})

    def _samples(self, client: Client, chains: list[Json]) -> list[Json]:
        """Chains that tell how mutual TLS is spoken: the proxy's own, else those of its peers."""
        if any(one.get("transport_socket") for one in chains):
            return chains
        bodies = (Draft(peer).body(LISTENER, INBOUND) for peer in peers(self._before, client, LISTENER))
        return [chain for body in bodies if body for chain in body.get("filter_chains", ())]

    def _doubt(self, client: Client) -> str:
        """Of several policies at one level the oldest counts."""
        root, ages = self._after.settings.root_namespace, self._after.ages
        by_level: dict[Level, list[Policy]] = {}
        for one in all_policies(self._after):
            level = level_of(one, client.namespace, client.labels, root)
            if level is not None:
                by_level.setdefault(level, []).append(one)
        several = next((some for some in by_level.values() if len(some) > 1), [])
        if ages.is_known(*(one.item for one in several)):
            return ""
        return f"the oldest of {', '.join(str(one.item) for one in several)} counts, and their ages are not known"

    def _unknown(self, client: Client, because: str) -> NotRebuilt:
        return NotRebuilt(object=self._objects, because=because, proxy=client.name, decides=Reach.INBOUND)


def mode_at(levels: dict[Level, Policy], port: int | str | None) -> str:
    """Of a workload's port; None for ports that no Service has."""
    number = int(port) if isinstance(port, str) and port.isdigit() else port if isinstance(port, int) else None
    found = next(modes(levels, number), None)
    return found.mode if found else PERMISSIVE


def _named(levels: dict[Level, Policy]) -> Iterator[str]:
    policy = levels.get(Level.WORKLOAD)
    yield from policy.spec.port_level_mtls if policy else ()


def _inspecting(listener: Json, chains: list[Json], *, is_open: bool) -> list[Json]:
    """The listener filters of other chains; where today's are not those that are known here, only what comes or goes."""
    filters: list[Json] = listener.get("listener_filters", [])
    if inspected(filters, listener.get("filter_chains", [])) == filters:
        return inspected(filters, chains)
    found: list[Json] = _inspected(listener, chains)["listener_filters"]
    return tls_inspected(found, chains) if is_open else found


def _inspected(listener: Json, chains: list[Json]) -> Json:
    """Plain text on ports that are sniffed takes a filter that tells HTTP; else istiod leaves it out."""
    filters = listener.get("listener_filters", [])
    by_port: dict[int | None, list[Json]] = {}
    for one in chains:
        by_port.setdefault(one.get("filter_chain_match", {}).get("destination_port"), []).append(one)
    is_needed = any(
        is_sniffed(some) and any(not one.get("transport_socket") for one in some) for some in by_port.values()
    )
    if not is_needed:
        return {**listener, "listener_filters": [one for one in filters if one.get("name") != INSPECTOR]}
    if any(one.get("name") == INSPECTOR for one in filters):
        return {**listener, "listener_filters": filters}
    known = sorted(port for port, some in by_port.items() if port is not None and not is_sniffed(some))
    return {**listener, "listener_filters": [*filters, inspector(known)]}


def _change(client: Client, chains: list[PolicyChain], where: str, sides: tuple[str, str], by: Mode | None) -> Change:
    was, mode = sides
    return Change(
        proxy=client.name,
        what="filter chains",
        name=f"{INBOUND} {where}",
        change=Kind.CHANGED,
        object=str(named(by.policy)) if by else "",
        rule=path_text(by.path[1:]) if by else "",
        before=was,
        after=mode,
        differences=(Difference("mode", mode, was),),
        location=by.policy.location.below(by.path) if by else None,
        made=chains[0].location,
    )
