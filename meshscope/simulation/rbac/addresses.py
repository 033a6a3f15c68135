"""RBAC's predicates of addresses and ports: ranges are read once; what is not given is unknown.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/rbac/v3/rbac.proto
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from meshscope.simulation.rbac.facts import NO_DESTINATION, RbacFacts
from meshscope.simulation.rbac.predicate import Predicate, never_known
from meshscope.simulation.verdict import NO, YES, Verdict, unknown
from meshscope.xds.address import CidrRange
from meshscope.xds.rbac import Int32Range


def address_predicate(
    name: str, reason: str, value: Callable[[RbacFacts], str | None]
) -> Callable[[CidrRange], Predicate]:
    def make(cidr: CidrRange) -> Predicate:
        try:
            network = ip_network((cidr.address_prefix, cidr.prefix_len), strict=False)
        except ValueError:
            return never_known(f"{cidr} is not a range of addresses")

        def decide(facts: RbacFacts) -> Verdict:
            text = value(facts)
            if text is None:
                return unknown(reason) if facts.connection.is_ip or reason != NO_DESTINATION else NO
            address = _parsed(text)
            return YES if address and address.version == network.version and address in network else NO

        def because(facts: RbacFacts) -> str:
            return f"{name} is {value(facts) or 'not given'}; {network} was asked"

        return Predicate(decide, because, f"{name} in {network}")

    return make


@lru_cache(maxsize=65_536)
def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def port(number: int) -> Predicate:
    return _port(str(number), lambda found: found == number)


def _port(name: str, wanted: Callable[[int], bool]) -> Predicate:
    def decide(facts: RbacFacts) -> Verdict:
        found = facts.connection.destination_port
        if found is None:
            return unknown(NO_DESTINATION) if facts.connection.is_ip else NO
        return YES if wanted(found) else NO

    def because(facts: RbacFacts) -> str:
        return f"destination port is {facts.connection.destination_port or 'not given'}; {name} was asked"

    return Predicate(decide, because, f"destination port {name}")


def port_range(ports: Int32Range) -> Predicate:
    return _port(f"{ports.start} to {ports.end - 1}", lambda found: ports.start <= found < ports.end)
