"""Everything of one proxy that a simulation asks again and again, compiled once: tables, clusters, version and runtime."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from meshscope.envoy.certs import loaded_certificates
from meshscope.envoy.resource import CLUSTER, ECDS, LISTENER, ROUTES, SECRET, WARMING
from meshscope.location import Document, Location
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy, RouteTable
from meshscope.simulation.bounded_cache import BoundedCache
from meshscope.simulation.cluster.compiled import CompiledCluster
from meshscope.simulation.cluster.selection import Selected
from meshscope.simulation.connection import Envoy
from meshscope.simulation.http_filters.chain import HttpFilters
from meshscope.simulation.listener.choice import Listeners
from meshscope.simulation.listener.filter_chains import FilterChains
from meshscope.simulation.listener.listener_filters import ListenerFilters
from meshscope.simulation.listener.network_filters import Models, NetworkFilters, Run
from meshscope.simulation.route.table import CompiledTable
from meshscope.simulation.trace import EndpointRef, Step, StepKind
from meshscope.simulation.verdict import Truth
from meshscope.xds.certificate import leaf
from meshscope.xds.cluster import Cluster
from meshscope.xds.extension import Extension
from meshscope.xds.filter_chain import FilterChain
from meshscope.xds.http_connection_manager import HttpConnectionManager
from meshscope.xds.listener import Listener
from meshscope.xds.message import present
from meshscope.xds.secret import Secret

if TYPE_CHECKING:
    from meshscope.simulation.proxy.reply_mappers import ReplyMappers


def _network_rbac(extension: Extension, place: Location | None) -> Run:
    from meshscope.simulation.listener.network_rbac import NetworkRbac  # few chains have the filter
    from meshscope.xds.rbac import RBAC  # as above

    config = extension.config
    return NetworkRbac(extension.name, config if isinstance(config, RBAC) else RBAC(), place)


_NETWORK_MODELS: Models = {"envoy.extensions.filters.network.rbac.v3.RBAC": _network_rbac}
WORKLOAD_CERTIFICATE = "default"
"""The secret in which Istio delivers a proxy's own identity."""
TRUST_DOMAIN = "cluster.local"
"""Istio's default, where no certificate tells."""


_KINDS = {LISTENER: "listeners", ROUTES: "route configurations", CLUSTER: "clusters"}


