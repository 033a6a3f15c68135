"""Resources in effect that do not read, noted when a simulation meets them: problems of every trace whose hops name them."""

from __future__ import annotations

from collections.abc import Iterable

from meshscope.envoy.resource import CLUSTER, LISTENER, ROUTES
from meshscope.location import Location
from meshscope.mesh.proxy import Proxy
from meshscope.simulation.trace import Hop, Path
from meshscope.snapshot.snapshot import Problem

VIRTUAL_HOST = "virtual host"
_Key = tuple[str, str, str, str]
"""Mesh cluster and name of the proxy, kind and name of the resource."""


class UnreadResources:
    """Of all proxies of a simulation."""

    def __init__(self) -> None:
        self._problems: dict[_Key, Problem] = {}

    def note(self, proxy: Proxy, kind: str, name: str, location: Location, why: str) -> None:
        """A resource of the proxy does not read, `why` in words."""
        message = f"{kind} {name} of {proxy.name} does not read: {why}"
        self._problems[proxy.id.mesh_cluster, proxy.name, kind, name] = Problem(location.document.name, message)

    def problem(self, proxy: Proxy, kind: str, name: str) -> Problem | None:
        return self._problems.get((proxy.id.mesh_cluster, proxy.name, kind, name))

    def on(self, paths: Iterable[Path]) -> tuple[Problem, ...]:
        """Those of the proxies on the way: their listeners, and what the hops name."""
        if not self._problems:
            return ()
        hops = [hop for path in paths for hop in path.hops]
        return tuple(
            problem
            for (mesh_cluster, proxy, kind, name), problem in self._problems.items()
            if any(
                (hop.mesh_cluster or "", hop.proxy) == (mesh_cluster, proxy) and _names(hop, kind, name) for hop in hops
            )
        )


def _names(hop: Hop, kind: str, name: str) -> bool:
    """Whether a hop names the resource. Any listener may be the one that takes a connection."""
    named = {CLUSTER: hop.cluster, ROUTES: hop.route_config, VIRTUAL_HOST: f"{hop.route_config}/{hop.virtual_host}"}
    return kind == LISTENER or named[kind] == name
