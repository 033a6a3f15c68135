"""The side of the servers: clusters and their endpoints, each compiled once.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/upstream
"""

from __future__ import annotations

from meshscope.envoy.resource import CLUSTER, WARMING
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.simulation.cluster.compiled import CompiledCluster
from meshscope.simulation.cluster.selection import Selected
from meshscope.simulation.connection import Envoy
from meshscope.simulation.http_filters.chain import HttpFilters
from meshscope.simulation.http_filters.filter import NamedCluster
from meshscope.simulation.proxy.missing import assumed_missing
from meshscope.simulation.proxy.unread import UnreadResources
from meshscope.simulation.trace import EndpointRef, Step, StepKind
from meshscope.simulation.verdict import Truth
from meshscope.xds.cluster import Cluster
from meshscope.xds.message import Undecodable
from meshscope.xds.upstream_http_options import KEY as HTTP_OPTIONS


class CompiledUpstream:
    def __init__(self, mesh: Mesh, captured: Proxy, envoy: Envoy, unread: UnreadResources) -> None:
        self._mesh, self._captured, self._envoy, self._unread = mesh, captured, envoy, unread
        self._clusters: dict[str, CompiledCluster | None] = {}
        self._http_filters: dict[str, HttpFilters | None] = {}

    def cluster(self, name: str) -> CompiledCluster | None:
        """An active cluster; None for one that is not there, or cannot be read."""
        if name not in self._clusters:
            resource = self._captured.resource(CLUSTER, name)
            body = self._captured.read(resource, Cluster) if resource else None
            if resource and isinstance(body, Undecodable):
                self._unread.note(self._captured, CLUSTER, name, resource.location, body.why)
            self._clusters[name] = (
                CompiledCluster(self._captured, name, body, self._envoy, self.cluster)
                if isinstance(body, Cluster)
                else None
            )
        return self._clusters[name]

    def named(self, name: str) -> NamedCluster | None:
        """None for a cluster that is known not to exist."""
        cluster = self.cluster(name)
        if cluster is not None:
            return NamedCluster(name, cluster.cluster.metadata)
        may_exist = self._captured.resource(CLUSTER, name) is not None or not self._captured.knows_all(CLUSTER)
        return NamedCluster(name) if may_exist else None

    def http_filters(self, name: str) -> HttpFilters | None:
        """The HTTP filters of a cluster, which run once a host is chosen; None where it has none."""
        if name not in self._http_filters:
            cluster = self.cluster(name)
            filters = cluster.options.http_filters if cluster else ()
            at = cluster.location if cluster else None
            place = at and at.below(("typed_extension_protocol_options", HTTP_OPTIONS, "http_filters"))
            self._http_filters[name] = HttpFilters(filters, location=place) if filters else None
        return self._http_filters[name]

    def no_cluster(self, name: str, *, explain: bool) -> tuple[Step, tuple[str, ...]]:
        """The step for a name that no cluster has, and what is assumed with it."""
        assuming = assumed_missing(self._captured, CLUSTER, f"there is no cluster {name}") if name else ()
        if unread := self._unread.problem(self._captured, CLUSTER, name):
            assuming = (f"Envoy has no such cluster: {unread.message}",)
        verdict = Truth.UNKNOWN if assuming else Truth.NO
        because = self._why_no_cluster(name) if explain else ""
        return Step(kind=StepKind.CLUSTER, chosen=name, verdict=verdict, because=because), assuming

    def _why_no_cluster(self, name: str) -> str:
        """In words: warming, unreadable, or the nearest names."""
        if not name:
            return "no cluster is named"
        every = self._captured.resources(CLUSTER, in_effect=False)
        if any(resource.name == name and resource.state == WARMING for resource in every):
            return "the cluster is warming"
        if any(resource.name == name for resource in every):
            return "the cluster cannot be read"
        from meshscope.nearest import near_words  # only for an unknown name

        near = near_words(name, [resource.name for resource in every], most=2, alike=0.7)
        return f"no cluster of that name{'; there is ' + ' and '.join(near) if near else ''}"

    def endpoint(self, selected: Selected) -> EndpointRef:
        one = selected.endpoint
        pod = self._mesh.pod_at(one.host) or one.workload
        return EndpointRef(one.address, one.health, one.weight, pod, selected.share)
