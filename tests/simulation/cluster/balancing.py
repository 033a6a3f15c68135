"""Small clusters with hosts for the load balancing tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from meshscope.location import Document, Location
from meshscope.mesh.endpoints import Endpoint
from meshscope.simulation.cluster.hosts import Host, hosts_of
from meshscope.simulation.cluster.load_balancing import LoadBalancer
from meshscope.simulation.cluster.selection import Selections
from meshscope.simulation.connection import Envoy
from meshscope.simulation.endings import End
from meshscope.xds.cluster import Cluster
from meshscope.xds.endpoint import ClusterLoadAssignment

from ..reading import read

PLACE = Location(Document.of("clusters", b"{}"))


def endpoint(name: str, health: str = "HEALTHY", **fields: Any) -> Endpoint:
    return Endpoint(address=f"{name}:80", health=health, location=PLACE, **fields)


def hosts(*healths: str, coarse: bool = False, priority: int = 0, first: int = 1) -> tuple[Host, ...]:
    """Hosts 10.0.P.1, 10.0.P.2 … with these health statuses in one priority."""
    endpoints = (endpoint(f"10.0.{priority}.{n}", health, priority=priority) for n, health in enumerate(healths, first))
    return hosts_of(tuple(endpoints), None, coarse=coarse, inline=False)


def balancer(
    among: tuple[Host, ...] | None, cluster: Mapping[str, Any] | None = None, policy: object = None, **runtime: Any
) -> LoadBalancer:
    assignment = read(ClusterLoadAssignment, {"policy": policy or {}})
    typed = read(Cluster, {"name": "c", **(cluster or {})})
    return LoadBalancer(typed, among, assignment.policy, Envoy(runtime=runtime))


def shares(selections: Selections) -> dict[str, float]:
    """The share of all requests by address, rounded to a thousandth; `none` for those without a host."""
    by_host: dict[str, float] = {}
    for outcome in selections:
        assert outcome.probability is not None
        if isinstance(outcome.value, End):
            by_host["none"] = round(outcome.probability, 3)
            continue
        for one in outcome.value.hosts or ():
            by_host[one.endpoint.host] = round(by_host.get(one.endpoint.host, 0.0) + outcome.probability * one.share, 3)
    return by_host
