"""`tls` and `tcp` rules of VirtualServices: where they lead is rebuilt in the filter chains that are there.

Chains that would come or go are not rebuilt.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from meshscope.effect.answer import Difference, State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.http_routes.places import gateways_of, hosts_of
from meshscope.effect.l4_routes.at_place import l4_outcomes_at
from meshscope.effect.l4_routes.places import TCP, TLS, L4Place, gateway_l4_places, mesh_l4_places
from meshscope.effect.outcome import Outcome
from meshscope.effect.static_conditions import MESH
from meshscope.envoy.resource import LISTENER
from meshscope.overlay.applied import named
from meshscope.overlay.change import Change, Kind, NotRebuilt, Reach
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.routes.bound import Rules, reach_of
from meshscope.path import path_text

_CLUSTER = "tcp_proxy.cluster"
_LEADING = ("cluster", "weighted_clusters")
_PROXY = "TcpProxy"


class L4Rules:
    """`before` and `after` are two configurations of the same proxies; `old` and `new` the VirtualServices that differ."""

    def __init__(
        self, before: Configuration, after: Configuration, old: tuple[Rules, ...], new: tuple[Rules, ...]
    ) -> None:
        self._before, self._after = before, after
        by_name: dict[str, list[Rules | None]] = {}
        for number, some in enumerate((old, new)):
            for one in some:
                by_name.setdefault(str(named(one.item)), [None, None])[number] = one
        self._pairs = tuple(pair for pair in by_name.values() if _differ(*pair))

    def rebuild(self, draft: Draft) -> None:
        for before, after in self._pairs:
            old = tuple(_outcomes(self._before, before, draft.client)) if before else ()
            new = tuple(_outcomes(self._after, after, draft.client)) if after else ()
            owner = after or before
            if owner is None or not (old or new):
                continue
            if _is_in_same_chains(old, new):
                for one in new:
                    _lead(draft, owner, one)
            else:
                _note(draft, owner, old, new)


def _outcomes(configuration: Configuration, one: Rules, client: Client) -> Iterator[Outcome]:
    """Of each rule at each listener of today's proxy that it is for."""
    if reach_of(configuration, one, client) is None:
        return
    for kind in (TLS, TCP):
        if rules := getattr(one.value.spec, kind):
            for place in _places(configuration, one, client, kind):
                found = l4_outcomes_at(configuration, client, place, rules, kind, one.namespace)
                yield from (outcome for outcome in found if outcome.is_meant and not outcome.is_local)


def _places(configuration: Configuration, one: Rules, client: Client, kind: str) -> Iterator[L4Place]:
    if client.kind == "sidecar" and MESH in gateways_of(one):
        places = mesh_l4_places(configuration, client, hosts_of(one), kind)
        yield from (place for place in places if isinstance(place, L4Place))
    for gateway in configuration.gateways if client.kind == "gateway" else ():
        name = f"{gateway.namespace}/{gateway.item.name}"
        if name in gateways_of(one) and client.labels.match(gateway.value.spec.selector):
            yield from gateway_l4_places(configuration, client, gateway, hosts_of(one), kind)


def _is_in_same_chains(old: tuple[Outcome, ...], new: tuple[Outcome, ...]) -> bool:
    """Whether the proxy has the chains of the new rules, as it has them of the old ones, or has all of them already."""
    chains = {one.made for one in old}, {one.made for one in new}
    if all(one.state is State.IN_EFFECT for one in new) and chains[0] <= chains[1]:
        return True
    is_known = all(one.state is State.IN_EFFECT for one in old)
    return is_known and chains[0] == chains[1] and all(map(_leads_elsewhere, new))


def _leads_elsewhere(one: Outcome) -> bool:
    """Whether its chain is there, and at most leads to other clusters."""
    if one.state is State.IN_EFFECT:
        return True
    return one.state is State.PARTLY and [each.field for each in one.differences] == [_CLUSTER]


def _lead(draft: Draft, owner: Rules, one: Outcome) -> None:
    resource = draft.client.proxy.resource(LISTENER, one.name)
    listener = draft.body(LISTENER, one.name)
    if one.state is State.IN_EFFECT or one.made is None or resource is None or listener is None:
        return
    body = copy.deepcopy(listener)
    chain: Any = body
    for part in one.made.path[len(resource.location.path) :]:
        chain = chain[part]
    for each in chain.get("filters", ()):
        config = each.get("typed_config", {})
        if config.get("@type", "").endswith(_PROXY):
            for field in _LEADING:
                config.pop(field, None)
            config.update(_led_to(one.differences[0].expected))
    draft.put(LISTENER, one.name, body)
    (difference,) = one.differences
    draft.changes.append(
        Change(
            proxy=draft.client.name,
            what="filter chain",
            name=f"{one.name} {path_text(one.made.path[len(resource.location.path) :])}",
            change=Kind.CHANGED,
            object=str(named(owner.item)),
            rule=path_text(one.path[1:]),
            before=one.actual,
            after=one.expected,
            differences=(Difference(_CLUSTER, difference.expected, difference.actual),),
            location=owner.item.location.below(one.path),
            made=one.made,
        )
    )


def _led_to(words: str) -> Json:
    """Of a single cluster its name; of several `name weight`, divided by commas, which no name of a cluster has."""
    shares = [part.rpartition(" ") for part in words.split(", ")]
    if len(shares) == 1 and not shares[0][0]:
        return {"cluster": words}
    return {"weighted_clusters": {"clusters": [{"name": name, "weight": int(weight)} for name, _, weight in shares]}}


def _note(draft: Draft, owner: Rules, old: tuple[Outcome, ...], new: tuple[Outcome, ...]) -> None:
    for name in sorted({one.name for one in (*old, *new)}):
        draft.not_rebuilt.append(
            NotRebuilt(
                object=str(named(owner.item)),
                because="filter chains that come or go with tls and tcp rules are not rebuilt",
                proxy=draft.client.name,
                decides=Reach.LISTENER if name else Reach.REQUESTS,
                name=name,
                location=owner.item.location,
            )
        )


def _differ(before: Rules | None, after: Rules | None) -> bool:
    """In what makes chains."""
    said = [_said(one) for one in (before, after) if one is not None]
    return any(any(rules[:2]) for rules in said) and not (len(said) == 2 and said[0] == said[1])


def _said(one: Rules) -> tuple[object, ...]:
    spec = one.value.spec
    return spec.tls, spec.tcp, spec.hosts, spec.gateways, spec.export_to
