"""A proxy as istiod knows it: what decides which configuration it is sent."""

from __future__ import annotations

from msgspec import Struct

from meshscope.envoy.resource import CLUSTER, WARMING
from meshscope.istio.labels import Labels
from meshscope.istio.names import parse_cluster
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.mesh.refusals import Refusal, refusals
from meshscope.mesh.route_table import RouteTable
from meshscope.once import once


class NotTaken(Struct, frozen=True):
    """What a proxy was sent of a kind of resource and does not use, by name: refused, or waiting for something."""

    refused: dict[str, Refusal]
    warming: frozenset[str]


class Client(Struct, frozen=True, eq=False, dict=True):
    """`kind` is sidecar, gateway, waypoint or envoy, which is a proxy that no istiod configures. `unknown` says what of the
    proxy is not captured that decides what it is sent, "" for nothing.
    """

    proxy: Proxy
    kind: str
    namespace: str
    labels: Labels
    unknown: str = ""
    addresses: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return self.proxy.name

    @property
    def noun(self) -> str:
        return "an Envoy without istiod" if self.kind == "envoy" else f"a {self.kind}"

    @once
    def tables(self) -> dict[str, RouteTable]:
        """Its route configurations by name; of several with one name the first."""
        return {table.name: table for table in reversed(self.proxy.route_tables())}

    @once
    def _subsets(self) -> dict[tuple[str, int], set[str]]:
        found: dict[tuple[str, int], set[str]] = {}
        for resource in self.proxy.resources(CLUSTER):
            name = parse_cluster(resource.name)
            if name and name.direction == "outbound" and name.subset and name.port is not None:
                found.setdefault((name.host, name.port), set()).add(name.subset)
        return found

    def subsets(self, host: str, port: int) -> set[str]:
        """The subsets of a host for which the proxy has a cluster."""
        return self._subsets.get((host, port), set())

    @once
    def _not_taken(self) -> dict[str, NotTaken]:
        return {}

    def not_taken(self, kind: str) -> NotTaken:
        """Kept: each rule of each object asks for it."""
        known = self._not_taken.get(kind)
        if known is None:
            refused = {one.name: one for one in reversed(tuple(refusals(self.proxy, kind)))}
            every = self.proxy.resources(kind, in_effect=False)
            warming = frozenset(one.name for one in every if one.state == WARMING)
            known = self._not_taken[kind] = NotTaken(refused, warming)
        return known


def clients(mesh: Mesh) -> tuple[Client, ...]:
    return tuple(_client(mesh, proxy) for proxy in mesh.proxies)


def _client(mesh: Mesh, proxy: Proxy) -> Client:
    node, node_id = proxy.node, proxy.node_id
    pod = mesh.network.pod_named(proxy.name)
    namespace = (node.namespace if node else "") or (node_id.of_domain if node_id else "") or proxy.id.namespace
    namespace = namespace or (pod.namespace if pod else "")
    labels = Labels(node.labels) if node and node.labels else (pod.labels if pod else Labels())
    ips = (node.text("INSTANCE_IPS") if node else "").split(",")
    addresses = frozenset(filter(None, (*ips, node_id.ip if node_id else "", *(pod.ips if pod else ()))))
    unknown = "" if pod or (node and node.has_metadata) else "the labels of the proxy were not captured"
    return Client(proxy, _kind(mesh, proxy), namespace, labels, unknown, addresses)


def _kind(mesh: Mesh, proxy: Proxy) -> str:
    """A dump of istiod has no node; it sends PassthroughCluster to sidecars alone, and BlackHoleCluster to gateways too."""
    kind = mesh.kind_of(proxy)
    if kind == "envoy" and proxy.resource(CLUSTER, "BlackHoleCluster") is not None:
        return "sidecar" if proxy.resource(CLUSTER, "PassthroughCluster") is not None else "gateway"
    return kind
