"""One cluster of one proxy, compiled for many requests: its hosts, its load balancer and its upstream connections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from msgspec.structs import replace

from meshscope.envoy.resource import CLUSTER, ENDPOINTS
from meshscope.location import Location
from meshscope.mesh.account import ENVOY
from meshscope.mesh.endpoints import endpoints_of
from meshscope.mesh.owners import made_from
from meshscope.mesh.proxy import Proxy
from meshscope.simulation.cluster.hosts import Host, hosts_of
from meshscope.simulation.cluster.load_balancing import LoadBalancer
from meshscope.simulation.cluster.selection import HostSelection, MemberSelection
from meshscope.simulation.cluster.transport_socket import transport_socket
from meshscope.simulation.cluster.upstream_connection import UpstreamConnection, alpn_override, upstream_connection
from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.trace import Rejected
from meshscope.xds.cluster import Cluster
from meshscope.xds.endpoint import ClusterLoadAssignment, Policy
from meshscope.xds.istio_filters import IstioAlpn
from meshscope.xds.message import Undecodable
from meshscope.xds.upstream_http_options import HttpProtocolOptions, http_protocol_options

Criteria = Mapping[str, Any]
Choices = tuple[Outcome[HostSelection], ...] | tuple[Outcome[MemberSelection], ...]


class CompiledCluster:
    """`cluster_named` returns the proxy's other clusters, which are an aggregate's members."""

    def __init__(
        self,
        proxy: Proxy,
        name: str,
        cluster: Cluster,
        envoy: Envoy,
        cluster_named: Callable[[str], CompiledCluster | None],
    ) -> None:
        self.proxy, self.name, self.cluster, self.envoy = proxy, name, cluster, envoy
        self._cluster_named = cluster_named
        resource = proxy.resource("cluster", name)
        self.location: Location | None = resource.location if resource else None
        self.owner = made_from(cluster.metadata, cluster.name)

    @property
    def summary(self) -> str:
        return f"{self.cluster.discovery_type}, {self.cluster.lb_policy}"

    @cached_property
    def _assignment(self) -> ClusterLoadAssignment | None:
        return self.proxy.assignment(self.cluster.assignment_name) or self.cluster.load_assignment

    @property
    def policy(self) -> Policy:
        return self._assignment.policy if self._assignment else Policy()

    @cached_property
    def hosts(self) -> tuple[Host, ...] | None:
        """None where they are unknown."""
        endpoints = endpoints_of(self.proxy, self.name, self.cluster)
        if endpoints is None or (not endpoints and self.cluster.is_of_unknown_type):
            return None
        from_section = self.proxy.resource(ENDPOINTS, self.cluster.assignment_name) is not None
        coarse = from_section and self.proxy.view == ENVOY
        inline = not from_section and self.cluster.load_assignment is not None
        return hosts_of(endpoints, self._assignment, coarse=coarse, inline=inline)

    @cached_property
    def balancer(self) -> LoadBalancer:
        return LoadBalancer(self.cluster, self.hosts, self.policy, self.envoy)

    @cached_property
    def members(self) -> dict[str, CompiledCluster]:
        """The active members of an aggregate or a composite, in its order."""
        members = ((name, self._cluster_named(name)) for name in self.cluster.members)
        return {name: member for name, member in members if member is not None}

    def choose(self, criteria: Criteria | None, *, http: bool = True) -> Choices:
        """`http` False: for a TCP proxy."""
        if self.cluster.members:
            from meshscope.simulation.cluster.aggregate import aggregate  # few clusters have members
            from meshscope.simulation.cluster.composite import composite

            balancers = tuple(member.balancer for member in self.members.values())
            outcomes = (
                composite(balancers, criteria, http=http)
                if self.cluster.is_composite
                else aggregate(balancers, self.balancer, criteria)
            )
            return tuple(replace(one, assuming=one.assuming + self._absent_members) for one in outcomes)
        return self.balancer.choose(criteria)

    @cached_property
    def _absent_members(self) -> tuple[str, ...]:
        """The assumptions about members that are not there; one that is not listed is absent if every cluster was captured."""
        absent = [name for name in self.cluster.members if name not in self.members]
        unread = [name for name in absent if self.proxy.resource(CLUSTER, name) is not None]
        unlisted = () if self.proxy.knows_all(CLUSTER) else [name for name in absent if name not in unread]
        return (
            *(f"{self.proxy.name} has no cluster {name}; its configuration does not read" for name in unread),
            *(f"{self.proxy.name} has no cluster {name}; not all of its clusters were captured" for name in unlisted),
        )

    def explain(self, criteria: Criteria | None) -> tuple[Rejected, ...]:
        return self.balancer.explain(criteria)

    @cached_property
    def options(self) -> HttpProtocolOptions:
        options = http_protocol_options(self.cluster)
        return HttpProtocolOptions() if isinstance(options, Undecodable) else options

    def connection(
        self, host: Host, request: HttpRequest | None, downstream: str, alpn: IstioAlpn | None = None
    ) -> UpstreamConnection:
        """The connection to a host; `alpn` is the configuration of `istio.alpn` where that filter runs."""
        override = alpn_override(alpn, self.cluster, self.options.protocols(downstream)) if alpn else ()
        return upstream_connection(
            transport_socket(self.cluster, host),
            self.options,
            request=request,
            downstream=downstream,
            alpn_override=override,
        )
