"""A mesh as one check sees it: what is costly is worked out once for the mesh, and each check has its own record of kinds.

So the kinds that a check declares can be compared with those that it touched.
"""

from __future__ import annotations

from meshscope.envoy.resource import CLUSTER, ENDPOINTS, LISTENER, ROUTES, SECRET, Resource
from meshscope.mesh.evidence import Evidence
from meshscope.mesh.graph import Graph
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.network.network import NETWORK_KINDS, Network
from meshscope.mesh.proxy import Proxy
from meshscope.work import UNFOLLOWED, Work

GRAPH_KINDS = frozenset({LISTENER, ROUTES, CLUSTER, ENDPOINTS, SECRET})
"""Kinds of resources that a graph is made of."""


class Context(Evidence):
    """The kinds of resources ("listener") are noted too."""

    def __init__(self, mesh: Mesh) -> None:
        super().__init__(mesh.objects_by, mesh.answers)
        self._mesh = mesh

    @property
    def proxies(self) -> tuple[Proxy, ...]:
        """Their resources are read through `resources`, which notes the kind."""
        return self._mesh.proxies

    def resources(self, proxy: Proxy, kind: str, *, in_effect: bool = True) -> tuple[Resource, ...]:
        self.touch(kind)
        return proxy.resources(kind, in_effect=in_effect)

    def graph(self, proxy: Proxy, work: Work = UNFOLLOWED) -> Graph:
        """Raises CancelledError."""
        self.touch(*GRAPH_KINDS)
        return self._mesh.graph(proxy, work)

    @property
    def network(self) -> Network:
        self.touch(*NETWORK_KINDS)
        return self._mesh.network
