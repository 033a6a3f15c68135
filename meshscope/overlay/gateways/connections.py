"""The filter chains of a gateway that VirtualServices with `tls` and `tcp` rules touch, or Gateways with servers for them."""

from __future__ import annotations

import copy
from typing import Any

from meshscope.effect.answer import Difference
from meshscope.effect.configuration import Configuration
from meshscope.envoy.resource import LISTENER
from meshscope.overlay.change import Change, Kind, NotRebuilt, Reach
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.gateways.changes import part_change, whole_change
from meshscope.overlay.gateways.examples import Examples, by_port, index_of, new_listener, with_inspector
from meshscope.overlay.gateways.l4_chains import L4Chain, l4_chain_in, l4_chains, lead, led_to, tcp_proxy
from meshscope.overlay.gateways.servers import Speaks, TakenServer, servers_by_listener
from meshscope.overlay.routes.bound import Rules
from meshscope.overlay.written_rule import WrittenRule

_CLUSTER = "tcp_proxy.cluster"
_OF_RULE = ("idle_timeout", "hash_policy", "max_downstream_connection_duration")
"""What a DestinationRule gives a filter, and no other chain tells."""


class Connections:
    """`before` and `after` are two configurations of the same proxies; `old` and `new` the VirtualServices that differ, or
    whose Gateways do.
    """

    def __init__(
        self, before: Configuration, after: Configuration, old: tuple[Rules, ...], new: tuple[Rules, ...]
    ) -> None:
        self._before, self._after = before, after
        self._examples = Examples(before)
        self._is_idle = not any(one.value.spec.tls or one.value.spec.tcp for one in (*old, *new))

    def rebuild(self, draft: Draft) -> None:
        if draft.client.kind != "gateway" or self._is_idle:
            return
        self._examples.begin(draft)
        before, after = self._examples.servers(draft.client), servers_by_listener(self._after, draft.client)
        for name in dict.fromkeys((*before, *after)):
            was, would = before.get(name, ()), after.get(name, ())
            old = l4_chains(self._before, draft.client, was)
            new = l4_chains(self._after, draft.client, would)
            if [one.said for one in old] != [one.said for one in new]:
                _Listener(self._before, draft, self._examples, name).rebuild(old, new, was, would)


