"""What istiod makes of the Gateway API and of Ingresses, on both sides: Gateways, VirtualServices and DestinationRules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from msgspec import Struct

from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import TRANSLATED
from meshscope.effect.generated import Generated
from meshscope.effect.http_routes.places import gateways_of
from meshscope.effect.written import Written
from meshscope.istio.provenance import ObjectRef
from meshscope.overlay.applied import Applied, named

G = TypeVar("G", bound=Struct)
_NETWORKING = "networking.istio.io"
_GROUP, _EXPERIMENTAL, _CORE = "gateway.networking.k8s.io", "gateway.networking.x-k8s.io", "networking.k8s.io"
TRANSLATED_KINDS = frozenset(
    {
        *((one.group, kind) for kind, one in TRANSLATED.items()),
        (_GROUP, "ReferenceGrant"),
        (_GROUP, "GatewayClass"),
        (_EXPERIMENTAL, "XListenerSet"),
        (_CORE, "IngressClass"),
    }
)
"""Group and kind of what istiod reads to make objects of its own."""
Pair = tuple[tuple[Written[Any], ...], tuple[Written[Any], ...]]


def translated(before: Configuration, after: Configuration, some: Iterable[Applied]) -> dict[tuple[str, str], Pair]:
    """By group and kind of the generated objects: those that differ, as they are and as they would be."""
    if not any(one.kind in TRANSLATED_KINDS for one in some):
        return {}
    return {
        (_NETWORKING, "VirtualService"): _differing(
            (*before.gateway_api.virtual_services, *before.ingress.virtual_services),
            (*after.gateway_api.virtual_services, *after.ingress.virtual_services),
        ),
        (_NETWORKING, "DestinationRule"): _differing(
            before.gateway_api.destination_rules, after.gateway_api.destination_rules
        ),
        (_NETWORKING, "Gateway"): _differing(
            (*before.gateway_api.gateways, *before.ingress.gateways),
            (*after.gateway_api.gateways, *after.ingress.gateways),
        ),
    }


def with_bound(before: Configuration, after: Configuration, gateways: Pair, rules: Pair) -> Pair:
    """The VirtualServices of both sides, with those that are bound to Gateways that differ."""
    names = {f"{one.namespace}/{one.item.name}" for one in (*gateways[0], *gateways[1])}
    if not names:
        return rules
    found = []
    for configuration, own in ((before, rules[0]), (after, rules[1])):
        known = {named(one.item) for one in own}
        others = (one for one in configuration.virtual_services if named(one.item) not in known)
        found.append((*own, *(one for one in others if not names.isdisjoint(gateways_of(one)))))
    return found[0], found[1]


def _differing(old: Iterable[Generated[G]], new: Iterable[Generated[G]]) -> Pair:
    sides = [{named(one.item): one for one in some} for some in (old, new)]
    refs: list[ObjectRef] = list(dict.fromkeys((*sides[0], *sides[1])))
    refs = [ref for ref in refs if _said(sides[0].get(ref)) != _said(sides[1].get(ref))]
    before, after = (tuple(side[ref] for ref in refs if ref in side) for side in sides)
    return before, after


def _said(one: Generated[Any] | None) -> object:
    if one is None:
        return None
    rules = [(path, origin.item.ref, origin.path, origin.problem) for path, origin in one.origins.items()]
    return one.value, one.item.created_at, one.item.annotations, rules
