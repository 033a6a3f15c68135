"""What one route becomes: its part of each VirtualService that istiod makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from meshscope.effect.gateway_api.http_rules import http_rules
from meshscope.effect.gateway_api.l4_rules import l4_rules
from meshscope.effect.gateway_api.listeners import Attachable
from meshscope.effect.gateway_api.sources import Route, Sources
from meshscope.effect.generated import Generated
from meshscope.effect.written import Written
from meshscope.istio.gateway_api.grpc_route import GRPCRoute
from meshscope.istio.gateway_api.http_route import HTTPRoute
from meshscope.istio.objects.virtual_service import VirtualService
from meshscope.path import Path

if TYPE_CHECKING:
    from meshscope.effect.gateway_api.translation import Translation


class Attached(Struct, frozen=True, eq=False):
    """`own` has the rules of the route alone; `granted` is the same with every ReferenceGrant that it needs. `listener` is None
    for the mesh.
    """

    own: Generated[VirtualService]
    granted: Generated[VirtualService]
    listener: Attachable | None

    @property
    def hosts(self) -> tuple[str, ...]:
        return self.own.value.spec.hosts


def attached(api: Translation, route: Written[Route]) -> Iterator[Attached]:
    """In the order of its parents and hosts."""
    granted = {one.item.name: one for one in api.of_route(route, asks_grants=False)}
    for own in api.of_route(route):
        yield Attached(own, granted.get(own.item.name, own), api.named(own.value.spec.gateways[0]))


def problem_of(sources: Sources, route: Written[Route]) -> tuple[str, Path]:
    """Why istiod makes nothing of a route at all, and in which rule; "" where it does."""
    value = route.value
    if isinstance(value, HTTPRoute | GRPCRoute):
        found = http_rules(sources, Written(route.item, value), asks_grants=True)
        return found.problem, found.path
    other = l4_rules(sources, Written(route.item, value), asks_grants=True)
    return other.problem, other.path
