"""One cluster of one proxy made ready for many requests: its hosts, its balancer, its way of speaking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from msgspec.structs import replace

from meshscope.envoy.resource import CLUSTER, ENDPOINTS
from meshscope.location import Location
from meshscope.mesh.account import ENVOY
from meshscope.mesh.endpoints import endpoints_of
from meshscope.mesh.owners import owner_of, owner_text
from meshscope.mesh.proxy import Proxy
from meshscope.simulation.cluster.aggregate import MemberSelection, aggregate
from meshscope.simulation.cluster.hosts import Host, hosts_of
from meshscope.simulation.cluster.load_balancing import LoadBalancer
from meshscope.simulation.cluster.selection import Selection
from meshscope.simulation.cluster.transport_socket import (
    UpstreamConnection,
    alpn_override,
    transport_socket,
    upstream_connection,
)
from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.outcome import Outcome
from meshscope.simulation.trace import Rejected
from meshscope.xds.cluster import Cluster
from meshscope.xds.endpoint import ClusterLoadAssignment, Policy
from meshscope.xds.istio_filters import IstioAlpn
from meshscope.xds.message import Undecodable
from meshscope.xds.upstream_http_options import HttpProtocolOptions, http_protocol_options

Criteria = Mapping[str, Any]
Choices = tuple[Outcome[Selection], ...] | tuple[Outcome[MemberSelection], ...]


class CompiledCluster:
    """`find` gives the proxy's other clusters by name: an aggregate asks for its members."""

    def __init__(
        self, proxy: Proxy, name: str, cluster: Cluster, envoy: Envoy, find: Callable[[str], CompiledCluster | None]
    ) -> None:
        self.proxy, self.name, self.cluster, self.envoy = proxy, name, cluster, envoy
        self._find = find
        resource = proxy.resource("cluster", name)
        self.location: Location | None = resource.location if resource else None
        self.owner = owner_text(owner_of(cluster.metadata))

    @property
    def words(self) -> str:
        return f"{self.cluster.discovery_type}, {self.cluster.lb_policy}"

    @cached_property
    def _assignment(self) -> ClusterLoadAssignment | None:
        return self.proxy.assignment(self.cluster.assignment_name) or self.cluster.load_assignment

    @property
    def policy(self) -> Policy:
        return self._assignment.policy if self._assignment else Policy()

    @cached_property
    def hosts(self) -> tuple[Host, ...] | None:
        found = endpoints_of(self.proxy, self.name, self.cluster)
        if found is None:
            return None
        from_section = self.proxy.resource(ENDPOINTS, self.cluster.assignment_name) is not None
        coarse = from_section and self.proxy.view == ENVOY
        inline = not from_section and self.cluster.load_assignment is not None
        return hosts_of(found, self._assignment, coarse=coarse, inline=inline)

    @cached_property
    def balancer(self) -> LoadBalancer:
        return LoadBalancer(self.cluster, self.hosts, self.policy, self.envoy)

    @cached_property
    def members(self) -> dict[str, CompiledCluster]:
        """Active members of an aggregate, in its order."""
        found = ((name, self._find(name)) for name in self.cluster.members)
        return {name: member for name, member in found if member is not None}

    def choose(self, criteria: Criteria | None) -> Choices:
        if self.cluster.members:
            found = aggregate(tuple(member.balancer for member in self.members.values()), self.balancer)
            return tuple(replace(one, assuming=one.assuming + self._absent_members) for one in found)
        return self.balancer.choose(criteria)

    @cached_property
    def _absent_members(self) -> tuple[str, ...]:
        """What is assumed of members that are not listed: nothing, if every cluster was captured."""
        if self.proxy.knows_all(CLUSTER):
            return ()
        absent = [name for name in self.cluster.members if name not in self.members]
        return tuple(
            f"{self.proxy.name}: {name} is no cluster; not all of its clusters were captured" for name in absent
        )

    def explain(self, criteria: Criteria | None) -> tuple[Rejected, ...]:
        return self.balancer.explain(criteria)

    @cached_property
    def options(self) -> HttpProtocolOptions:
        found = http_protocol_options(self.cluster)
        return HttpProtocolOptions() if isinstance(found, Undecodable) else found

    def connection(
        self, host: Host, request: HttpRequest | None, downstream: str, alpn: IstioAlpn | None = None
    ) -> UpstreamConnection:
        """How a host is spoken to; `alpn` is the configuration of `istio.alpn`, where that filter ran."""
        override = alpn_override(alpn, self.cluster, self.options.protocols(downstream)) if alpn else ()
        return upstream_connection(
            transport_socket(self.cluster, host),
            self.options,
            request=request,
            downstream=downstream,
            alpn_override=override,
        )
