"""`tls` and `tcp` rules of VirtualServices: filter chains are not rebuilt of them."""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.http_routes.places import gateways_of, hosts_of
from meshscope.effect.l4_routes.places import TCP, TLS, L4Place, gateway_l4_places, mesh_l4_places
from meshscope.effect.static_conditions import MESH
from meshscope.effect.written import Written
from meshscope.istio.kubernetes import decode
from meshscope.istio.objects.virtual_service import VirtualService
from meshscope.overlay.applied import Applied, named
from meshscope.overlay.change import NotRebuilt, Reach
from meshscope.overlay.routes.bound import Rules, reach_of
from meshscope.snapshot.snapshot import Problem


def l4_not_rebuilt(before: Configuration, after: Configuration, one: Applied) -> Iterator[NotRebuilt]:
    """For each proxy that has the rules, or would have them, where they differ."""
    sides = []
    for configuration, item in ((before, one.before), (after, one.after)):
        value = decode(item, VirtualService) if item else None
        if item and value is not None and not isinstance(value, Problem):
            sides.append((configuration, Written(item, value)))
    said = [_said(each.value) for _, each in sides]
    if not any(any(rules[:2]) for rules in said) or (len(said) == 2 and said[0] == said[1]):
        return
    for client in after.clients:
        names = {name for configuration, each in sides for name in _listeners(configuration, each, client)}
        for name in sorted(names):
            yield NotRebuilt(
                object=str(named(one.item)),
                because="filter chains of tls and tcp rules are not rebuilt",
                proxy=client.name,
                decides=Reach.LISTENER,
                name=name,
                location=one.item.location,
            )


def _listeners(configuration: Configuration, one: Rules, client: Client) -> Iterator[str]:
    """Of the places that the rules have on a proxy."""
    if reach_of(configuration, one, client) is None:
        return
    for kind in (TLS, TCP):
        if not getattr(one.value.spec, kind):
            continue
        if client.kind == "sidecar" and MESH in gateways_of(one):
            places = mesh_l4_places(configuration, client, hosts_of(one), kind)
            yield from (name for place in places if isinstance(place, L4Place) for name in place.listeners)
        for gateway in configuration.gateways if client.kind == "gateway" else ():
            name = f"{gateway.namespace}/{gateway.item.name}"
            if name in gateways_of(one) and client.labels.match(gateway.value.spec.selector):
                for place in gateway_l4_places(configuration, client, gateway, hosts_of(one), kind):
                    yield from place.listeners


def _said(value: VirtualService) -> tuple[object, ...]:
    spec = value.spec
    return spec.tls, spec.tcp, spec.hosts, spec.gateways, spec.export_to
