"""The proxies of a mesh as a simulation meets them: by address, each compiled when it is first met."""

from __future__ import annotations

from functools import cached_property

from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.simulation.bounded_cache import BoundedCache
from meshscope.simulation.proxy.compiled_proxy import CompiledProxy
from meshscope.simulation.proxy.unread import UnreadResources
from meshscope.snapshot.snapshot import ProxyId

MOST_KEPT = 4096
"""Connections and requests whose ways are kept; with all steps one takes a few kilobytes."""


class Proxies:
    def __init__(self, mesh: Mesh) -> None:
        self.mesh = mesh
        self._compiled: dict[ProxyId, CompiledProxy] = {}
        self._cache = BoundedCache(MOST_KEPT)
        self.unread = UnreadResources()

    def compiled(self, proxy: Proxy) -> CompiledProxy:
        if proxy.id not in self._compiled:
            self._compiled[proxy.id] = CompiledProxy(self.mesh, proxy, self._cache, self.unread)
        return self._compiled[proxy.id]

    @cached_property
    def _by_ip(self) -> dict[str, list[Proxy]]:
        """By the node's own address, else by its pod's."""
        by_ip: dict[str, list[Proxy]] = {}
        for proxy in self.mesh.proxies:
            pod = self.mesh.network.pod_named(proxy.name)
            ips = (proxy.node_id.ip,) if proxy.node_id else pod.ips if pod and not pod.host_network else ()
            for ip in ips:
                by_ip.setdefault(ip, []).append(proxy)
        return by_ip

    @cached_property
    def plain(self) -> tuple[Proxy, ...]:
        """Envoys that no Istio runs: their own addresses are unknown, those of their listeners are not."""
        return tuple(proxy for proxy in self.mesh.proxies if self.mesh.kind_of(proxy) == "envoy")

    def at(self, ip: str, mesh_cluster: str = "") -> Proxy | None:
        """The proxy that guards an address; of several mesh clusters with equal addresses the client's own."""
        proxies = self._by_ip.get(ip, ())
        own = [proxy for proxy in proxies if proxy.id.mesh_cluster == mesh_cluster]
        return next(iter(own or proxies), None)
