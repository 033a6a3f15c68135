"""The nodes of a scope in short words. Nothing is read but what a line needs, so that few visible lines of many are cheap."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from msgspec import Struct

from meshscope.envoy.resource import CLUSTER, LISTENER
from meshscope.istio.names import parse_cluster
from meshscope.listing.kinds.filterchains import transport
from meshscope.listing.kinds.routes import action
from meshscope.listing.scope import Scope
from meshscope.listing.scope_routes import ScopeRoutes
from meshscope.mesh.endpoints import HEALTHY, Endpoint, endpoints_of
from meshscope.mesh.graph import Node
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.xds.cluster import Cluster
from meshscope.xds.filter_chain import FilterChain, FilterChainMatch
from meshscope.xds.listener import Listener
from meshscope.xds.message import Undecodable
from meshscope.xds.route import Route

BLACK_HOLE, PASSTHROUGH, ORIGINAL_DESTINATION = "black hole", "passthrough", "original destination"
_MISSING = {
    "route_config": "no such route table",
    "cluster": "no such cluster",
    "endpoints": "no endpoints assigned",
}
_DEPTH = {"virtual_host": 1, "route": 2}
_ANY = "0.0.0.0"  # noqa: S104  # left out of an address, never bound


class Line(Struct, frozen=True, kw_only=True):
    """A node for people. `label` and `facts` are names and words as they are in the dump, unabbreviated.

    `trouble` says what is wrong with it ("no such cluster", "unhealthy"), "" if nothing is. `is_well` is true for an endpoint
    known to be healthy. `depth` is that of the route tree: table 0, virtual host 1, route 2.
    """

    label: str
    facts: tuple[str, ...] = ()
    trouble: str = ""
    exists: bool = True
    is_well: bool = False
    depth: int = 0

    @property
    def text(self) -> str:
        return " ".join((self.label, *self.facts, self.trouble))


class ScopeLines:
    """Safe to use from several threads."""

    def __init__(self, mesh: Mesh, proxy: Proxy, scope: Scope) -> None:
        self.mesh, self.proxy, self.scope = mesh, proxy, scope
        self.routes = ScopeRoutes(proxy, scope)
        self._makers: dict[str, Callable[[Node], Line]] = {
            "listener": self._of_listener,
            "filterchain": self._of_chain,
            "route_config": self._of_table,
            "virtual_host": self._of_host,
            "route": self._of_route,
            "cluster": self._of_cluster,
            "endpoint": self._of_endpoint,
        }
        self.line = lru_cache(4096)(self.fresh)
        self._chains = lru_cache(64)(self._read_chains)
        self._endpoints = lru_cache(256)(self._read_endpoints)

    def fresh(self, node: Node) -> Line:
        """As `line`, which keeps the last lines; for those who go over all nodes once."""
        if self.scope.exists(node):
            return self._makers[node.kind](node)
        label, facts = _cluster_words(str(node.key[0])) if node.kind == "cluster" else (str(node.key[0]), ())
        return Line(label=label, facts=facts, trouble=_MISSING.get(node.kind, "missing"), exists=False)

    # --- listeners and chains --------------------------------------------------------------------------------------

    def _of_listener(self, node: Node) -> Line:
        name = str(node.key[0])
        body = self._listener(name)
        if body is None:
            return Line(label=name, trouble="unreadable")
        address = str(body.address)
        is_in_name = address.replace(":", "_") == name
        direction = "inbound" if body.traffic_direction == "INBOUND" else ""  # nearly all are outbound
        shown = "" if is_in_name or body.is_internal else address.removeprefix(_ANY)
        facts = (shown, direction)
        return Line(label=name or address, facts=_present(*facts))

    def _listener(self, name: str) -> Listener | None:
        resource = self.proxy.resource(LISTENER, name)
        body = self.proxy.read(resource, Listener) if resource else None
        return body if isinstance(body, Listener) else None

    def _read_chains(self, name: str) -> dict[str | int, FilterChain]:
        body = self._listener(name)
        return {"default" if index is None else index: chain for index, chain in body.chains()} if body else {}

    def _of_chain(self, node: Node) -> Line:
        name, index = node.key
        chain = self._chains(str(name)).get(index)
        if chain is None:
            return Line(label=str(index), trouble="unreadable")
        kind = (
            "HTTP" if chain.http else "TCP" if chain.tcp else chain.filters[-1].name if chain.filters else "no filters"
        )
        security = transport(chain)
        matches = _match_words(chain.filter_chain_match) if index != "default" else ()
        if security != "plain text":
            matches = (*(word for word in matches if word != "TLS"), security)
        return Line(label=f"{index} {kind}", facts=matches)

    # --- routes ----------------------------------------------------------------------------------------------------

    def _of_table(self, node: Node) -> Line:
        table = self.routes.table(node)
        within = str(node.key[1]) if len(node.key) > 1 else table.listener if table else ""
        return Line(label=str(node.key[0]) or "(no name)", facts=(f"inline in {within}",) if within else ())

    def _of_host(self, node: Node) -> Line:
        name, host = str(node.key[-1]), self.routes.host(node)
        domains = host.domains if host else ()
        is_in_name = not domains or name in domains or name.rpartition(":")[0] in domains
        others = () if is_in_name else (domains[0],)
        return Line(label=name or "(no name)", facts=others, depth=_DEPTH[node.kind])

    def _of_route(self, node: Node) -> Line:
        route = self.routes.route(node)
        if route is None:
            return Line(label=str(node.key[-1]), trouble="unreadable", depth=_DEPTH[node.kind])
        label = f"{node.key[-1]} {route.name}".rstrip()
        return Line(label=label, facts=_present(*_conditions(route), _answer(route)), depth=_DEPTH[node.kind])

    # --- clusters and endpoints ------------------------------------------------------------------------------------

    def _cluster(self, name: str) -> Cluster | Undecodable | None:
        resource = self.proxy.resource(CLUSTER, name)
        return self.proxy.read(resource, Cluster) if resource else None

    def _of_cluster(self, node: Node) -> Line:
        name = str(node.key[0])
        trouble = "unreadable" if isinstance(self._cluster(name), Undecodable) else ""
        label, facts = _cluster_words(name)
        return Line(label=label, facts=_present(*facts, self._role(name)), trouble=trouble)

    def _role(self, name: str) -> str:
        """What is special about a cluster.

        https://istio.io/latest/docs/tasks/traffic-management/egress/egress-control/
        """
        if name == "BlackHoleCluster":
            return BLACK_HOLE
        if name == "PassthroughCluster" or name.startswith("InboundPassthroughCluster"):
            return PASSTHROUGH
        body = self._cluster(name)
        is_original = isinstance(body, Cluster) and body.discovery_type == "ORIGINAL_DST"
        return ORIGINAL_DESTINATION if is_original else ""

    def _read_endpoints(self, cluster: str) -> dict[str, Endpoint]:
        body = self._cluster(cluster)
        found = endpoints_of(self.proxy, cluster, body) if isinstance(body, Cluster) else None
        return {endpoint.address: endpoint for endpoint in found or ()}

    def _of_endpoint(self, node: Node) -> Line:
        cluster, address = map(str, node.key)
        endpoint = self._endpoints(cluster).get(address)
        if endpoint is None:
            return Line(label=address)
        troubles = (*(() if endpoint.health == HEALTHY else (endpoint.health.lower(),)), *endpoint.health_flags)
        whose = self.mesh.pod_at(endpoint.host) or endpoint.workload or ""
        return Line(
            label=address,
            facts=_present(whose),
            trouble=", ".join(dict.fromkeys(troubles)),
            is_well=endpoint.is_healthy,
        )


def _cluster_words(name: str) -> tuple[str, tuple[str, ...]]:
    """The host of an Istio name, and its subset, port, protocol and direction; any other name whole."""
    parts = parse_cluster(name)
    if parts is None:
        return name, ()
    port = "" if parts.port is None else str(parts.port)
    direction = parts.direction if parts.direction != "outbound" and parts.host else ""
    facts = (parts.subset, port, parts.protocol, direction, "SNI" if parts.sni_dnat else "")
    return parts.host or parts.direction, _present(*facts)


def _match_words(match: FilterChainMatch) -> tuple[str, ...]:
    """The criteria in few words: `:15006`, `TLS`, `istio ALPN`."""
    return tuple(_criterion(name, value) for name, value in match.criteria())


def _criterion(name: str, value: str) -> str:
    if name == "Port":
        return f":{value}"
    if name == "Trans":
        return {"tls": "TLS", "raw_buffer": "plain text"}.get(value, value)
    if name == "App":
        return "istio ALPN" if value.startswith("istio") else value
    return value if name in ("Addr", "SNI") else f"{name} {value}"


def _conditions(route: Route) -> tuple[str, ...]:
    """The path and the further conditions of a match; conditions alone where the path is any."""
    path, others = route.match.path_specifier(), tuple(route.match.conditions())
    return others if others and path == "/*" else (path, *others)


def _answer(route: Route) -> str:
    """What a route does other than to forward to a cluster by name; "" for that."""
    if route.route:
        return route.route.chosen_by
    if route.redirect:
        return f"redirect {route.redirect}"
    if route.direct_response:
        return f"answer {route.direct_response.status}"
    return action(route).replace("_", " ")


def _present(*facts: str) -> tuple[str, ...]:
    return tuple(fact for fact in facts if fact)


def object_of(node: Node) -> tuple[str, str]:
    """The kind (`routes`) and the name by which `describe` finds what a node is or is part of."""
    key = node.key
    if node.kind == "route_config":
        return "routes", str(key[0])
    if node.kind == "virtual_host":
        return "routes", f"{key[0]}/{key[-1]}"
    if node.kind == "route":
        return "routes", f"{key[0]}/{key[-2]}/{key[-1]}"
    return f"{node.kind.removesuffix('s')}s", "/".join(map(str, key))
