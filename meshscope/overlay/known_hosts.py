"""Which proxies know of hosts, where what they make of them is not rebuilt."""

from __future__ import annotations

from collections.abc import Collection

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.http_routes.waypoint_places import serves
from meshscope.envoy.resource import CLUSTER
from meshscope.istio.hosts import is_within
from meshscope.istio.names import parse_cluster


def is_known_to(client: Client, hosts: Collection[str], *sides: Configuration) -> bool:
    """Whether a waypoint is in front of a service within any of the hosts, or has clusters of one."""
    clusters = (parse_cluster(one.name) for one in client.proxy.resources(CLUSTER))
    if any(one is not None and any(is_within(one.host, host) for host in hosts) for one in clusters):
        return True
    return any(serves(side, client, one) for side in sides for host in hosts for one in side.services.within(host))
