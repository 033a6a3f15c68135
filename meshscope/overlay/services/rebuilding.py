"""What a proxy has of the services that it is told of, and is no longer told of, or is told of otherwise."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

from meshscope.effect.configuration import Configuration
from meshscope.envoy.resource import LISTENER, ROUTES
from meshscope.istio.kubernetes.service import Service
from meshscope.istio.objects.service_entry import ServiceEntry
from meshscope.istio.objects.sidecar import Sidecar
from meshscope.istio.objects.workload_entry import WorkloadEntry
from meshscope.overlay.applied import Applied, named
from meshscope.overlay.change import NotRebuilt, Reach
from meshscope.overlay.clusters.inbound import rebuild_inbound
from meshscope.overlay.draft import Draft
from meshscope.overlay.known_hosts import is_known_to
from meshscope.overlay.services.changes import changes_of
from meshscope.overlay.services.not_exact import NotExactError
from meshscope.overlay.services.of_proxy import OfProxy
from meshscope.overlay.services.outbound_policy import apply_outlet, outlet_of
from meshscope.overlay.services.speaking import body_of, hosts_of, unmodelled

KINDS: dict[tuple[str, str], Any] = {
    ("networking.istio.io", "ServiceEntry"): ServiceEntry,
    ("networking.istio.io", "WorkloadEntry"): WorkloadEntry,
    ("networking.istio.io", "Sidecar"): Sidecar,
    ("", "Service"): Service,
}
PEERS = ("security.istio.io", "PeerAuthentication")
"""A kind of which mode DISABLE tells clients, too."""


class Services:
    """`before` and `after` are two configurations of the same proxies; `applied` the objects of KINDS that differ."""

    def __init__(self, before: Configuration, after: Configuration, applied: tuple[Applied, ...]) -> None:
        self._before, self._after, self._applied = before, after, applied
        sides = ((before, one.before) for one in applied), ((after, one.after) for one in applied)
        items = [(where, item) for side in sides for where, item in side if item is not None]
        self._hosts = {host for where, item in items for host in hosts_of(where, item)}

    def rebuild(self, draft: Draft) -> None:
        client = draft.client
        if client.kind not in ("sidecar", "gateway"):
            if client.kind == "waypoint" and is_known_to(client, self._hosts, self._before, self._after):
                self._note(draft, "what a waypoint knows of services is not rebuilt", Reach.REQUESTS)
            return
        saved = draft.saved()
        hosts = self._hosts
        sidecars = self._before.scope(client).sidecar, self._after.scope(client).sidecar
        is_scoped = body_of(sidecars[0]) != body_of(sidecars[1])
        if is_scoped:
            sides = zip((self._before, self._after), sidecars, strict=True)
            if because := next(filter(None, (unmodelled(*side, client.namespace) for side in sides)), ""):
                self._note(draft, because, Reach.REQUESTS)
                return
            hosts = {one.host for configuration in (self._before, self._after) for one in configuration.services.all}
        note = partial(self._note, draft)
        by = OfProxy(self._before, self._after, draft, self._hosts, note).rebuild(hosts)
        if client.kind == "sidecar" and (is_scoped or draft.made(LISTENER) or draft.made(ROUTES)):
            self._apply_outlet(draft)
        differing = draft.differing(saved)
        owners = {key: self._owners(by.get(key, ())) for key in differing}
        draft.changes += changes_of(draft, differing, owners)
        if is_scoped and client.kind == "sidecar":
            rebuild_inbound(self._before, self._after, draft, ("*",))

    def _owners(self, hosts: Collection[str]) -> tuple[Applied, ...]:
        """The objects that speak of the hosts, else the Sidecars."""
        some = tuple(one for one in self._applied if self._of(one) & set(hosts))
        return some or tuple(one for one in self._applied if one.item.kind == "Sidecar") or self._applied

    def _apply_outlet(self, draft: Draft) -> None:
        try:
            apply_outlet(draft, outlet_of(self._before, draft.client), outlet_of(self._after, draft.client))
        except NotExactError as error:
            self._note(draft, str(error), Reach.REQUESTS)

    def _note(self, draft: Draft, because: str, reach: Reach, name: str = "", host: str = "") -> None:
        some = [one for one in self._applied if not host or host in self._of(one)] or list(self._applied)
        draft.not_rebuilt.append(
            NotRebuilt(
                object=", ".join(str(named(one.item)) for one in some),
                because=because,
                proxy=draft.client.name,
                decides=reach,
                name=name,
                location=some[0].item.location,
            )
        )

    def _of(self, one: Applied) -> set[str]:
        sides = (self._before, one.before), (self._after, one.after)
        return {host for where, item in sides if item is not None for host in hosts_of(where, item)}
