"""Which parts of a proxy a patch is for.

https://istio.io/latest/docs/reference/config/networking/envoy-filter/#EnvoyFilter-EnvoyConfigObjectMatch ; what each kind of
patch asks is in https://github.com/istio/istio/tree/master/pilot/pkg/networking/core/envoyfilter .
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from meshscope.effect.patches.parts import Json, Parts
from meshscope.istio.names import parse_cluster, parse_route_config
from meshscope.istio.objects.envoy_filter import (
    ClusterMatch,
    EnvoyConfigObjectMatch,
    FilterChainMatch,
    FilterMatch,
    ListenerMatch,
    RouteConfigurationMatch,
)

_DEPRECATED = {
    "envoy.http_connection_manager": "envoy.filters.network.http_connection_manager",
    "envoy.tcp_proxy": "envoy.filters.network.tcp_proxy",
    "envoy.router": "envoy.filters.http.router",
    "envoy.fault": "envoy.filters.http.fault",
    "envoy.cors": "envoy.filters.http.cors",
}
_ACTIONS = {"ROUTE": "route", "REDIRECT": "redirect", "DIRECT_RESPONSE": "direct_response"}


def has_context(wanted: EnvoyConfigObjectMatch, context: str) -> bool:
    return wanted.context in ("", "ANY", context)


def is_for_proxy(wanted: EnvoyConfigObjectMatch, version: str, metadata: Any) -> bool:
    """`metadata` gives a value of the proxy's node by its key."""
    asked = wanted.proxy
    if asked is None:
        return True
    if asked.proxy_version:
        try:
            if not re.search(asked.proxy_version, version):
                return False
        except re.error:
            return False
    return all(str(metadata(key)) == value for key, value in asked.metadata)


def is_around(wanted: EnvoyConfigObjectMatch, apply_to: str, parts: Parts) -> bool:
    """Whether the messages around a list are those that the patch asks for."""
    listener, table = wanted.listener, wanted.route_configuration
    around = dict(zip(_AROUND.get(apply_to, ()), parts.within, strict=False))
    if listener is not None and "listener" in around:
        if not _is_listener(listener, around["listener"], around.get("chain")):
            return False
        if "chain" in around and listener.filter_chain and not _is_chain(listener.filter_chain, around["chain"]):
            return False
        network = listener.filter_chain.filter if listener.filter_chain else None
        if "filter" in around and network and not _is_named(network.name, around["filter"]):
            return False
    if table is not None and "table" in around:
        if not _is_table(table, around["table"]):
            return False
        if "host" in around and table.vhost and not _is_host(table, around["host"]):
            return False
    return True


def is_member(wanted: EnvoyConfigObjectMatch, apply_to: str, member: Json) -> bool:
    """Whether a member of the list is one that the patch is for."""
    return _MEMBERS[apply_to](wanted, member)


def _listener_filter(wanted: EnvoyConfigObjectMatch, member: Json) -> bool:
    return wanted.listener is None or _is_named(wanted.listener.listener_filter, member)


def _chain(wanted: EnvoyConfigObjectMatch, member: Json) -> bool:
    chain = wanted.listener.filter_chain if wanted.listener else None
    return chain is None or _is_chain(chain, member)


def _network_filter(wanted: EnvoyConfigObjectMatch, member: Json) -> bool:
    network = _filter_of(wanted)
    return network is None or _is_named(network.name, member)


def _http_filter(wanted: EnvoyConfigObjectMatch, member: Json) -> bool:
    network = _filter_of(wanted)
    inner = network.sub_filter if network else None
    return inner is None or _is_named(inner.name, member)


def _route(wanted: EnvoyConfigObjectMatch, member: Json) -> bool:
    host = wanted.route_configuration.vhost if wanted.route_configuration else None
    route = host.route if host else None
    if route is None:
        return True
    has_action = route.action == "ANY" or _ACTIONS.get(route.action, "") in member
    return has_action and route.name in ("", member.get("name", ""))


def _filter_of(wanted: EnvoyConfigObjectMatch) -> FilterMatch | None:
    chain = wanted.listener.filter_chain if wanted.listener else None
    return chain.filter if chain else None


