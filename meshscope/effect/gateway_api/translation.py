"""All that istiod makes of the Gateway API's objects, each part at the first question."""

from __future__ import annotations

from collections.abc import Sequence

from meshscope.effect.gateway_api import external_backends
from meshscope.effect.gateway_api.backend_policies import Aimed, destination_rules, read_targets
from meshscope.effect.gateway_api.listeners import Attachable, attachable
from meshscope.effect.gateway_api.parents import ByOwner
from meshscope.effect.gateway_api.sources import Route, Sources
from meshscope.effect.gateway_api.virtual_services import of_route, virtual_services
from meshscope.effect.generated import Generated
from meshscope.effect.written import Written
from meshscope.istio.manifest import Object
from meshscope.istio.objects.destination_rule import DestinationRule
from meshscope.istio.objects.gateway import Gateway
from meshscope.istio.objects.virtual_service import VirtualService
from meshscope.istio.provenance import ObjectRef
from meshscope.once import once


class Translation:
    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self._of_routes: dict[tuple[ObjectRef, bool], tuple[Generated[VirtualService], ...]] = {}

    @once
    def listeners(self) -> tuple[Attachable, ...]:
        return attachable(self.sources)

    @once
    def by_owner(self) -> ByOwner:
        found: dict[tuple[str, str, str], list[Attachable]] = {}
        for one in self.listeners:
            found.setdefault((one.owner.kind, one.owner.namespace or "default", one.owner.name), []).append(one)
        return found

    def listeners_of(self, item: Object) -> Sequence[Attachable]:
        """Those of a Gateway or a ListenerSet."""
        return self.by_owner.get((item.kind, item.namespace or "default", item.name), ())

    @once
    def _by_name(self) -> dict[str, Attachable]:
        return {one.name: one for one in self.listeners}

    def named(self, name: str) -> Attachable | None:
        """The listener that a VirtualService names as its Gateway; None for the mesh."""
        return self._by_name.get(name)

    @once
    def gateways(self) -> tuple[Generated[Gateway], ...]:
        """One for each listener that istiod takes, or would with a ReferenceGrant that this input may lack."""
        return tuple(one.made for one in self.listeners if not one.problem or one.refusal.is_open)

    @once
    def destination_rules(self) -> tuple[Generated[DestinationRule], ...]:
        return (*self.of_policies, *self.of_backends)

    @once
    def of_policies(self) -> tuple[Generated[DestinationRule], ...]:
        return tuple(destination_rules(self.sources))

    @once
    def of_backends(self) -> tuple[Generated[DestinationRule], ...]:
        return tuple(external_backends.destination_rules(self.sources))

    @once
    def of_policies_by_host(self) -> dict[tuple[str, str], Generated[DestinationRule]]:
        """By namespace and host."""
        return {(one.namespace, one.value.spec.host): one for one in self.of_policies}

    @once
    def claims(self) -> dict[tuple[bool, str, str, int], Aimed]:
        """The first policy for each claim."""
        found: dict[tuple[bool, str, str, int], Aimed] = {}
        for one in read_targets(self.sources):
            found.setdefault(one.claim, one)
        return found

    def of_route(self, route: Written[Route], *, asks_grants: bool = True) -> tuple[Generated[VirtualService], ...]:
        """What is made of one route, as if it had its hosts for itself, and might lead anywhere; no other route is read."""
        key = route.item.ref, asks_grants
        if key not in self._of_routes:
            found = of_route(self.sources, self.by_owner, route, asks_grants=asks_grants)
            self._of_routes[key] = tuple(found)
        return self._of_routes[key]

    @once
    def virtual_services(self) -> tuple[Generated[VirtualService], ...]:
        return tuple(virtual_services(self.sources, self.by_owner))
