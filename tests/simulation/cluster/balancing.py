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
    """Hosts 10.0.P.1, 10.0.P.2 … with these health words in one priority."""
    made = (endpoint(f"10.0.{priority}.{n}", health, priority=priority) for n, health in enumerate(healths, first))
    return hosts_of(tuple(made), None, coarse=coarse, inline=False)


def balancer(
    among: tuple[Host, ...] | None, cluster: Mapping[str, Any] | None = None, policy: object = None, **runtime: Any
) -> LoadBalancer:
    assignment = read(ClusterLoadAssignment, {"policy": policy or {}})
    made = read(Cluster, {"name": "c", **(cluster or {})})
    return LoadBalancer(made, among, assignment.policy, Envoy(runtime=runtime))


def shares(selections: Selections) -> dict[str, float]:
    """Share of all requests by address, rounded to a thousandth; `none` for those that find no host."""
    found: dict[str, float] = {}
    for outcome in selections:
        assert outcome.probability is not None
        if isinstance(outcome.value, End):
            found["none"] = round(outcome.probability, 3)
            continue
        for one in outcome.value.hosts or ():
            found[one.endpoint.host] = round(found.get(one.endpoint.host, 0.0) + outcome.probability * one.share, 3)
    return found