_MEMBERS: dict[str, Callable[[EnvoyConfigObjectMatch, Json], bool]] = {
    "CLUSTER": lambda wanted, member: wanted.cluster is None or _is_cluster(wanted.cluster, member),
    "LISTENER": lambda wanted, member: wanted.listener is None or _is_listener(wanted.listener, member, None),
    "LISTENER_FILTER": _listener_filter,
    "FILTER_CHAIN": _chain,
    "NETWORK_FILTER": _network_filter,
    "HTTP_FILTER": _http_filter,
    "ROUTE_CONFIGURATION": lambda wanted, member: (
        wanted.route_configuration is None or _is_table(wanted.route_configuration, member)
    ),
    "VIRTUAL_HOST": lambda wanted, member: (
        wanted.route_configuration is None or _is_host(wanted.route_configuration, member)
    ),
    "HTTP_ROUTE": _route,
}


_AROUND = {
    "LISTENER_FILTER": ("listener",),
    "FILTER_CHAIN": ("listener",),
    "NETWORK_FILTER": ("listener", "chain"),
    "HTTP_FILTER": ("listener", "chain", "filter"),
    "VIRTUAL_HOST": ("table",),
    "HTTP_ROUTE": ("table", "host"),
}


def _is_named(name: str, member: Json) -> bool:
    """Any member for an empty name."""
    return not name or member.get("name", "") in (name, _DEPRECATED.get(name, name))


def _is_cluster(wanted: ClusterMatch, body: Json) -> bool:
    if wanted.name:
        return bool(body.get("name") == wanted.name)
    cluster = parse_cluster(body.get("name", ""))
    if cluster is None:
        return not (wanted.service or wanted.subset or wanted.port_number)
    hosts = {cluster.host}
    services = body.get("metadata", {}).get("filter_metadata", {}).get("istio", {}).get("services", ())
    hosts |= {service.get("host", "") for service in services if isinstance(service, dict)}
    return (
        wanted.service in ("", *hosts)
        and wanted.subset in ("", cluster.subset)
        and wanted.port_number in (0, cluster.port)
    )


def _is_listener(wanted: ListenerMatch, body: Json, chain: Json | None) -> bool:
    if wanted.name and body.get("name") != wanted.name:
        return False
    if not wanted.port_number:
        return True
    if body.get("name") in ("virtualInbound", "virtualOutbound"):
        chains = [chain] if chain is not None else body.get("filter_chains", ())
        return any(one.get("filter_chain_match", {}).get("destination_port") == wanted.port_number for one in chains)
    port = body.get("address", {}).get("socket_address", {}).get("port_value")
    return bool(port == wanted.port_number)


def _is_chain(wanted: FilterChainMatch, body: Json) -> bool:
    match = body.get("filter_chain_match", {})
    protocols = {text.strip() for text in wanted.application_protocols.split(",")} - {""}
    return (
        wanted.name in ("", body.get("name", ""))
        and (not wanted.sni or wanted.sni in match.get("server_names", ()))
        and wanted.transport_protocol in ("", match.get("transport_protocol", ""))
        and protocols <= set(match.get("application_protocols", ()))
        and wanted.destination_port in (0, match.get("destination_port"))
    )


def _is_table(wanted: RouteConfigurationMatch, body: Json) -> bool:
    name = body.get("name", "")
    if wanted.name:
        return bool(name == wanted.name)
    known = parse_route_config(name)
    if wanted.port_number and (known is None or wanted.port_number not in (_server_ports(body) or {known.port or 0})):
        return False
    if wanted.port_name and (known is None or known.port_name != wanted.port_name):
        return False
    return not wanted.gateway or (known is not None and f"{known.namespace}/{known.gateway}" == wanted.gateway)


def _server_ports(body: Json) -> set[int]:
    """Of a gateway's HTTP table, which is named by the port behind that of its servers. Its virtual hosts are named `HOST:PORT`
    by theirs, which an EnvoyFilter means.
    """
    if not body.get("name", "").startswith("http."):
        return set()
    ports = (host.get("name", "").rpartition(":")[2] for host in body.get("virtual_hosts", ()))
    return {int(port) for port in ports if port.isascii() and port.isdigit()}


def _is_host(wanted: RouteConfigurationMatch, body: Json) -> bool:
    host = wanted.vhost
    if host is None:
        return True
    return host.name in ("", body.get("name", "")) and (
        not host.domain_name or host.domain_name in body.get("domains", ())
    )
