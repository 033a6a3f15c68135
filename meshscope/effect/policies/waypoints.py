"""Policies at a waypoint: only those that are attached, each to the filter chains of what it is attached to.

https://istio.io/latest/docs/ambient/usage/waypoint/ , https://istio.io/latest/docs/ambient/usage/l7-features/ and
https://github.com/istio/istio/blob/master/pilot/pkg/model/policyattachment.go
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from meshscope.effect.clients import Client
from meshscope.effect.configuration import NETWORKING, Configuration
from meshscope.effect.http_routes.waypoint_places import serves
from meshscope.effect.policies.chains import PolicyChain, Unread
from meshscope.effect.policies.selection import GATEWAY_NAME, Attached, attached_to
from meshscope.effect.services import EXTERNAL, KUBERNETES
from meshscope.envoy.resource import LISTENER
from meshscope.istio.names import parse_cluster
from meshscope.istio.objects.selectors import PolicyTargetReference
from meshscope.mesh.chains import destination
from meshscope.xds.listener import Listener
from meshscope.xds.message import Undecodable

MAIN = "main_internal"
"""The listener behind the one that ends HBONE: its chains are those of services, and those that lead to workloads."""
_GATEWAY_API = "gateway.networking.k8s.io"
_CLASS = "istio-waypoint"


class WaypointChain(Struct, frozen=True):
    """`host` is that of the service, "" for chains that lead to workloads."""

    host: str
    chain: PolicyChain


class Reach(Struct, frozen=True):
    """The chains where a policy acts. `because` says why there are none; `is_meant`: it is attached to something here."""

    chains: tuple[WaypointChain, ...] = ()
    because: str = ""
    is_meant: bool = False
    unread: tuple[str, ...] = ()


def reach(configuration: Configuration, namespace: str, spec: Attached, client: Client) -> Reach:
    """Of a policy in `namespace`. A selector, and a namespace without one, are for ztunnel."""
    refs = attached_to(configuration, spec)
    if not refs:
        return Reach(because="a waypoint takes policies with targetRefs alone")
    names = ", ".join(f"{ref.kind} {ref.name}" for ref in refs)
    chains = waypoint_chains(configuration, client)
    known = tuple(one for one in chains if isinstance(one, WaypointChain))
    unread = tuple(one.because for one in chains if isinstance(one, Unread))
    if any(_is_whole(configuration, ref, namespace, client) for ref in refs):
        missing = "" if known else f"the waypoint has no filter chain of listener {MAIN}"
        return Reach(known, missing, is_meant=True, unread=unread)
    hosts = {host for ref in refs for host in _hosts(configuration, ref, namespace)}
    found = tuple(one for one in known if one.host in hosts)
    if found or unread:
        return Reach(found, unread=unread)
    services = [service for host in hosts for service in configuration.services.named(host)]
    if any(serves(configuration, client, service) for service in services):
        return Reach(because=f"the waypoint has no filter chain of {names}", is_meant=True)
    return Reach(because=f"it is attached to {names}, which this waypoint does not serve")


def waypoint_chains(configuration: Configuration, client: Client) -> tuple[WaypointChain | Unread, ...]:
    """Found once for a proxy."""
    return configuration.mesh.derived(("waypoint chains", client.name), lambda: tuple(_chains(client)))


def _chains(client: Client) -> Iterator[WaypointChain | Unread]:
    resource = client.proxy.resource(LISTENER, MAIN)
    listener = client.proxy.read(resource, Listener) if resource else None
    if resource is None or listener is None:
        return
    if isinstance(listener, Undecodable):
        yield Unread(f"listener {MAIN} does not read: {listener.why}")
        return
    for index, chain in listener.chains():
        if chain.flaw:
            yield Unread(f"a chain of listener {MAIN} does not read: {chain.flaw}")
            continue
        to = destination(chain)
        named = next(filter(None, map(parse_cluster, (*to.route_configs, *to.clusters))), None)
        is_service = named is not None and named.direction == "inbound-vip"
        port = named.port if named and is_service else None
        own = PolicyChain(resource, index, chain, port, is_declared=is_service)
        yield WaypointChain(named.host if named and is_service else "", own)


def _is_whole(configuration: Configuration, ref: PolicyTargetReference, namespace: str, client: Client) -> bool:
    """Whether a policy is for all that a waypoint does: attached to its Gateway, or in the root namespace to its class."""
    own = (_GATEWAY_API, "Gateway", client.labels.get(GATEWAY_NAME))
    if (ref.group, ref.kind, ref.name) == own:
        return namespace == client.namespace and ref.namespace in ("", namespace)
    is_class = (ref.group, ref.kind, ref.name) == (_GATEWAY_API, "GatewayClass", _CLASS)
    return is_class and namespace == configuration.settings.root_namespace


def _hosts(configuration: Configuration, ref: PolicyTargetReference, namespace: str) -> Iterator[str]:
    """Of a Service or ServiceEntry in the policy's own namespace."""
    kinds = {("Service", ""): KUBERNETES, ("Service", "core"): KUBERNETES, ("ServiceEntry", NETWORKING): EXTERNAL}
    registry = kinds.get((ref.kind, ref.group))
    if registry is None or ref.namespace not in ("", namespace):
        return
    for service in configuration.services.all:
        if (service.registry, service.namespace, service.name) == (registry, namespace, ref.name):
            yield service.host
