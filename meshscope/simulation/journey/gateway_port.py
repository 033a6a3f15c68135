"""The port on which a gateway takes what comes to a port of its Service, where the input has no such Service.

istiod names a gateway's virtual hosts `HOST:PORT` by the port of the Gateway's server, which is the Service's, and listens on
the container's port behind it. Istio's own gateways have 8080 behind 80 and 8443 behind 443.
https://github.com/istio/istio/blob/master/manifests/charts/gateway/values.yaml
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from msgspec import Struct

from meshscope.mesh.proxy import Proxy
from meshscope.mesh.virtual_hosts import virtual_host_names
from meshscope.simulation.journey.capture import OWN_INBOUND_PORTS
from meshscope.simulation.listener.choice import Listeners
from meshscope.simulation.route.virtual_host_near import split_port
from meshscope.xds.filter_chain import FilterChain
from meshscope.xds.listener import Listener

_USUAL = {80: 8080, 443: 8443}
_ANY_IPS = ("0.0.0.0", "::")  # noqa: S104  # addresses to look up


class PortBehind(Struct, frozen=True):
    """`because` is the evidence in words."""

    port: int
    because: str


def port_behind(proxy: Proxy, listeners: Listeners, port: int, host: str) -> PortBehind | None:
    """The listener's port for an authority that is asked at a port of the Service; None where several are as likely, or none
    is. A port that no virtual host names is taken for the usual one alone.
    """
    found = sorted(_candidates(proxy, listeners, port, split_port(host)[0]), key=lambda one: one[0])
    for _, group in groupby(found, key=lambda one: one[0]):
        ports = [behind for _, behind in group]
        return ports[0] if len({one.port for one in ports}) == 1 else None
    return None


def _candidates(proxy: Proxy, listeners: Listeners, port: int, host: str) -> Iterator[tuple[int, PortBehind]]:
    """Each with its rank: what the configuration says, what is usual, what alone has the host."""
    for number in sorted({number for _, number in listeners.sockets} - OWN_INBOUND_PORTS):
        chosen = next(filter(None, (listeners.accepting(ip, number) for ip in _ANY_IPS)), None)
        if chosen is None:
            continue
        names = list(_hosts_for(proxy, chosen.name, chosen.listener, host))
        if said := next((name for name in names if name.endswith(f":{port}")), ""):
            yield 0, PortBehind(number, f"its virtual host {said} says so")
        elif _USUAL.get(port) == number:
            yield 1, PortBehind(number, "as gateways of Istio do")
        elif names and port in _USUAL:
            yield 2, PortBehind(number, f"it is the only listener that serves {host}")


def _hosts_for(proxy: Proxy, name: str, listener: Listener, host: str) -> Iterator[str]:
    """The virtual hosts that take a host, or the name itself for a chain without HTTP that takes it as server name."""
    tables = {table.name: table for table in proxy.route_tables() if table.listener in ("", name)}
    for _, chain in listener.chains():
        if chain.filter_chain_match.server_names and not _takes(chain.filter_chain_match.server_names, host):
            continue
        if not chain.http:
            yield host
        for table in filter(None, map(tables.get, _table_names(chain))):
            yield from (one.name for one in virtual_host_names(table) if _takes(one.domains, host))


def _table_names(chain: FilterChain) -> Iterable[str]:
    manager = chain.http[1] if chain.http else None
    if manager is None:
        return ()
    return (
        (manager.rds.route_config_name,)
        if manager.rds
        else (manager.inline_routes.name,)
        if manager.inline_routes
        else ()
    )


def _takes(domains: Iterable[str], host: str) -> bool:
    """Exact, `*.suffix`, `prefix.*` and `*`, without the port of either."""
    return any(_matches(split_port(domain.lower())[0], host.lower()) for domain in domains)


def _matches(domain: str, host: str) -> bool:
    if domain.startswith("*"):
        return host.endswith(domain[1:])
    return host.startswith(domain[:-1]) if domain.endswith("*") else host == domain
