"""A row of a proxy or a service -> the request that most likely goes through what it shows. No widget in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from meshscope.istio.names import parse_cluster
from meshscope.listing.kinds.clusters import ClusterRow
from meshscope.listing.kinds.endpoints import EndpointRow
from meshscope.listing.kinds.filterchains import FilterChainRow
from meshscope.listing.kinds.listeners import ListenerRow
from meshscope.listing.kinds.proxies import ProxyRow
from meshscope.listing.kinds.routes import RouteRow
from meshscope.listing.kinds.services import ServiceRow
from meshscope.listing.registry import kind_named
from meshscope.listing.row import Row
from meshscope.listing.selection import Selection
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.network.facts import ServiceHost
from meshscope.mesh.proxy import Proxy
from meshscope.mesh.virtual_hosts import virtual_hosts
from meshscope.simulation.request import Request
from meshscope.work import UNFOLLOWED
from meshscope.xds.message import Undecodable

ANY_PORTS = ("0.0.0.0", "::", "")  # noqa: S104  # an address to compare with, not to listen on
_CATCH_ALL = "*"


def likely_request(mesh: Mesh, row: Row) -> Request | None:
    """None where nothing in the row says what a request would be."""
    ask = _ASKS.get(type(row))
    return ask(mesh, row) if ask else None


def _to_endpoint(mesh: Mesh, row: EndpointRow) -> Request:
    return _to_cluster(mesh, row.proxy, row.cluster) or Request(source=row.proxy, dest=row.address)


def _to_proxy(mesh: Mesh, name: str) -> Request | None:
    """A gateway gets the first host that it routes; a sidecar what a client sends to its service."""
    proxy = _proxy(mesh, name)
    if proxy is None:
        return None
    if mesh.kind_of(proxy) == "gateway":
        return _through_gateway(proxy)
    service = _service_of(mesh, proxy)
    if service is None or not service.ports:
        return None
    return Request(source=_client(mesh, proxy, service), dest=_url(service, service.ports[0].number))


def _through_gateway(proxy: Proxy) -> Request | None:
    for table in proxy.route_tables():
        for host in virtual_hosts(table):
            if isinstance(host, Undecodable):
                continue
            for domain in host.domains:
                if (name := _host_of(domain)) and host.routes:
                    scheme = "https" if table.name.startswith("https.") else "http"
                    first = host.routes[0].match
                    path = (first and (first.path or first.prefix)) or "/"
                    return Request(source=proxy.name, dest=f"{scheme}://{name}{path}")
    return None


def _by_route(mesh: Mesh, row: RouteRow) -> Request | None:
    host = next(filter(None, map(_host_of, row.domains)), "")
    conditions = (row.match or "").split("; ")
    path = conditions[0].rstrip("*") if conditions[0].startswith("/") else "/"
    if not host:
        clusters = row.cluster if isinstance(row.cluster, tuple) else (row.cluster,)
        return next((found for name in clusters if name and (found := _to_cluster(mesh, row.proxy, name))), None)
    proxy = _proxy(mesh, row.proxy)
    is_gateway = proxy is not None and mesh.kind_of(proxy) == "gateway"
    port = "" if is_gateway or not row.route_config.isdecimal() else f":{row.route_config}"
    scheme = "https" if row.route_config.startswith("https.") else "http"
    return Request(source=row.proxy, dest=f"{scheme}://{host}{port}{path}", headers=_headers(conditions[1:]))


def _headers(conditions: list[str]) -> tuple[tuple[str, str], ...]:
    """Of a route's match, the headers with an exact value: `end-user=jason`."""
    found = []
    for condition in conditions:
        name, equals, value = condition.partition("=")
        if equals and value and name.replace("-", "").replace("_", "").isalnum():
            found.append((name, value))
    return tuple(found)


def _to_cluster(mesh: Mesh, source: str, name: str) -> Request | None:
    """From the proxy that has the cluster to the cluster's service; an inbound one gets a request of a client."""
    parts = parse_cluster(name)
    if parts is None:
        return None
    if parts.direction.startswith("inbound"):
        return _to_proxy(mesh, source)
    return Request(source=source, dest=f"http://{parts.host}:{parts.port}/") if parts.host and parts.port else None


def _to_listener(mesh: Mesh, row: ListenerRow) -> Request | None:
    if row.name == "virtualInbound":
        return _to_proxy(mesh, row.proxy)
    proxy = _proxy(mesh, row.proxy)
    if proxy is not None and mesh.kind_of(proxy) == "gateway":
        return _through_gateway(proxy)
    if row.port is None:
        return None
    for service in mesh.network.services:
        is_there = row.address in ANY_PORTS or row.address in service.addresses
        if is_there and any(port.number == row.port for port in service.ports):
            return Request(source=row.proxy, dest=_url(service, row.port))
    return None


def _to_filter_chain(mesh: Mesh, row: FilterChainRow) -> Request | None:
    """What its listener gets."""
    rows = kind_named("listeners").rows(mesh, Selection(proxy=row.proxy, name=row.listener), UNFOLLOWED)
    return next((found for each in rows if isinstance(each, ListenerRow) and (found := _to_listener(mesh, each))), None)


def _to_service(mesh: Mesh, row: ServiceRow) -> Request | None:
    if not row.ports:
        return None
    service = mesh.network.service_named(row.host)
    source = _client(mesh, None, service) if service else ""
    return Request(source=source, dest=f"http://{row.host}:{row.ports[0].port}/")


def _proxy(mesh: Mesh, name: str) -> Proxy | None:
    return next((proxy for proxy in mesh.proxies if proxy.name == name), None)


def _service_of(mesh: Mesh, proxy: Proxy) -> ServiceHost | None:
    pod = mesh.network.pod_named(proxy.name)
    if pod is None:
        return None
    for service in mesh.network.services:
        if service.selector and service.namespace == pod.namespace and pod.labels.match(service.selector):
            return service
    return None


def _client(mesh: Mesh, server: Proxy | None, service: ServiceHost | None) -> str:
    """Some sidecar that is not the server's own workload; "" (the outside) where the mesh has none."""
    for proxy in mesh.proxies:
        if server is not None and proxy.workload == server.workload:
            continue
        if mesh.kind_of(proxy) != "sidecar":
            continue
        pod = mesh.network.pod_named(proxy.name)
        if service and service.selector and pod and pod.labels.match(service.selector):
            continue
        return proxy.workload or proxy.name
    return ""


def _url(service: ServiceHost, port: int) -> str:
    return f"http://{service.host}:{port}/"


def _host_of(domain: str) -> str:
    """A host with the domain: itself without its port, a name for `*.example.com`, "" for `*`."""
    if domain == _CATCH_ALL or domain.endswith("*"):
        return ""
    host = domain.rsplit(":", 1)[0] if domain.rpartition(":")[2].isdecimal() else domain
    return f"any{host.removeprefix('*')}" if host.startswith("*") else host


_ASKS: dict[type[Row], Callable[[Mesh, Any], Request | None]] = {
    ProxyRow: lambda mesh, row: _to_proxy(mesh, row.name),
    RouteRow: _by_route,
    ClusterRow: lambda mesh, row: _to_cluster(mesh, row.proxy, row.name),
    EndpointRow: _to_endpoint,
    ListenerRow: _to_listener,
    FilterChainRow: _to_filter_chain,
    ServiceRow: _to_service,
}
