"""The clusters that applied DestinationRules touch, in one proxy."""

from __future__ import annotations

from meshscope.effect.clusters.choice import Rule, host_of
from meshscope.effect.configuration import Configuration
from meshscope.effect.services import MeshService
from meshscope.overlay.change import NotRebuilt
from meshscope.overlay.clusters.inbound import rebuild_inbound
from meshscope.overlay.clusters.one_cluster import OneCluster
from meshscope.overlay.clusters.policies import asked_of, bare
from meshscope.overlay.draft import Draft
from meshscope.overlay.known_hosts import is_known_to


class Clusters:
    """`before` and `after` are two configurations of the same proxies; `old` and `new` the DestinationRules that differ."""

    def __init__(
        self, before: Configuration, after: Configuration, old: tuple[Rule, ...], new: tuple[Rule, ...]
    ) -> None:
        self._before, self._after = before, after
        self._hosts = tuple(dict.fromkeys(host_of(one) for one in (*old, *new)))
        self._objects = ", ".join(dict.fromkeys(str(one) for one in (*new, *old)))

    def rebuild(self, draft: Draft) -> None:
        client = draft.client
        if client.kind not in ("sidecar", "gateway"):
            if client.kind == "waypoint" and is_known_to(client, self._hosts, self._before, self._after):
                draft.not_rebuilt.append(
                    NotRebuilt(
                        object=self._objects, because="clusters of a waypoint are not rebuilt", proxy=client.name
                    )
                )
            return
        scope = self._after.scope(client)
        for service in {one.host: one for host in self._hosts for one in scope.within(host)}.values():
            self._of_service(draft, service)
        if client.kind == "sidecar":
            rebuild_inbound(self._before, self._after, draft, self._hosts)

    def _of_service(self, draft: Draft, service: MeshService) -> None:
        old = asked_of(self._before, draft.client, service)
        new = asked_of(self._after, draft.client, service)
        for name in sorted({*old, *new}, key=lambda one: (one.port or 0, one.subset)):
            OneCluster(self._before, self._after, draft, service, name).rebuild(old.get(name), new.get(name))


def apply_rules(before: Configuration, after: Configuration, draft: Draft, service: MeshService, port: int) -> None:
    """To a cluster that was made without any rule, of which nothing is told yet."""
    count, own = len(draft.changes), service.port(port)
    for name, asked in asked_of(after, draft.client, service).items():
        if own is not None and name.port == port:
            old = None if name.subset else bare(after, draft.client, own)
            OneCluster(before, after, draft, service, name).rebuild(old, asked)
    del draft.changes[count:]
