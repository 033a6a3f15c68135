"""The filter chains of a port of TLS in a sidecar, by the names that `tls` rules of one VirtualService ask for.

Without a rule a service has one chain: for every connection to its own address, else for its name. With rules it has a chain
for each match, and what matches none is passed through.
https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/listener.go (buildSidecarOutboundTLSFilterChainOpts)
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

from msgspec import Struct

from meshscope.effect.answer import Difference
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.http_routes.places import hosts_of
from meshscope.effect.l4_routes.at_place import WantedChain, chains_at
from meshscope.effect.l4_routes.places import TLS, L4Place, mesh_l4_places
from meshscope.envoy.resource import LISTENER
from meshscope.istio.names import ClusterName
from meshscope.overlay.applied import named
from meshscope.overlay.change import Change, Kind
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.gateways.l4_chains import lead, led_to, tcp_proxy
from meshscope.overlay.routes.bound import Rules
from meshscope.overlay.services.chains import outbound
from meshscope.overlay.written_rule import written_rule

_ALL = ("0.0.0.0", "::")  # noqa: S104  # how istiod binds, not this program
_PASSTHROUGH = "PassthroughFilterChain"
_INSPECTOR = "envoy.filters.listener.tls_inspector"
_OF_RULE = ("idle_timeout", "hash_policy", "max_downstream_connection_duration")
"""What a DestinationRule gives the filter of one chain."""


class UnknownChainsError(Exception):
    """Why the chains of a port are not rebuilt."""


class Wanted(Struct, frozen=True):
    """One chain; `rule` is None for that of a service without any rule."""

    names: frozenset[str]
    clusters: str
    rule: WantedChain | None = None

    def __str__(self) -> str:
        return f"{'SNI ' + ', '.join(sorted(self.names)) if self.names else 'TLS'} → {self.clusters}"


Side = tuple[Configuration, Rules | None]


def rebuild_names(draft: Draft, before: Side, after: Side) -> Iterator[Change]:
    """What would be different; the draft has it. Raises UnknownChainsError, then the draft is as it was."""
    client = draft.client
    spots = dict.fromkeys(place for side in (before, after) for place in _places(side, client))
    found: list[tuple[str, Json, list[Change]]] = []
    bodies: dict[str, Json] = {}
    for place in spots:
        old, new = (_wanted(side, client, place) for side in (before, after))
        if old == new:
            continue
        name = next((one for one in place.listeners if draft.body(LISTENER, one) is not None), "")
        if not name:
            raise UnknownChainsError(f"the proxy has no listener {place.listeners[0]} today")
        today = bodies.get(name) or draft.body(LISTENER, name)
        body, changes = _Port(draft, place, name, today).rebuild(old, new, before[1], after[1])
        bodies[name] = body
        found.append((name, body, changes))
    for name, body, changes in found:
        draft.put(LISTENER, name, body)
        yield from changes


def _places(side: Side, client: Client) -> Iterator[L4Place]:
    configuration, rules = side
    if rules is not None:
        places = mesh_l4_places(configuration, client, hosts_of(rules), TLS)
        yield from (one for one in places if isinstance(one, L4Place))


def _wanted(side: Side, client: Client, place: L4Place) -> tuple[Wanted, ...]:
    configuration, rules = side
    found: dict[frozenset[str], Wanted] = {}
    if rules is not None and place in _places(side, client):
        if any(match.destination_subnets for rule in rules.value.spec.tls for match in rule.match):
            raise UnknownChainsError("destinationSubnets are not rebuilt")
        for one in chains_at(configuration, client, place, rules.value.spec.tls, TLS, rules.namespace):
            if isinstance(one, WantedChain):
                found.setdefault(frozenset(one.names), Wanted(frozenset(one.names), one.clusters, one))
    if found:
        return tuple(found.values())
    is_bound = not any(place.listeners[0].startswith(f"{bind}_") for bind in _ALL)
    aliases = [each.host for each in configuration.services.all if each.alias_of == place.host]
    names = frozenset() if is_bound else frozenset((place.host, *aliases))
    return (Wanted(names, str(ClusterName("outbound", place.port, "", place.host))),)


class _Port:
    """One port of one service in one listener."""

    def __init__(self, draft: Draft, place: L4Place, name: str, today: Json) -> None:
        self._draft, self._place, self._name, self._today = draft, place, name, today
        self._is_bound = not any(name.startswith(f"{bind}_") for bind in _ALL)

    def rebuild(
        self, old: tuple[Wanted, ...], new: tuple[Wanted, ...], was: Rules | None, would: Rules | None
    ) -> tuple[Json, list[Change]]:
        chains = list(self._today.get("filter_chains", ()))
        own = [self._chain(chains, one) for one in old]
        rest = [one for one in chains if not any(one is each for each in own)]
        if self._is_bound and (rest or bool(self._today.get("default_filter_chain")) != _is_ruled(old)):
            raise UnknownChainsError(f"listener {self._name} has other chains than today's manifests ask for")
        if any((one.get("filter_chain_match") or {}).get("prefix_ranges") for one in own):
            raise UnknownChainsError("chains of a range of addresses are not rebuilt")
        taken = [_names(one) for one in rest]
        if clash := next((one for one in new if one.names in taken), None):
            raise UnknownChainsError(f"another service has a chain for {', '.join(sorted(clash.names))}")
        made = [self._made(one, own, old, would) for one in new]
        at = next((number for number, one in enumerate(chains) if any(one is each for each in own)), len(chains))
        kept = [one for one in chains[:at] if any(one is each for each in rest)]
        behind = [one for one in chains[at:] if any(one is each for each in rest)]
        body = {**self._today, "filter_chains": [*kept, *made, *behind]}
        if self._is_bound:
            self._around(body, is_ruled=_is_ruled(new))
        return body, list(self._changes(old, new, was, would))

    def _chain(self, chains: list[Json], one: Wanted) -> Json:
        for chain in chains:
            proxy = tcp_proxy(chain)
            if proxy is not None and _names(chain) == one.names and led_to(proxy) == one.clusters:
                return chain
        raise UnknownChainsError(f"listener {self._name} has no chain {one}, which today's manifests ask for")

    def _made(self, one: Wanted, own: list[Json], old: tuple[Wanted, ...], would: Rules | None) -> Json:
        if one in old:
            return own[old.index(one)]
        chain = copy.deepcopy(own[0])
        for field in ("filter_chain_match", "metadata"):
            chain.pop(field, None)
        if one.names:
            chain["filter_chain_match"] = {"server_names": sorted(one.names)}
        proxy = tcp_proxy(chain)
        assert proxy is not None  # noqa: S101  # the chain was found by it
        for field in _OF_RULE:
            proxy.pop(field, None)
        lead(proxy, one.clusters)
        proxy["stat_prefix"] = proxy.get("cluster", "")
        if one.rule is not None and would is not None:
            proxy["stat_prefix"] = proxy.get("cluster") or f"{would.item.name}.{would.namespace}"
            config = self._draft.config_path(named(would.item))
            chain["metadata"] = {"filter_metadata": {"istio": {"config": config}}}
        return chain

    def _around(self, body: Json, *, is_ruled: bool) -> None:
        """Names are read, and the others passed through, only where chains ask for them."""
        filters = [one for one in body.get("listener_filters", ()) if one.get("name") != _INSPECTOR]
        body.pop("listener_filters", None)
        body.pop("default_filter_chain", None)
        if is_ruled:
            filters.append(self._sample("listener_filters", _INSPECTOR))
            body["default_filter_chain"] = self._sample("default_filter_chain", _PASSTHROUGH)
        if filters:
            body["listener_filters"] = filters

    def _sample(self, field: str, name: str) -> Json:
        for _, body in outbound(self._draft):
            value: Json = body.get(field) or []
            for one in value if isinstance(value, list) else [value]:
                if one.get("name") == name:
                    return {key: copy.deepcopy(each) for key, each in one.items() if key != "filter_disabled"}
        raise UnknownChainsError(f"no listener of the proxy tells what {name} is like")

    def _changes(
        self, old: tuple[Wanted, ...], new: tuple[Wanted, ...], was: Rules | None, would: Rules | None
    ) -> Iterator[Change]:
        before, after = ({one.names: one for one in some} for some in (old, new))
        owner = would or was
        for names in dict.fromkeys((*before, *after)):
            one, other = before.get(names), after.get(names)
            if owner is None or (one and other and one.clusters == other.clusters):
                continue
            ruled = next((each.rule for each in (other, one) if each is not None and each.rule is not None), None)
            rule = written_rule(owner, ruled.path if ruled else ())
            differences = (Difference("tcp_proxy.cluster", other.clusters, one.clusters),) if one and other else ()
            yield Change(
                proxy=self._draft.client.name,
                what="filter chain",
                name=f"{self._name} {str(other or one).partition(' → ')[0]}",
                change=Kind.CHANGED if one and other else Kind.MADE if other else Kind.VANISHES,
                object=rule.object,
                rule=rule.rule,
                before=str(one) if one else None,
                after=str(other) if other else None,
                differences=differences,
                location=rule.location,
            )


def _names(chain: Json) -> frozenset[str]:
    return frozenset((chain.get("filter_chain_match") or {}).get("server_names", ()))


def _is_ruled(wanted: tuple[Wanted, ...]) -> bool:
    return any(one.rule is not None for one in wanted)
