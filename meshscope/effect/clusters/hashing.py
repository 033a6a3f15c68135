"""The key of a consistent hash: istiod writes it into the routes and filter chains that lead to the cluster.

https://istio.io/latest/docs/reference/config/networking/destination-rule/#LoadBalancerSettings-ConsistentHashLB, and
https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction-hashpolicy
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Raw, Struct

from meshscope.effect.answer import Difference
from meshscope.effect.clients import Client
from meshscope.envoy.resource import LISTENER
from meshscope.istio.durations import envoy_duration
from meshscope.istio.objects.load_balancer import ConsistentHashLB
from meshscope.istio.objects.traffic_policy import TrafficPolicy
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.virtual_hosts import virtual_hosts
from meshscope.xds.duration import duration_text
from meshscope.xds.listener import Listener
from meshscope.xds.message import Message, Undecodable, decode, present
from meshscope.xds.route_action import RouteAction

SOURCE_IP = "source IP"


class _Header(Message, frozen=True):
    header_name: str = ""


class _Cookie(Message, frozen=True):
    name: str = ""
    ttl: str = ""
    path: str = ""


class _Connection(Message, frozen=True):
    source_ip: bool = False


class _Parameter(Message, frozen=True):
    name: str = ""


class _HashPolicy(Message, frozen=True):
    """Of a route; of a TCP proxy `source_ip` alone."""

    header: _Header | None = None
    cookie: _Cookie | None = None
    connection_properties: _Connection | None = None
    query_parameter: _Parameter | None = None
    source_ip: Raw = Raw()


class Sender(Struct, frozen=True):
    """A route or a filter chain that leads to a cluster, with the keys by which it chooses an endpoint. `is_alone`: it leads to
    no other one.
    """

    name: str
    keys: tuple[str, ...]
    is_alone: bool


def wanted_key(policy: TrafficPolicy | None, *, is_tcp: bool) -> str:
    """ "" where the policy has no consistent hash. Connections have a source address alone."""
    ring = policy.load_balancer.consistent_hash if policy and policy.load_balancer else None
    if ring is None or (is_tcp and not ring.use_source_ip):
        return ""
    return _words(ring)


def _words(ring: ConsistentHashLB) -> str:
    if ring.http_header_name:
        return f"header {ring.http_header_name}"
    if cookie := ring.http_cookie:
        return _cookie(cookie.name, envoy_duration(cookie.ttl or ""), cookie.path)
    if ring.use_source_ip:
        return SOURCE_IP
    return f"query parameter {ring.http_query_parameter_name}" if ring.http_query_parameter_name else ""


def _cookie(name: str, ttl: str, path: str) -> str:
    return " ".join(part for part in (f"cookie {name}", ttl and f"for {ttl}", path and f"at {path}") if part)


def hash_differences(mesh: Mesh, client: Client, cluster: str, wanted: str, *, is_tcp: bool) -> Iterator[Difference]:
    """Of each route, or with `is_tcp` each filter chain, that leads to the cluster and chooses by another key. Of filter chains
    those that lead to several clusters are left out.
    """
    for one in _senders(mesh, client, is_tcp=is_tcp).get(cluster, ()):
        if is_tcp and not one.is_alone:
            continue
        expected = {wanted} - {""}
        if (set(one.keys) != expected) if one.is_alone else not expected <= set(one.keys):
            yield Difference(f"{one.name} hash_policy", wanted, ", ".join(one.keys))


def _senders(mesh: Mesh, client: Client, *, is_tcp: bool) -> dict[str, list[Sender]]:
    """By cluster; kept, since each rule asks for its own."""
    every = _all_chains if is_tcp else _all_routes
    return mesh.derived(("senders", client.name, is_tcp), lambda: _by_cluster(every(client)))


def _by_cluster(found: Iterator[tuple[tuple[str, ...], Sender]]) -> dict[str, list[Sender]]:
    by_name: dict[str, list[Sender]] = {}
    for names, sender in found:
        for name in names:
            by_name.setdefault(name, []).append(sender)
    return by_name


def _all_routes(client: Client) -> Iterator[tuple[tuple[str, ...], Sender]]:
    for table in client.tables.values():
        for host in virtual_hosts(table):
            for index, route in enumerate(() if isinstance(host, Undecodable) else host.routes):
                if isinstance(route.route, RouteAction):
                    names = route.route.cluster_names
                    name = f"route {table.name}/{getattr(host, 'name', '')}/{index}"
                    yield names, Sender(name, tuple(map(key_of, route.route.hash_policy)), len(names) == 1)


def _all_chains(client: Client) -> Iterator[tuple[tuple[str, ...], Sender]]:
    for resource in client.proxy.resources(LISTENER):
        listener = client.proxy.read(resource, Listener)
        for index, chain in listener.chains() if isinstance(listener, Listener) else ():
            if chain.tcp:
                names = chain.tcp[1].cluster_names
                name = f"filter chain {resource.name}/{'default' if index is None else index}"
                yield names, Sender(name, tuple(map(key_of, chain.tcp[1].hash_policy)), len(names) == 1)


def key_of(raw: Raw) -> str:
    """Of one of Envoy's hash policies, in the words of `wanted_key`."""
    policy = decode(raw, _HashPolicy)
    if isinstance(policy, Undecodable):
        return policy.why
    if policy.header:
        return f"header {policy.header.header_name}"
    if policy.cookie:
        return _cookie(policy.cookie.name, duration_text(policy.cookie.ttl), policy.cookie.path)
    if policy.query_parameter:
        return f"query parameter {policy.query_parameter.name}"
    is_by_address = policy.connection_properties is not None and policy.connection_properties.source_ip
    return SOURCE_IP if is_by_address or present(policy.source_ip) else "something else"
