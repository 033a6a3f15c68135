"""The virtual hosts of a proxy that a VirtualService may have routes in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.http_routes.leftovers import leftover_places
from meshscope.effect.http_routes.places import Place, hosts_of
from meshscope.effect.kinds.virtual_service import http_places
from meshscope.effect.written import Written
from meshscope.istio.export_to import Reach, reach
from meshscope.istio.hosts import overlap
from meshscope.istio.objects.virtual_service import VirtualService

Rules = Written[VirtualService]
Spot = tuple[str, str]
"""A route configuration and a virtual host of it, by name."""


def reach_of(configuration: Configuration, one: Rules, client: Client) -> Reach | None:
    to = one.value.spec.export_to or configuration.virtual_service_export_to
    return reach(to, one.namespace, client.namespace)


def touched_hosts(configuration: Configuration, items: Iterable[Rules]) -> set[str]:
    """Of the VirtualServices, and of those that delegate to them."""
    found: set[str] = set()
    for one in items:
        found.update(hosts_of(one))
        if not one.value.spec.hosts:
            for root in configuration.virtual_services:
                named = (rule.delegate for rule in root.value.spec.http)
                if any(
                    each and (each.namespace or root.namespace, each.name) == (one.namespace, one.item.name)
                    for each in named
                ):
                    found.update(hosts_of(root))
    return found


def bound(configuration: Configuration, client: Client, hosts: set[str]) -> dict[Spot, list[tuple[Rules, Place]]]:
    """The VirtualServices with a place on the proxy, oldest first, of those whose hosts overlap with some of these."""
    found: dict[Spot, list[tuple[Rules, Place]]] = {}
    wildcards = {host for host in hosts if host.startswith("*")}
    for one in configuration.virtual_services:
        if any(_overlaps(own, hosts, wildcards) for own in hosts_of(one)):
            own = {(place.table, place.virtual_host): place for place in _places(configuration, client, one)}
            for spot, place in own.items():
                found.setdefault(spot, []).append((one, place))
    return found


def _overlaps(own: str, hosts: set[str], wildcards: set[str]) -> bool:
    """With any of the hosts, of which `wildcards` are some: a name without one is looked up."""
    return own in hosts or any(overlap(own, host) for host in (hosts if own.startswith("*") else wildcards))


def _places(configuration: Configuration, client: Client, one: Rules) -> Iterator[Place]:
    if not one.value.spec.hosts or reach_of(configuration, one, client) is None:
        return
    yield from (place for place in http_places(configuration, one, client) if isinstance(place, Place))
    yield from leftover_places(configuration, client, one)
