"""Servers that take a port or a host from others: istiod merges all Gateways of a proxy, and the earlier server keeps both.

https://istio.io/latest/docs/ops/common-problems/network-issues/#gateway-conflicts and
https://github.com/istio/istio/blob/master/pilot/pkg/model/gateway.go (mergeGateways).
"""

from __future__ import annotations

from meshscope.effect.ages import NO_AGE
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.gateway_selection import why_not_selected
from meshscope.effect.written import Written
from meshscope.istio.objects.gateway import Gateway, Server

_ENCRYPTED, _PLAIN = ("HTTPS", "TLS"), ("HTTP", "HTTP2", "GRPC", "GRPC-WEB")


def conflict_of(configuration: Configuration, client: Client, gateway: Written[Gateway], server: Server) -> str:
    """The earlier server that excludes this one, of its own Gateway or of an earlier one, in words; "" without any. Of Gateways
    whose age is not known nothing tells which is earlier, and the words say so.
    """
    for other in configuration.gateways:
        is_own = other.item is gateway.item
        if not is_own and why_not_selected(configuration, client, other):
            continue
        for index, each in enumerate(other.value.spec.servers):
            if is_own and each == server:
                return ""
            if (each.port.number, each.bind) == (server.port.number, server.bind) and (
                why := _excluded(qualified(other, each), qualified(gateway, server), each, server)
            ):
                whose = f"servers[{index}] before it" if is_own else str(other)
                return f"{whose} has {why}{'' if is_own else _age(configuration, other, gateway)}"
    return ""


def _age(configuration: Configuration, first: Written[Gateway], second: Written[Gateway]) -> str:
    ages = configuration.ages.of(first.item), configuration.ages.of(second.item)
    if not all(ages):
        return "; which of both is older is unknown"
    if ages[0] != ages[1]:
        return " and is older"
    both = "Gateways of Ingresses have no age" if ages[0] == NO_AGE else "they are of the same second"
    return f", and its name comes first ({both})"


def _excluded(first_hosts: frozenset[str], second_hosts: frozenset[str], first: Server, second: Server) -> str:
    kinds = _kind(first), _kind(second)
    if kinds[0] != kinds[1] or kinds[0] == "TCP":
        return f"port {first.port.number} for {first.port.protocol}"
    if kinds[0] == "TLS" and (shared := first_hosts & second_hosts):
        return f"host {min(shared)} on port {first.port.number}"
    return ""


def _kind(server: Server) -> str:
    protocol = server.port.protocol.upper()
    return "TLS" if protocol in _ENCRYPTED else "HTTP" if protocol in _PLAIN else "TCP"


def qualified(gateway: Written[Gateway], server: Server) -> frozenset[str]:
    """The hosts as istiod compares them: `.` is the Gateway's namespace, and a host with a namespace is none without it."""
    own = f"{gateway.namespace}/"
    return frozenset(own + host.removeprefix("./") if host.startswith("./") else host for host in server.hosts)
