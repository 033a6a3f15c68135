"""The key of a consistent hash: istiod writes it into the routes and filter chains that lead to the cluster.

https://istio.io/latest/docs/reference/config/networking/destination-rule/#LoadBalancerSettings-ConsistentHashLB, and
https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction-hashpolicy
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Raw, Struct

from meshscope.effect.answer import Difference
from meshscope.effect.clients import Client
from meshscope.effect.clusters.senders import Sender, senders
from meshscope.effect.configuration import Configuration
from meshscope.istio.durations import envoy_duration
from meshscope.istio.hosts import full_host
from meshscope.istio.names import ClusterName
from meshscope.istio.objects.load_balancer import ConsistentHashLB
from meshscope.istio.objects.traffic_policy import PortTrafficPolicy, TrafficPolicy
from meshscope.istio.provenance import ObjectRef
from meshscope.mesh.mesh import Mesh
from meshscope.xds.duration import duration_text
from meshscope.xds.message import Message, Undecodable, decode, present

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


class Keys(Struct, frozen=True):
    """Of a cluster: where a rule names the port, where it does not, and on routes that no rule made. The last are several where
    that depends on istiod's version. "" is no key.
    """

    named: str
    unnamed: str
    default: tuple[str, ...]


def wanted_keys(whole: TrafficPolicy | None, subset: TrafficPolicy | None, port: int) -> Keys:
    """A port's own settings count for routes that name the port alone, and those of a subset before those of the whole."""
    top, own_top = _key(whole), _port_key(whole, port)
    own, own_port = _key(subset), _port_key(subset, port)
    default = (own_top,) if own_top else (top,) if own_top is None else ("", top)
    return Keys(own_port or own or own_top or top, own or top, default)


def wanted_of_connections(whole: TrafficPolicy | None, subset: TrafficPolicy | None) -> str:
    """Connections have a source address alone, and settings of a port say nothing of them."""
    asked = subset if subset and subset.load_balancer else whole
    ring = asked.load_balancer.consistent_hash if asked and asked.load_balancer else None
    return SOURCE_IP if ring and ring.use_source_ip else ""


def _key(policy: TrafficPolicy | PortTrafficPolicy | None) -> str:
    ring = policy.load_balancer.consistent_hash if policy and policy.load_balancer else None
    return _words(ring) if ring else ""


def _port_key(policy: TrafficPolicy | None, port: int) -> str | None:
    """None where the port has no settings."""
    levels = policy.port_level_settings if policy else ()
    return next((_key(one) for one in levels if one.port and one.port.number == port), None)


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


def route_differences(
    configuration: Configuration, client: Client, cluster: ClusterName, keys: Keys
) -> Iterator[Difference]:
    """Of each route that leads to the cluster and chooses by another key."""
    for one in senders(configuration.mesh, client, str(cluster), is_tcp=False):
        wanted = keys.default
        if one.owner is not None:
            names = _names_port(configuration, one.owner, cluster)
            wanted = tuple({keys.named if each else keys.unnamed for each in names or (True, False)})
        if difference := _difference(one, wanted):
            yield difference


def chain_differences(mesh: Mesh, client: Client, cluster: str, wanted: str) -> Iterator[Difference]:
    """Of each filter chain that leads to the cluster alone."""
    for one in senders(mesh, client, cluster, is_tcp=True):
        if one.is_alone and (difference := _difference(one, (wanted,))):
            yield difference


def _difference(one: Sender, wanted: tuple[str, ...]) -> Difference | None:
    """Where none of the keys will do. A route to several clusters has the keys of the others, too."""
    actual = tuple(map(key_of, one.hash_policy))
    expected = [{key} - {""} for key in wanted]
    if any(key == set(actual) if one.is_alone else key <= set(actual) for key in expected):
        return None
    return Difference(f"{one.name} hash_policy", " or ".join(sorted(filter(None, wanted))), ", ".join(actual))


def _names_port(configuration: Configuration, owner: ObjectRef, cluster: ClusterName) -> set[bool]:
    """Whether the destinations of a VirtualService that are the cluster name its port; both where some do; empty where it does
    not say, as with delegates.
    """
    written = configuration.virtual_services_by_name.get(f"{owner.namespace}/{owner.name}")
    if written is None or any(rule.delegate for rule in written.value.spec.http):
        return set()
    return {
        one.destination.port is not None
        for rule in written.value.spec.http
        for one in rule.route
        if one.destination.subset == cluster.subset
        and full_host(one.destination.host, written.namespace) == cluster.host
        and (one.destination.port is None or one.destination.port.number == cluster.port)
    }


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
