"""The filter chains on which policies act: inbound ones of a sidecar, or also those to upstreams; all of a gateway.

https://istio.io/latest/docs/ops/configuration/traffic-management/
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from meshscope.effect.answer import Difference, State
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.outcome import Outcome
from meshscope.envoy.resource import LISTENER, STATIC, Resource
from meshscope.location import Location
from meshscope.path import Path
from meshscope.xds.extension import Extension
from meshscope.xds.filter_chain import FilterChain
from meshscope.xds.listener import Listener, ListenerHead, chain_path
from meshscope.xds.message import Undecodable

INBOUND = "virtualInbound"
BLACK_HOLE = "BlackHoleCluster"


class PolicyChain(Struct, frozen=True, eq=False):
    """`port` is the destination port, None for those that take every port. `is_declared`: a Service, or a Sidecar, has the
    port; the others pass through what is left. A chain of a gateway is always declared.
    """

    resource: Resource
    index: int | None
    chain: FilterChain
    port: int | None
    is_declared: bool

    @property
    def is_http(self) -> bool:
        return self.chain.http is not None

    @property
    def path(self) -> Path:
        return chain_path(self.index)

    @property
    def location(self) -> Location:
        return self.resource.location.below(self.path)

    def filters(self) -> Iterator[tuple[Path, Extension]]:
        """The filters that decide about requests: those of the connection manager, else those of the connection."""
        if found := self.chain.http:
            index, manager = found
            start = (*self.path, "filters", index, "typed_config", "http_filters")
            yield from (((*start, number), one) for number, one in enumerate(manager.http_filters))
        else:
            yield from (((*self.path, "filters", number), one) for number, one in enumerate(self.chain.filters))

    def told(
        self, path: Path, state: State, because: str, *differences: Difference, made: Location | None = None
    ) -> Outcome:
        """What the chain says of the rule at `path`; `made` is in the chain, or what the chain names."""
        place, name = made or self.location, self.resource.name
        return Outcome(path, state, because, differences=differences, made=place, kind=LISTENER, name=name)

    def __str__(self) -> str:
        port = "undeclared ports" if not self.is_declared and self.port is None else f"port {self.port}"
        return f"{'HTTP' if self.is_http else 'TCP'} chain of {self.resource.name}, {port}"


class Unread(Struct, frozen=True):
    """A listener or a chain of those that does not read."""

    because: str


def policy_chains(configuration: Configuration, client: Client) -> tuple[PolicyChain | Unread, ...]:
    """Those of declared ports first; found once for a proxy, since every policy asks for them."""
    return configuration.mesh.derived(("policy chains", client.name), lambda: tuple(_ordered(client)))


def chains_by_mode(configuration: Configuration, client: Client) -> Iterator[tuple[str, PolicyChain | Unread]]:
    """Every chain, with the word for its side of the traffic: SERVER, or CLIENT to upstreams and of gateways.

    https://istio.io/latest/docs/reference/config/type/workload-selector/#WorkloadMode
    """
    is_gateway = client.kind == "gateway"
    for chain in policy_chains(configuration, client):
        yield ("CLIENT" if is_gateway else "SERVER"), chain
    if not is_gateway:
        outbound = configuration.mesh.derived(("outbound chains", client.name), lambda: tuple(_outbound(client)))
        yield from (("CLIENT", chain) for chain in outbound)


def knows_listeners(client: Client) -> bool:
    return client.proxy.knows_all(LISTENER)


def _ordered(client: Client) -> list[PolicyChain | Unread]:
    found = [chain for resource in client.proxy.resources(LISTENER) for chain in _of(client, resource)]
    return sorted(found, key=lambda one: isinstance(one, PolicyChain) and not one.is_declared)


def _of(client: Client, resource: Resource) -> Iterator[PolicyChain | Unread]:
    """Most listeners of a sidecar are outbound, and are not read for it."""
    if resource.state == STATIC:
        return
    if client.kind != "gateway" and resource.name != INBOUND:
        head = client.proxy.read(resource, ListenerHead)
        if isinstance(head, Undecodable) or head.traffic_direction != "INBOUND" or head.is_internal:
            return
    listener = client.proxy.read(resource, Listener)
    if isinstance(listener, Undecodable):
        yield Unread(f"listener {resource.name} does not read: {listener.why}")
    elif not listener.is_internal:
        yield from _chains(resource, listener)


def _outbound(client: Client) -> Iterator[PolicyChain | Unread]:
    for resource in client.proxy.resources(LISTENER):
        if resource.state == STATIC or resource.name == INBOUND:
            continue
        listener = client.proxy.read(resource, Listener)
        if isinstance(listener, Undecodable):
            yield Unread(f"listener {resource.name} does not read: {listener.why}")
        elif listener.traffic_direction == "OUTBOUND" and not listener.is_internal:
            for chain in _chains(resource, listener):
                tcp = chain.chain.tcp if isinstance(chain, PolicyChain) else None
                if tcp is None or tcp[1].cluster != BLACK_HOLE:  # nothing passes there
                    yield chain


def _chains(resource: Resource, listener: Listener) -> Iterator[PolicyChain | Unread]:
    own = listener.address.port
    for index, chain in listener.chains():
        if chain.flaw:
            yield Unread(f"a chain of listener {resource.name} does not read: {chain.flaw}")
            continue
        if chain.name == f"{INBOUND}-blackhole":
            continue
        port = chain.filter_chain_match.destination_port
        is_whole = resource.name == INBOUND
        is_declared = not is_whole or (port is not None and not chain.name.startswith(INBOUND))
        yield PolicyChain(resource, index, chain, port if is_whole else port or own, is_declared)