class CompiledProxy:
    """`kept` is for stages that answer what they were asked before; all proxies of a simulation share it."""

    def __init__(self, mesh: Mesh, proxy: Proxy, kept: BoundedCache) -> None:
        self.mesh, self.proxy, self.kept = mesh, proxy, kept
        self._gateways: dict[int, str] = {}
        self._clusters: dict[str, CompiledCluster | None] = {}
        self._tables: dict[str, CompiledTable | None] = {}
        self._chains: dict[str, FilterChains] = {}
        self._filters: dict[str, ListenerFilters] = {}
        # by identity: the value keeps the object whose identity is the key
        self._network_filters: dict[int, tuple[FilterChain, NetworkFilters]] = {}
        self._http_filters: dict[int, tuple[HttpConnectionManager, HttpFilters]] = {}
        self._reply_mappers: dict[int, tuple[HttpConnectionManager, ReplyMappers]] = {}
        self._inline: dict[int, tuple[HttpConnectionManager, CompiledTable]] = {}

    @property
    def ip(self) -> str | None:
        """The proxy's own address, as its node ID says it."""
        return self.proxy.node_id.ip if self.proxy.node_id else None

    @cached_property
    def envoy(self) -> Envoy:
        """Version and runtime; an unknown version counts as the newest."""
        version = tuple(int(part) for part in self.proxy.envoy_version.split("-")[0].split(".") if part.isdigit())
        return Envoy(version, dict(self.proxy.runtime))

    @cached_property
    def identity(self) -> str:
        """The SPIFFE identity that this proxy's certificate proves: of /certs, else as Istio makes it."""
        answer = self.proxy.answers.get("certs")
        value = answer.value if answer else None
        if answer and value is not None:
            found, _ = loaded_certificates(value, Location(answer.captured.document))
            for certificate in found:
                for san in certificate.sans:
                    if san.startswith("spiffe://"):
                        return san
        node = self.proxy.node
        pod = self.mesh.network.pod_named(self.proxy.name)
        account = (node.text("SERVICE_ACCOUNT") if node else "") or (pod.service_account if pod else "")
        return f"spiffe://{TRUST_DOMAIN}/ns/{self.proxy.id.namespace}/sa/{account}" if account else ""

    @cached_property
    def certificate(self) -> bytes:
        """The certificate of its workload in DER, where a dump holds it; else empty."""
        named = (one for one in self.proxy.resources(SECRET) if one.name == WORKLOAD_CERTIFICATE)
        secret = next((self.proxy.read(resource, Secret) for resource in named), None)
        return leaf(secret.public_certificates()) if isinstance(secret, Secret) else b""

    @cached_property
    def listeners(self) -> Listeners:
        bodies = ((resource.name, body) for resource, body in self.proxy.listeners() if isinstance(body, Listener))
        return Listeners(bodies)

    def gateways(self, port: int) -> str | None:
        """The Istio Gateways that open this port, in words; None where the proxy is no gateway, or nothing tells."""
        if self.mesh.kind_of(self.proxy) != "gateway":
            return None
        from meshscope.mesh.gateways import gateways_at  # most proxies are no gateways

        if port not in self._gateways:
            pod = self.mesh.network.pod_named(self.proxy.name)
            found = gateways_at(self.mesh.network, pod, port) if pod else ()
            self._gateways[port] = ", ".join(map(str, found))
        return self._gateways[port] or None

    def location_of(self, name: str) -> Location | None:
        resource = self.proxy.resource(LISTENER, name)
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

    def http_filters(self, manager: HttpConnectionManager, place: Location | None) -> HttpFilters:
        if id(manager) not in self._http_filters:
            at = place / "http_filters" if place else None
            self._http_filters[id(manager)] = (manager, HttpFilters(manager.http_filters, self.ecds, at))
        return self._http_filters[id(manager)][1]

    def reply_mappers(self, manager: HttpConnectionManager) -> ReplyMappers | None:
        """None where the connection manager leaves its own answers as they are."""
        if not present(manager.local_reply_config):
            return None
        if id(manager) not in self._reply_mappers:
            from meshscope.simulation.proxy.reply_mappers import ReplyMappers  # few have any

            self._reply_mappers[id(manager)] = (manager, ReplyMappers(manager.local_reply_config))
        return self._reply_mappers[id(manager)][1]

    def route_table(self, manager: HttpConnectionManager, place: Location | None) -> tuple[str, CompiledTable | None]:
        """The name and the table of a connection manager: by RDS, or inline; None where it is not there."""
        if manager.rds is not None:
            return manager.rds.route_config_name, self.table(manager.rds.route_config_name)
        if id(manager) in self._inline:
            table = self._inline[id(manager)][1]
            return table.name, table
        inline = manager.inline_routes if present(manager.route_config) else None
        return (inline.name, self._inline_table(inline.name, manager, place)) if inline else ("", None)

    def _inline_table(self, name: str, manager: HttpConnectionManager, place: Location | None) -> CompiledTable:
        if id(manager) not in self._inline:
            at = place / "route_config" if place else Location(Document.of(name, b""))
            table = RouteTable(name, "active", manager.route_config, at)
            self._inline[id(manager)] = (manager, CompiledTable(table, self.envoy))
        return self._inline[id(manager)][1]

    @cached_property
    def ecds(self) -> dict[str, Extension]:
        found = ((resource.name, self.proxy.read(resource, Extension)) for resource in self.proxy.resources(ECDS))
        return {name: body for name, body in found if isinstance(body, Extension)}

    @cached_property
    def missing_secrets(self) -> frozenset[str]:
        """Secrets that Envoy itself lists as asked for and not delivered."""
        every = self.proxy.resources(SECRET, in_effect=False)
        held = {resource.name for resource in every if resource.in_effect}
        return frozenset(resource.name for resource in every if resource.state == WARMING) - held

    def missing(self, kind: str, what: str) -> tuple[str, ...]:
        """What is assumed where something is not listed: nothing, if everything of its kind was captured."""
        if self.proxy.knows_all(kind):
            return ()
        return (f"{self.proxy.name}: {what}; not all of its {_KINDS[kind]} were captured",)

    # --- clusters --------------------------------------------------------------------------------------------------

    def cluster(self, name: str) -> CompiledCluster | None:
        """An active cluster; None for one that is not there, or cannot be read."""
        if name not in self._clusters:
            resource = self.proxy.resource(CLUSTER, name)
            body = self.proxy.read(resource, Cluster) if resource else None
            self._clusters[name] = (
                CompiledCluster(self.proxy, name, body, self.envoy, self.cluster) if isinstance(body, Cluster) else None
            )
        return self._clusters[name]

    def no_cluster(self, name: str, *, explain: bool) -> tuple[Step, tuple[str, ...]]:
        """The step where a name leads nowhere, and what is assumed then."""
        assuming = self.missing(CLUSTER, f"there is no cluster {name}") if name else ()
        why = self._why_no_cluster(name) if explain else ""
        return Step(
            kind=StepKind.CLUSTER, chosen=name, verdict=Truth.UNKNOWN if assuming else Truth.NO, because=why
        ), assuming

    def _why_no_cluster(self, name: str) -> str:
        """In words: warming, unreadable, or the nearest names."""
        if not name:
            return "no cluster is named"
        every = self.proxy.resources(CLUSTER, in_effect=False)
        if any(resource.name == name and resource.state == WARMING for resource in every):
            return "the cluster is warming"
        if any(resource.name == name for resource in every):
            return "the cluster cannot be read"
        from difflib import get_close_matches  # only for a name that leads nowhere

        near = get_close_matches(name, [resource.name for resource in every], n=2, cutoff=0.7)
        return f"no cluster of that name{'; there is ' + ' and '.join(near) if near else ''}"

    def endpoint(self, selected: Selected) -> EndpointRef:
        one = selected.endpoint
        return EndpointRef(
            one.address, one.health, one.weight, self.mesh.pod_at(one.host) or one.workload, selected.share
        )

    # --- route tables ----------------------------------------------------------------------------------------------

    @cached_property
    def _by_name(self) -> dict[str, RouteTable]:
        return {table.name: table for table in reversed(self.proxy.route_tables())}

    def table(self, name: str) -> CompiledTable | None:
        """A route configuration by name, as RDS finds it."""
        if name not in self._tables:
            found = self._by_name.get(name)
            self._tables[name] = CompiledTable(found, self.envoy) if found else None
        return self._tables[name]
