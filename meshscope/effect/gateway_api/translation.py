"""All that istiod makes of the Gateway API's objects, each part at the first question."""

from __future__ import annotations

from meshscope.effect.gateway_api.listeners import Attachable, attachable
from meshscope.effect.gateway_api.sources import Sources
from meshscope.effect.gateway_api.virtual_services import virtual_services
from meshscope.effect.generated import Generated
from meshscope.istio.manifest import Object
from meshscope.istio.objects.gateway import Gateway
from meshscope.istio.objects.virtual_service import VirtualService
from meshscope.istio.provenance import ObjectRef
from meshscope.once import once


class Translation:
    def __init__(self, sources: Sources) -> None:
        self.sources = sources

    @once
    def listeners(self) -> tuple[Attachable, ...]:
        return attachable(self.sources)

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
    def virtual_services(self) -> tuple[Generated[VirtualService], ...]:
        return tuple(virtual_services(self.sources, self.listeners))

    @once
    def _by_source(self) -> dict[ObjectRef, list[Generated[VirtualService]]]:
        found: dict[ObjectRef, list[Generated[VirtualService]]] = {}
        for one in self.virtual_services:
            for ref in dict.fromkeys(origin.item.ref for origin in one.origins.values()):
                found.setdefault(ref, []).append(one)
        return found

    def made_of(self, item: Object) -> tuple[Generated[VirtualService], ...]:
        """The VirtualServices that have rules of a route."""
        return tuple(self._by_source.get(item.ref, ()))
