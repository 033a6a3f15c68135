"""What would be, were some manifests applied: the mesh with rebuilt proxies, what differs in them, and what is not known.

what_if = WhatIf(mesh, objects)
what_if.mesh        # to ask, to trace
what_if.changes     # old against new
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Protocol

from meshscope.effect.configuration import Configuration
from meshscope.effect.written import Written
from meshscope.istio.kubernetes import decode
from meshscope.istio.manifest import Object
from meshscope.istio.objects.authorization_policy import AuthorizationPolicy
from meshscope.istio.objects.destination_rule import DestinationRule
from meshscope.istio.objects.envoy_filter import EnvoyFilter
from meshscope.istio.objects.gateway import Gateway
from meshscope.istio.objects.peer_authentication import PeerAuthentication
from meshscope.istio.objects.request_authentication import RequestAuthentication
from meshscope.istio.objects.virtual_service import VirtualService
from meshscope.istio.provenance import ObjectRef
from meshscope.mesh.bodies import collector_paused
from meshscope.mesh.mesh import Mesh
from meshscope.once import once
from meshscope.overlay.applied import applied, named
from meshscope.overlay.change import Change, NotRebuilt
from meshscope.overlay.clusters.rebuilding import Clusters
from meshscope.overlay.doubts import doubted
from meshscope.overlay.draft import Draft
from meshscope.overlay.extensions.plugins import KINDS as OF_PLUGINS
from meshscope.overlay.extensions.plugins import has_plugins
from meshscope.overlay.extensions.rebuilding import Extensions
from meshscope.overlay.gateways.connections import Connections
from meshscope.overlay.gateways.listeners import Listeners
from meshscope.overlay.gateways.translated import TRANSLATED_KINDS, Pair, translated, with_bound
from meshscope.overlay.gateways.without_effect import unserved, unsettled, without_effect
from meshscope.overlay.idle import idle
from meshscope.overlay.inbound.rebuilding import InboundPorts
from meshscope.overlay.l4_rules import L4Rules
from meshscope.overlay.others import not_rebuilt
from meshscope.overlay.patches.rebuilding import EnvoyFilters
from meshscope.overlay.patches.standing import patched_anew
from meshscope.overlay.policies.mutual_tls import MutualTls
from meshscope.overlay.policies.rebuilding import Policies
from meshscope.overlay.policies.tokens import Tokens
from meshscope.overlay.refused import refused
from meshscope.overlay.routes.at_waypoint import WaypointRoutes
from meshscope.overlay.routes.hash_keys import HashKeys
from meshscope.overlay.routes.rebuilding import Routes
from meshscope.overlay.services.rebuilding import KINDS as OF_SERVICES
from meshscope.overlay.services.rebuilding import PEERS, Services
from meshscope.overlay.unlabelled import unlabelled
from meshscope.simulation.trace import Trace
from meshscope.snapshot.snapshot import Problem
from meshscope.work import UNFOLLOWED, Work


class Rebuilding(Protocol):
    """What rebuilds one kind of configuration of a proxy."""

    def rebuild(self, draft: Draft) -> None: ...


_GATEWAY, _RULES = ("networking.istio.io", "Gateway"), ("networking.istio.io", "VirtualService")
_POLICIES = ("networking.istio.io", "DestinationRule")
_REBUILT: tuple[tuple[tuple[str, str], Any, Any], ...] = (
    (_POLICIES, DestinationRule, Clusters),
    (("security.istio.io", "AuthorizationPolicy"), AuthorizationPolicy, Policies),
    (("security.istio.io", "RequestAuthentication"), RequestAuthentication, Tokens),
    (("security.istio.io", "PeerAuthentication"), PeerAuthentication, MutualTls),
    (_GATEWAY, Gateway, Listeners),
    (_RULES, VirtualService, Routes),
    (_RULES, VirtualService, WaypointRoutes),
    (_RULES, VirtualService, Connections),
    (_RULES, VirtualService, L4Rules),
    (("networking.istio.io", "EnvoyFilter"), EnvoyFilter, EnvoyFilters),
)
"""In the order of the rebuilding: policies stand in the captured chains, of which modes of TLS make others; new listeners have
the policies of those that are there, routes stand in tables of listeners, and patches are for what all others make.
"""


class WhatIf:
    """`objects` are applied, and `without` taken away. `applied` are those of them that differ from what the mesh has.

    `changes` are in the order of the proxies. Raises CancelledError; `work` counts proxies.
    """

    def __init__(
        self, mesh: Mesh, objects: Iterable[Object], *, without: Collection[ObjectRef] = (), work: Work = UNFOLLOWED
    ) -> None:
        self.before = mesh
        self.applied = tuple(applied(mesh, objects, without))
        items = [one.after for one in self.applied if one.after]
        gone = [named(one.before) for one in self.applied if one.before and not one.after]
        self.changes: tuple[Change, ...] = ()
        self.not_rebuilt: tuple[NotRebuilt, ...] = ()
        self.mesh = mesh
        if self.applied:
            with collector_paused():
                self._rebuild(mesh, mesh.overlay(items, without=gone), work)
            self.mesh = mesh.overlay(items, without=gone, proxies=self._proxies)

    @once
    def idle(self) -> tuple[NotRebuilt, ...]:
        """Of applied objects that would change nothing, why."""
        said = (*(one.object for one in self.changes), *(one.object for one in self.not_rebuilt))
        told = frozenset(name for words in said for name in words.split(", "))
        return tuple(idle(self.mesh, self.applied, told))

    def doubted(self, trace: Trace) -> Trace:
        """A trace of the rebuilt mesh; what decides about it and is not rebuilt makes it unknown."""
        return doubted(trace, self.not_rebuilt)

    def _rebuild(self, mesh: Mesh, told: Mesh, work: Work) -> None:
        before, after = Configuration(mesh), Configuration(told)
        unknown: list[NotRebuilt] = []
        every = list(self._rebuildings(before, after, unknown))
        rebuilding = [one for one in every if not isinstance(one, EnvoyFilters)]
        patching = [one for one in every if isinstance(one, EnvoyFilters)]
        changes: list[Change] = []
        self._proxies = {}
        for number, client in enumerate(after.clients):
            work.step(number, len(after.clients))
            draft = Draft(client)
            for one in rebuilding:
                one.rebuild(draft)
            draft.not_rebuilt += patched_anew(before, after, draft)
            for one in patching:
                one.rebuild(draft)
            changes += draft.changes
            unknown += draft.not_rebuilt
            if (proxy := draft.proxy()) is not None:
                self._proxies[proxy.id] = proxy
        self.changes, self.not_rebuilt = tuple(changes), tuple(dict.fromkeys(unknown))

    def _rebuildings(
        self, before: Configuration, after: Configuration, unknown: list[NotRebuilt]
    ) -> Iterable[Rebuilding]:
        peers = tuple(one for one in self.applied if one.kind == PEERS)
        served = tuple(one for one in self.applied if one.kind in OF_SERVICES)
        for kind, type_ in (*OF_SERVICES.items(), *OF_PLUGINS.items()):
            tuple(_typed((one.after for one in self.applied if one.kind == kind), type_, unknown))
        if served or peers:
            yield Services(before, after, (*served, *peers))
        made = translated(before, after, self.applied)
        pairs = {kind: self._pair(kind, type_, made, unknown) for kind, type_, _ in _REBUILT}
        pairs[_RULES] = with_bound(before, after, pairs[_GATEWAY], pairs[_RULES])
        for kind, _, make in _REBUILT:
            if any(pairs[kind]):
                yield make(before, after, *pairs[kind])
        if served:
            yield InboundPorts(before, after, served)
        if served or any(pairs[_RULES]) or any(pairs[_POLICIES]):
            yield HashKeys(before, after, (*pairs[_POLICIES][0], *pairs[_POLICIES][1]))
        if has_plugins(before.mesh) or has_plugins(after.mesh):
            yield Extensions(before, after, self.applied)
        unknown.extend(self._others(before, after))

    def _others(self, before: Configuration, after: Configuration) -> Iterable[NotRebuilt]:
        """Of objects that are refused, that nothing is rebuilt of, or that do nothing."""
        for one in self.applied:
            yield from refused(after.mesh, one)
        yield from unsettled(before, after, self.applied)
        yield from unlabelled(after, self.applied)
        kinds = [*OF_SERVICES, *OF_PLUGINS, *(kind for kind, _, _ in _REBUILT)]
        for one in self.applied:
            if one.item.kind == "Gateway":
                yield from unserved(after, one)
            if one.kind in TRANSLATED_KINDS:
                yield from without_effect(after, one)
            elif one.kind not in kinds:
                yield from not_rebuilt(after, one)

    def _pair(
        self, kind: tuple[str, str], type_: Any, made: dict[tuple[str, str], Pair], unknown: list[NotRebuilt]
    ) -> Pair:
        """Those that people wrote, and those that istiod makes."""
        some = [one for one in self.applied if one.kind == kind]
        old, new = made.get(kind, ((), ()))
        return (
            (*_typed((one.before for one in some), type_, unknown), *old),
            (*_typed((one.after for one in some), type_, unknown), *new),
        )


def _typed(items: Iterable[Object | None], type_: Any, unknown: list[NotRebuilt]) -> Iterable[Written[Any]]:
    for item in items:
        value = decode(item, type_) if item else None
        if isinstance(value, Problem) and item:
            because = f"it does not read: {value.message}"
            unknown.append(NotRebuilt(object=str(named(item)), because=because, location=item.location))
        elif value is not None and item:
            yield Written(item, value)