class _Listener:
    """One listener of one proxy."""

    def __init__(self, before: Configuration, draft: Draft, examples: Examples, name: str) -> None:
        self._before, self._draft, self._examples, self._name = before, draft, examples, name
        self._changes: list[Change] = []
        self._same: list[tuple[object, ...]] = []

    def rebuild(
        self,
        old: tuple[L4Chain, ...],
        new: tuple[L4Chain, ...],
        was: tuple[TakenServer, ...],
        would: tuple[TakenServer, ...],
    ) -> None:
        today = self._draft.body(LISTENER, self._name)
        if because := self._doubt(old, new, was, would, today):
            self._unknown((*new, *old), (*would, *was), because)
            return
        body = copy.deepcopy(today) if today is not None else self._made(new[0])
        if body is None:
            return
        self._same = [one.said for one in was if one.said in [each.said for each in would]]
        before, after = ({one.names: one for one in some} for some in (old, new))
        for names, gone in before.items():
            if names not in after:
                self._remove(gone, body)
        for names, one in after.items():
            chain = l4_chain_in(body, names)
            if chain is None:
                self._make(one, body, would, new)
            elif before[names].terminated != one.terminated:
                self._unknown((one,), would, "the TLS of connections that end here is not rebuilt")
            else:
                self._lead(one, chain)
        self._put(body, today, (*new, *old)[0])

    def _put(self, body: Json, today: Json | None, one: L4Chain) -> None:
        chains = body["filter_chains"]
        if chains:
            self._draft.put(LISTENER, self._name, body)
        elif today is not None:
            self._draft.remove(LISTENER, self._name)
        if bool(chains) == (today is not None):
            self._draft.changes += self._changes
        else:
            change = whole_change(self._draft.client, self._cause(one), self._name, str(one), is_new=today is None)
            self._draft.changes.append(change)

    def _doubt(
        self,
        old: tuple[L4Chain, ...],
        new: tuple[L4Chain, ...],
        was: tuple[TakenServer, ...],
        would: tuple[TakenServer, ...],
        today: Json | None,
    ) -> str:
        """Why nothing is foretold of its chains."""
        absent = (one for one in new if today is None or l4_chain_in(today, one.names) is None)
        if doubts := [one.server.doubt for one in absent if one.server.doubt]:
            return doubts[0]
        if len({one.family for one in (*was, *would)}) > 1:
            return f"port {(*would, *was)[0].server.port.number} of several protocols is not rebuilt"
        for one in old:
            chain = l4_chain_in(today, one.names) if today is not None else None
            proxy = tcp_proxy(chain) if chain is not None else None
            if proxy is None or led_to(proxy) != one.clusters:
                return f"listener {self._name} has no filter chain {one}, which today's manifests ask for"
        filters = by_port(self._before, self._draft.client)
        return f"{filters} may change its filter chains" if filters else ""

    def _made(self, one: L4Chain) -> Json | None:
        body = self._examples.listener(self._draft.client)
        filters = (
            with_inspector(body.get("listener_filters", ()), self._examples.inspector, one.server.speaks)
            if body
            else None
        )
        if body is None or filters is None:
            self._unknown((one,), (), "no listener of the proxy is there, after which one could be made")
            return None
        return new_listener(body, one.server, filters)

    def _make(self, one: L4Chain, body: Json, would: tuple[TakenServer, ...], new: tuple[L4Chain, ...]) -> None:
        like = self._examples.tcp(self._draft.client)
        if like is None:
            self._unknown((one,), would, "no filter chain of the proxy passes connections on, after which to make one")
            return
        if one.terminated is not None:
            self._unknown((one,), would, "the TLS of connections that end here is not rebuilt")
            return
        chain: dict[str, Any] = copy.deepcopy(like)
        for field in ("filter_chain_match", "transport_socket"):
            chain.pop(field, None)
        if one.names:
            chain["filter_chain_match"] = {"server_names": sorted(one.names)}
        proxy = tcp_proxy(chain)
        assert proxy is not None  # noqa: S101  # such chains alone are examples
        for field in _OF_RULE:
            proxy.pop(field, None)
        lead(proxy, one.clusters)
        proxy["stat_prefix"] = proxy.get("cluster", f"{one.rule.item.name}.{one.rule.item.namespace or 'default'}")
        body["filter_chains"].insert(_place(body, would, new, one), chain)
        self._note(one, Kind.MADE, after=str(one))

    def _remove(self, one: L4Chain, body: Json) -> None:
        chain = l4_chain_in(body, one.names)
        if chain is not None:
            body["filter_chains"].remove(chain)
            self._note(one, Kind.VANISHES, before=str(one))

    def _lead(self, one: L4Chain, chain: Json) -> None:
        proxy = tcp_proxy(chain)
        if proxy is None or (actual := led_to(proxy)) == one.clusters:
            return
        lead(proxy, one.clusters)
        before = str(one).replace(one.clusters, actual)
        self._note(one, Kind.CHANGED, before, str(one), (Difference(_CLUSTER, one.clusters, actual),))

    def _cause(self, one: L4Chain) -> WrittenRule:
        """A server that comes or goes has the chains of all rules with it."""
        return one.rule if one.server.said in self._same else one.server.rule

    def _note(
        self,
        one: L4Chain,
        kind: Kind,
        before: str | None = None,
        after: str | None = None,
        differences: tuple[Difference, ...] = (),
    ) -> None:
        self._changes.append(
            part_change(
                self._draft.client,
                self._cause(one),
                kind,
                f"{self._name} {str(one).partition(' → ')[0]}",
                what="filter chain",
                before=before,
                after=after,
                differences=differences,
            )
        )

    def _unknown(self, chains: tuple[L4Chain, ...], servers: tuple[TakenServer, ...], because: str) -> None:
        rule = chains[0].rule if chains else servers[0].rule
        self._draft.not_rebuilt.append(
            NotRebuilt(
                object=rule.object,
                because=f"{rule.rule}: {because}",
                proxy=self._draft.client.name,
                decides=Reach.LISTENER,
                name=self._name,
                location=rule.location,
            )
        )


def _place(listener: Json, servers: tuple[TakenServer, ...], chains: tuple[L4Chain, ...], one: L4Chain) -> int:
    """Of a new chain: behind those of the servers and rules before it."""
    last = -1
    for server in servers:
        if server.speaks is Speaks.HTTPS:
            last = max(last, -1 if (index := index_of(listener, server.table)) is None else index)
        for chain in chains if server.speaks is not Speaks.HTTPS else ():
            if chain is one:
                return last + 1
            found = l4_chain_in(listener, chain.names) if chain.server.said == server.said else None
            if found is not None:
                last = max(last, listener["filter_chains"].index(found))
    return last + 1
