"""The side of the clients: listeners, their filters, filter chains and network filters, each compiled once.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/listeners/listeners
"""

from __future__ import annotations

from functools import cached_property

from meshscope.envoy.resource import LISTENER, Resource
from meshscope.location import Location
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.simulation.listener.choice import Listeners
from meshscope.simulation.listener.filter_chains import FilterChains
from meshscope.simulation.listener.listener_filters import ListenerFilters
from meshscope.simulation.listener.network_filters import Models, NetworkFilter, NetworkFilters
from meshscope.simulation.proxy.missing import assumed_missing
from meshscope.simulation.proxy.unread import UnreadResources
from meshscope.xds.extension import Extension
from meshscope.xds.filter_chain import FilterChain
from meshscope.xds.listener import Listener
from meshscope.xds.message import Undecodable


def _network_rbac(extension: Extension, place: Location | None) -> NetworkFilter | None:
    from meshscope.simulation.listener.network_rbac import NetworkRbac  # few chains have the filter
    from meshscope.xds.rbac import RBAC  # as above

    config = extension.config
    return NetworkRbac(extension.name, config, place) if isinstance(config, RBAC) else None


_NETWORK_MODELS: Models = {"envoy.extensions.filters.network.rbac.v3.RBAC": _network_rbac}


class CompiledDownstream:
    def __init__(self, mesh: Mesh, captured: Proxy, unread: UnreadResources) -> None:
        self._mesh, self._captured, self._unread = mesh, captured, unread
        self._gateways: dict[int, str] = {}
        self._chains: dict[str, FilterChains] = {}
        self._filters: dict[str, ListenerFilters] = {}
        # by identity: the value keeps the object whose identity is the key
        self._network_filters: dict[int, tuple[FilterChain, NetworkFilters]] = {}

    @cached_property
    def listeners(self) -> Listeners:
        """All in effect; of those that do not read what is known of them."""
        return Listeners([(one.name, self._listener(one, body)) for one, body in self._captured.listeners()])

    def _listener(self, resource: Resource, body: Listener | Undecodable) -> Listener:
        if isinstance(body, Listener):
            return body
        from meshscope.xds.partly_read import partly_read  # hardly any does not read

        self._unread.note(self._captured, LISTENER, resource.name, resource.location, body.why)
        return partly_read(resource.canonical(), body.why)

    def assumed_missing(self, because: str) -> tuple[str, ...]:
        """The assumptions that no listener is there, `because` in words; none where that is certain."""
        return (*assumed_missing(self._captured, LISTENER, because), *self.listeners.unplaced)

    def location_of(self, name: str) -> Location | None:
        """Where a listener is written."""
        resource = self._captured.resource(LISTENER, name)
        return resource.location if resource else None

    def chains(self, name: str, listener: Listener) -> FilterChains:
        if name not in self._chains:
            self._chains[name] = FilterChains(listener)
        return self._chains[name]

    def filters(self, name: str, listener: Listener) -> ListenerFilters:
        if name not in self._filters:
            self._filters[name] = ListenerFilters(listener, self.location_of(name))
        return self._filters[name]

    def network_filters(self, chain: FilterChain, place: Location | None) -> NetworkFilters:
        if id(chain) not in self._network_filters:
            self._network_filters[id(chain)] = (chain, NetworkFilters(chain, _NETWORK_MODELS, place))
        return self._network_filters[id(chain)][1]

    def gateways(self, port: int) -> str | None:
        """The Istio Gateways that open this port, in words; None where the proxy is no gateway, or none is known."""
        if self._mesh.kind_of(self._captured) != "gateway":
            return None
        from meshscope.mesh.network.gateways import gateways_at  # most proxies are no gateways

        if port not in self._gateways:
            pod = self._mesh.network.pod_named(self._captured.name)
            gateways = self._mesh.objects_of("Gateway", "networking.istio.io")
            opened = gateways_at(gateways, self._mesh.network, pod, port) if pod else ()
            self._gateways[port] = ", ".join(map(str, opened))
        return self._gateways[port] or None
