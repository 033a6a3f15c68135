"""Words of requests that proxies know: URLs with the paths of their routes, headers that routes ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.mesh.route_table import RouteTable
from meshscope.mesh.virtual_hosts import virtual_hosts
from meshscope.xds.message import Undecodable
from meshscope.xds.route import VirtualHost
from meshscope.xds.route_match import RouteMatch

MOST_HOSTS = 2000
"""Of virtual hosts that are read for completion: more would take longer than somebody who types waits."""


def urls(mesh: Mesh, proxies: Iterable[Proxy]) -> Iterator[str]:
    """Of each service's port, then of the proxies' virtual hosts with the paths of their routes; without wildcards."""
    found: dict[str, None] = {}
    for service in mesh.network.services:
        found.update((f"http://{service.host}:{port.number}/", None) for port in service.ports)
    for table, host in _hosts(proxies):
        if start := _start(table, host):
            paths = (path for route in host.routes if (path := _path(route.match)))
            found.update((start + path, None) for path in ("/", *paths))
    return (url for url in found if url.isprintable())


def headers(proxies: Iterable[Proxy]) -> Iterator[str]:
    """`name: value` of each header that a route asks for, with the value or its beginning where one is given."""
    found: dict[str, None] = {}
    for _, host in _hosts(proxies):
        for route in host.routes:
            for matcher in route.match.headers:
                text = matcher.string
                value = (text.exact or text.prefix or "") if text else ""
                if not matcher.name.startswith(":"):
                    found[f"{matcher.name}: {value}"] = None
    return (header for header in found if header.isprintable())


def _hosts(proxies: Iterable[Proxy]) -> Iterator[tuple[RouteTable, VirtualHost]]:
    every = (
        (table, host)
        for proxy in proxies
        for table in proxy.route_tables()
        for host in virtual_hosts(table)
        if not isinstance(host, Undecodable)
    )
    return islice(every, MOST_HOSTS)


def _start(table: RouteTable, host: VirtualHost) -> str:
    """`http://reviews.default.svc.cluster.local:9080`: istiod names tables by their port, those of gateways by the scheme too;
    "" of a host that has only wildcards.
    """
    domain = next((domain for domain in host.domains if "*" not in domain), "")
    if not domain:
        return ""
    port = "" if not table.name.isdigit() or table.name == "80" or ":" in domain else f":{table.name}"
    return f"{'https' if table.name.startswith('https.') else 'http'}://{domain}{port}"


def _path(match: RouteMatch) -> str:
    return match.path or match.prefix or match.path_separated_prefix or ""
