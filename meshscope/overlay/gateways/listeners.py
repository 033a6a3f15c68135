"""The listeners of gateways that applied Gateways touch, in one proxy: ports, filter chains, and their route configurations.

Which routes a host has is rebuilt with those of VirtualServices.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence

from meshscope.effect.configuration import Configuration
from meshscope.effect.written import Written
from meshscope.envoy.resource import LISTENER, ROUTES
from meshscope.istio.objects.gateway import Gateway
from meshscope.overlay.change import Change, NotRebuilt, Reach
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.gateways.certificates import unseen_secrets
from meshscope.overlay.gateways.chains import chain_change, made_chain, matched, with_socket
from meshscope.overlay.gateways.changes import whole_change
from meshscope.overlay.gateways.examples import Examples, by_port, chain_of, index_of, new_listener, with_inspector
from meshscope.overlay.gateways.l4_chains import l4_chains
from meshscope.overlay.gateways.redirects import redirected, write_redirects
from meshscope.overlay.gateways.servers import Speaks, TakenServer, left_out, servers_by_listener
from meshscope.overlay.routes.host_table import black_hole

Servers = Sequence[TakenServer]


_AUTO = "AUTO_PASSTHROUGH"


class Listeners:
    """`before` and `after` are two configurations of the same proxies; `old` and `new` the Gateways that differ."""

    def __init__(
        self,
        before: Configuration,
        after: Configuration,
        old: tuple[Written[Gateway], ...],
        new: tuple[Written[Gateway], ...],
    ) -> None:
        del old, new  # what a Gateway changes is seen in what all of a proxy's make together
        self._before, self._after = before, after
        self._examples = Examples(before)

    def rebuild(self, draft: Draft) -> None:
        if draft.client.kind != "gateway":
            return
        self._examples.begin(draft)
        before, after = self._examples.servers(draft.client), servers_by_listener(self._after, draft.client)
        for name in dict.fromkeys((*before, *after)):
            was, would = before.get(name, ()), after.get(name, ())
            old, new = ([one for one in side if one.table] for side in (was, would))
            listener = _Listener(self._before, self._after, draft, self._examples, name)
            if [one.said for one in old] != [one.said for one in new]:
                listener.rebuild(old, new, (*was, *would))
            listener.note_auto(was, would)
            listener.note_unheard(would, [one.said for one in was])
        self._note_left_out(draft)

    def _note_left_out(self, draft: Draft) -> None:
        known = [one.said for one, _ in left_out(self._before, draft.client)]
        for one, other in left_out(self._after, draft.client):
            if one.said not in known:
                because = f"{one.rule.rule}: {other.rule} has its port or one of its hosts"
                draft.not_rebuilt.append(
                    NotRebuilt(
                        object=one.rule.object,
                        because=because,
                        proxy=draft.client.name,
                        decides=Reach.NOWHERE,
                        location=one.rule.location,
                    )
                )


class _Listener:
    """One listener of one proxy."""

    def __init__(  # both sides of a place
        self, before: Configuration, after: Configuration, draft: Draft, examples: Examples, name: str
    ) -> None:
        self._before, self._after, self._draft, self._examples, self._name = before, after, draft, examples, name
        self._new_chains: list[Json] = []
        self._changes: list[Change] = []

    def rebuild(self, old: Servers, new: Servers, all_: Servers) -> None:
        """`all_` are those of both sides with those that speak no HTTP."""
        today = self._draft.body(LISTENER, self._name)
        if because := next(self._doubts(old, new, all_, today), ""):
            known = [one.said for one in old]
            self._unknown(next((one for one in new if one.said not in known), (*new, *old)[0]), because)
            return
        body = copy.deepcopy(today) if today is not None else self._made(new[0])
        if body is None:
            return
        self._chains(old, new, body)
        if body["filter_chains"]:
            self._draft.put(LISTENER, self._name, body)
        elif today is not None:
            self._draft.remove(LISTENER, self._name)
        self._note_whole(old, new, today, body)
        if new and new[0].speaks is Speaks.HTTP:
            client = self._draft.client
            was, would = redirected(self._before, client, old), redirected(self._after, client, new)
            known = [one.said for one in old]
            for one in new:
                if one.said not in known and (others := [host for host in one.redirects if host not in would]):
                    because = (
                        f"what redirects {', '.join(others)} is not rebuilt: no VirtualService of its namespace has it"
                    )
                    self._unknown(one, because, Reach.ROUTES, one.table)
            write_redirects(self._draft, was, would, new[0])

    def note_auto(self, was: Servers, would: Servers) -> None:
        """Chains of every service that the hosts take, which no rule of a VirtualService tells."""
        auto, own = ([one for one in side if one.server.tls and one.server.tls.mode == _AUTO] for side in (would, was))
        known = [[one.said for one in side] for side in (auto, own)]
        for one in (*auto, *own):
            if any(one.said not in side for side in known):
                self._unknown(one, f"filter chains of mode {_AUTO} are not rebuilt")

    def note_unheard(self, would: Servers, known: Sequence[object]) -> None:
        """New servers that no rule makes a chain of."""
        new = [one for one in would if not one.table and one.said not in known]
        chains = l4_chains(self._after, self._draft.client, tuple(would)) if new else ()
        for one in new:
            is_auto = one.server.tls is not None and one.server.tls.mode == _AUTO
            if not is_auto and not any(chain.server is one for chain in chains):
                kind = "tls" if one.speaks is Speaks.TLS and one.server.tls else "tcp"
                self._unknown(
                    one, f"no VirtualService that is bound to it has {kind} rules for its hosts", Reach.NOWHERE
                )

    def _note_whole(self, old: Servers, new: Servers, today: Json | None, body: Json) -> None:
        """A listener that comes or goes is one change, with all that is in it."""
        if (today is not None) == bool(body["filter_chains"]):
            self._draft.changes += self._changes
            return
        some = new if today is None else old
        protocols = ", ".join(dict.fromkeys(one.server.port.protocol for one in some))
        self._draft.changes.append(
            whole_change(self._draft.client, some[0].rule, self._name, protocols, is_new=today is None)
        )

    def _doubts(self, old: Servers, new: Servers, all_: Servers, body: Json | None) -> Iterator[str]:
        """Why nothing of the listener is foretold. A server whose chain is there is open, whatever is not known about it."""
        yield from (one.doubt for one in new if one.doubt and (body is None or chain_of(body, one.table) is None))
        if not self._draft.client.proxy.knows_all(LISTENER):
            yield "not all listeners of the proxy were captured"
        for one in old:
            if body is None or chain_of(body, one.table) is None:
                yield f"listener {self._name} has no filter chain for {one.rule}, which today's manifests ask for"
        if body is not None and not self._examples.servers(self._draft.client).get(self._name):
            yield f"the proxy has a listener {self._name}, which no Gateway asks for today"
        if len({one.family for one in all_}) > 1:
            yield f"port {all_[0].server.port.number} of several protocols is not rebuilt"
        known = [(one.table, one.names, one.server.tls) for one in old]
        is_made = any((one.table, one.names, one.server.tls) not in known for one in new if one.table)
        if is_made and (filters := by_port(self._before, self._draft.client)):
            yield f"{filters} may change its filter chains"

    def _drop_table(self, table: str) -> None:
        if self._draft.body(ROUTES, table) is not None:
            self._draft.remove(ROUTES, table)

    def _made(self, one: TakenServer) -> Json | None:
        """A new listener without any filter chain."""
        like = self._examples.http(self._draft.client, one)
        if like is None:
            self._unknown(one, f"no listener of the proxy speaks {one.speaks}, after which one could be made")
            return None
        filters = with_inspector(like[0].get("listener_filters", ()), self._examples.inspector, one.speaks)
        if filters is None:
            self._unknown(one, "no listener of a gateway tells how it reads the server names of TLS")
            return None
        return new_listener(like[0], one, filters)

    def _chains(self, old: Servers, new: Servers, body: Json) -> None:
        """One for each server of TLS; those of plain HTTP share one. `body` is the listener's own copy."""
        chains = body["filter_chains"]
        before, after = _by_table(old), _by_table(new)
        self._drop(before, after, body)
        for table, one in after.items():
            today = chain_of(body, table)
            chain = self._made_chain(one) if today is None else self._changed_chain(before[table], one, today)
            if chain is None:
                continue
            if chain != today:
                self._new_chains.append(chain)
            if today is None:
                chains.insert(_place(body, tuple(after), table), chain)
            else:
                chains[chains.index(today)] = chain
            if chain != today:
                self._changes.append(chain_change(self._draft.client, self._name, one.rule, today, chain))
        today = self._draft.body(LISTENER, self._name)
        for name in unseen_secrets(self._after.mesh, self._draft.client, today, self._new_chains):
            self._unknown(new[0], f"whether the proxy would have secret {name} is unknown: it is not in this input")

    def _drop(self, before: Mapping[str, TakenServer], after: Mapping[str, TakenServer], body: Json) -> None:
        for table, was in before.items():
            if table not in after:
                chain = chain_of(body, table)
                body["filter_chains"].remove(chain)
                self._drop_table(table)
                self._changes.append(chain_change(self._draft.client, self._name, was.rule, chain, None))

    def _made_chain(self, one: TakenServer) -> Json | None:
        like = self._examples.http(self._draft.client, one)
        table = self._examples.table(self._draft.client)
        if like is None or table is None:
            self._unknown(
                one, f"no filter chain of the proxy speaks {one.server.port.protocol}, after which to make one"
            )
            return None
        chain = made_chain(one, like[1])
        if one.speaks is Speaks.HTTPS and not with_socket(chain, one, self._examples.sockets(self._draft.client)):
            self._unknown(one, f"no server of a gateway tells how istiod writes its tls ({_mode(one)})")
            return None
        new = {**table, "name": one.table, "virtual_hosts": [black_hole(one.server.port.number)]}
        self._draft.put(ROUTES, one.table, new)
        return chain

    def _changed_chain(self, was: TakenServer, one: TakenServer, today: Json) -> Json | None:
        chain = copy.deepcopy(today)
        if one.speaks is Speaks.HTTP:
            return chain
        matched(chain, one)
        if was.server.tls == one.server.tls and was.server.port == one.server.port:
            return chain
        if not with_socket(chain, one, self._examples.sockets(self._draft.client)):
            self._unknown(one, f"no server of a gateway tells how istiod writes its tls ({_mode(one)})")
            return None
        return chain

    def _unknown(self, one: TakenServer, because: str, reach: Reach = Reach.LISTENER, name: str = "") -> None:
        self._draft.not_rebuilt.append(
            NotRebuilt(
                object=one.rule.object,
                because=f"{one.rule.rule}: {because}",
                proxy=self._draft.client.name,
                decides=reach,
                name=name or self._name,
                location=one.rule.location,
            )
        )


def _place(listener: Json, tables: Sequence[str], table: str) -> int:
    """Of a new chain among those of the other servers, which stand in their order."""
    before = tables[: tables.index(table)]
    return next((index + 1 for each in reversed(before) if (index := index_of(listener, each)) is not None), 0)


def _by_table(servers: Servers) -> dict[str, TakenServer]:
    found: dict[str, TakenServer] = {}
    for one in servers:
        if one.table:
            found.setdefault(one.table, one)
    return found


def _mode(one: TakenServer) -> str:
    tls = one.server.tls
    return f"mode {tls.mode}" if tls else "none"
