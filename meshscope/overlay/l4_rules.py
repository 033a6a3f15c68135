"""`tls` and `tcp` rules of VirtualServices in sidecars: where they lead is rebuilt in the filter chains that are there.

A service of TCP has a chain without any rule, too. Chains that come or go with `tls` rules are made in `sni_chains`, others
are not rebuilt.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from meshscope.effect.answer import Difference, State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.http_routes.places import gateways_of, hosts_of
from meshscope.effect.l4_routes.at_place import l4_outcomes_at
from meshscope.effect.l4_routes.places import TCP, TLS, L4Place, mesh_l4_places
from meshscope.effect.outcome import Outcome
from meshscope.effect.static_conditions import MESH
from meshscope.envoy.resource import LISTENER
from meshscope.istio.hosts import overlap
from meshscope.istio.names import ClusterName
from meshscope.overlay.applied import named
from meshscope.overlay.change import Change, Kind, NotRebuilt, Reach
from meshscope.overlay.draft import Draft
from meshscope.overlay.gateways.l4_chains import lead, tcp_proxy
from meshscope.overlay.routes.bound import Rules, reach_of
from meshscope.overlay.sni_chains import UnknownChainsError, rebuild_names
from meshscope.overlay.written_rule import written_rule
from meshscope.path import path_text

_CLUSTER = "tcp_proxy.cluster"
_NOT_REBUILT = "filter chains that come or go with tls and tcp rules are not rebuilt"


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
        if draft.client.kind == "gateway":
            return  # whose chains are those of its Gateways
        for before, after in self._pairs:
            placed = [
                tuple(_outcomes(configuration, one, draft.client)) if one else ()
                for configuration, one in ((self._before, before), (self._after, after))
            ]
            old, new = (tuple(outcome for _, outcome in some) for some in placed)
            owner = after or before
            if owner is None or not (old or new):
                continue
            if whole := self._of_default_chains(owner, *placed):
                for one in whole:
                    _lead(draft, owner, one)
            elif _is_in_same_chains(old, new):
                for one in new:
                    _lead(draft, owner, one)
            elif because := self._by_names(draft, before, after, (*old, *new)):
                _note(draft, owner, old, new, because)

    def _by_names(self, draft: Draft, before: Rules | None, after: Rules | None, outcomes: tuple[Outcome, ...]) -> str:
        """Rebuilds the chains of `tls` rules; why not, where they are not known."""
        owner = after or before
        if owner is None or any(one.path[1] != TLS for one in outcomes):
            return _NOT_REBUILT
        places = {place for one in (before, after) if one for place in _places(self._after, one, draft.client, TLS)}
        if any(self._others(owner, place) for place in places):
            return f"{_NOT_REBUILT} where another VirtualService has such rules for the host"
        try:
            draft.changes += rebuild_names(draft, (self._before, before), (self._after, after))
        except UnknownChainsError as error:
            return f"{_NOT_REBUILT}: {error}"
        return ""

    def _of_default_chains(
        self, owner: Rules, old: tuple[tuple[L4Place, Outcome], ...], new: tuple[tuple[L4Place, Outcome], ...]
    ) -> tuple[Outcome, ...]:
        """Where rules for every connection come to services that no rule has, or leave them; none where it is anything else."""
        if bool(old) == bool(new) or any(_asks_for_addresses(owner) or one.path[1] != TCP for _, one in (*old, *new)):
            return ()
        if new:
            led = [one for place, one in new if _leads_elsewhere(one) and _was(one) in ("", _default(place))]
            return tuple(led) if len(led) == len(new) else ()
        if not all(one.state is State.IN_EFFECT and not self._others(owner, place) for place, one in old):
            return ()
        return tuple(_led_back(place, one) for place, one in old)

    def _others(self, owner: Rules, place: L4Place) -> bool:
        """Whether another VirtualService may have rules for the service, which would be next."""
        some = (one for one in self._after.virtual_services if one.item.ref != owner.item.ref)
        return any(
            (one.value.spec.tcp or one.value.spec.tls)
            and MESH in gateways_of(one)
            and any(overlap(place.host, host) for host in hosts_of(one))
            for one in some
        )


def _asks_for_addresses(one: Rules) -> bool:
    return any(match.destination_subnets for rule in one.value.spec.tcp for match in rule.match)


def _default(place: L4Place) -> str:
    """The cluster that the chain of a service leads to without any rule."""
    return str(ClusterName("outbound", place.port, "", place.host))


def _was(one: Outcome) -> str:
    return one.differences[0].actual if one.differences else ""


def _led_back(place: L4Place, one: Outcome) -> Outcome:
    words = (one.expected or "").partition(" → ")[2]
    difference = Difference(_CLUSTER, _default(place), words)
    expected, actual = f"TCP → {_default(place)}", one.expected
    return replace(one, state=State.PARTLY, differences=(difference,), expected=expected, actual=actual)


def _outcomes(configuration: Configuration, one: Rules, client: Client) -> Iterator[tuple[L4Place, Outcome]]:
    """Of each rule at each listener of today's proxy that it is for."""
    if reach_of(configuration, one, client) is None:
        return
    for kind in (TLS, TCP):
        if rules := getattr(one.value.spec, kind):
            for place in _places(configuration, one, client, kind):
                found = l4_outcomes_at(configuration, client, place, rules, kind, one.namespace)
                yield from ((place, outcome) for outcome in found if outcome.is_meant and not outcome.is_local)


def _places(configuration: Configuration, one: Rules, client: Client, kind: str) -> Iterator[L4Place]:
    if client.kind == "sidecar" and MESH in gateways_of(one):
        places = mesh_l4_places(configuration, client, hosts_of(one), kind)
        yield from (place for place in places if isinstance(place, L4Place))


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
    proxy = tcp_proxy(chain)
    if proxy is not None:
        lead(proxy, one.differences[0].expected)
    draft.put(LISTENER, one.name, body)
    (difference,) = one.differences
    rule = written_rule(owner, one.path)
    draft.changes.append(
        Change(
            proxy=draft.client.name,
            what="filter chain",
            name=f"{one.name} {path_text(one.made.path[len(resource.location.path) :])}",
            change=Kind.CHANGED,
            object=rule.object,
            rule=rule.rule,
            before=one.actual,
            after=one.expected,
            differences=(Difference(_CLUSTER, difference.expected, difference.actual),),
            location=rule.location,
            made=one.made,
        )
    )


def _note(draft: Draft, owner: Rules, old: tuple[Outcome, ...], new: tuple[Outcome, ...], because: str) -> None:
    for name in sorted({one.name for one in (*old, *new)}):
        draft.not_rebuilt.append(
            NotRebuilt(
                object=written_rule(owner, ()).object,
                because=because,
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
