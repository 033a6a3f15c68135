"""One proxy and everything captured of it: its configuration in up to two views, and its live state."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from msgspec import Raw, Struct

from meshscope.envoy.cluster_status import ClusterStatus, cluster_statuses
from meshscope.envoy.resource import BOOTSTRAP, CLUSTER, ECDS, ENDPOINTS, IN_EFFECT, LISTENER, ROUTES, STATIC, Resource
from meshscope.envoy.server_info import ServerInfo, server_info
from meshscope.istio.node import NodeId, proxy_kind
from meshscope.location import Location
from meshscope.mesh.account import ENVOY, ISTIOD, NO_ACCOUNT, Account
from meshscope.mesh.bodies import Bodies
from meshscope.mesh.proxy_documents import node_id_of
from meshscope.mesh.route_table import RouteTable, inline_tables
from meshscope.once import once
from meshscope.snapshot.json_text import GarbledError, values_of
from meshscope.snapshot.snapshot import Captured, ProxyId
from meshscope.xds.bootstrap import Bootstrap
from meshscope.xds.cluster import Cluster
from meshscope.xds.endpoint import ClusterLoadAssignment
from meshscope.xds.listener import Listener
from meshscope.xds.message import Undecodable
from meshscope.xds.node import Node

if TYPE_CHECKING:
    from meshscope.envoy.counters import Statistics
    from meshscope.istio.dns_proxy import DnsProxy

T = TypeVar("T")
_REPLICA = r"(.+)-[0-9a-z]{6,10}-[0-9a-z]{5}"
"""`reviews-v1-7d8c5d6f4b-x2x9k`: Deployment, ReplicaSet's hash, pod's suffix."""


_OF_A_VIEW = {ENVOY: {"config_dump"}, ISTIOD: {"istiod_config_dump", "istiod_edsz"}, "": {"config_dump"}}
"""Documents that make a view. A dump that is captured in parts may be incomplete once one of them is missing."""


class Answer(Struct, frozen=True, eq=False):
    """A recognised document that is not a dump: `/clusters`, `/server_info`, manifests, `debug/syncz` …"""

    captured: Captured
    kind: str

    @property
    def value(self) -> Raw | None:
        """The first top-level value; None for a plain text and for JSON that cannot be read."""
        if not self.captured.document.is_json:
            return None
        try:
            return values_of(self.captured.document)[0]
        except (GarbledError, IndexError):
            return None


class Proxy:
    """`view` is that of the account which `resources` are of; both accounts are kept if both were captured.

    `accounts` are by view, `answers` by kind of document. `not_captured` are kinds of documents that were requested in vain.
    """

    def __init__(  # noqa: PLR0913  # all that is captured of a proxy
        self,
        identity: ProxyId,
        bodies: Bodies,
        *,
        accounts: Mapping[str, Account],
        answers: Mapping[str, Answer],
        not_captured: frozenset[str] = frozenset(),
        wanted_view: str = "",
    ) -> None:
        self.id = identity
        self.bodies = bodies
        self.accounts = MappingProxyType(dict(accounts))
        self.answers = MappingProxyType(dict(answers))
        self.not_captured = not_captured
        self._wanted_view = wanted_view

    @property
    def name(self) -> str:
        return str(self.id)

    @once
    def view(self) -> str:
        """The view that was asked for, else Envoy's, else istiod's; "" without a dump of it."""
        if self._wanted_view:
            return self._wanted_view if self._wanted_view in self.accounts else ""
        return next((view for view in (ENVOY, ISTIOD) if view in self.accounts), "")

    @property
    def account(self) -> Account:
        """The account of the chosen view."""
        return self.accounts.get(self.view, NO_ACCOUNT)

    @once
    def node(self) -> Node | None:
        return self.accounts.get(ENVOY, NO_ACCOUNT).node

    @once
    def node_id(self) -> NodeId | None:
        return node_id_of(self.node)

    @property
    def kind(self) -> str:
        return proxy_kind(self.node_id)

    @once
    def workload(self) -> str:
        """The workload that the node names, else the pod's name without its ReplicaSet's suffix."""
        named = self.node.workload if self.node else ""
        return named or (found[1] if (found := re.fullmatch(_REPLICA, self.id.name)) else "")

    # --- live state ------------------------------------------------------------------------------------------------

    @once
    def server_info(self) -> ServerInfo | None:
        answer = self.answers.get("server_info")
        value = answer.value if answer else None
        return server_info(value, Location(answer.captured.document))[0] if answer and value is not None else None

    @once
    def live_clusters(self) -> dict[str, ClusterStatus] | None:
        """`/clusters` by cluster; None where it was not captured, or could not be read."""
        answer = self.answers.get("clusters")
        value = answer.value if answer else None
        if answer is None or answer.captured.document.failure:
            return None
        place = Location(answer.captured.document)
        if value is not None:
            statuses, _ = cluster_statuses(value, place)
        else:
            from meshscope.envoy.cluster_status_text import cluster_statuses_text  # most are JSON

            known = {resource.name for resource in self.resources(CLUSTER)}
            statuses, _ = cluster_statuses_text(answer.captured.document, known)
        return {status.name: status for status in statuses}

    @once
    def statistics(self) -> Statistics | None:
        """`/stats`; None where it was not captured."""
        answer = self.answers.get("stats")
        if answer is None or answer.captured.document.failure:
            return None
        from meshscope.envoy.counters import Statistics  # only where counters are shown
        from meshscope.envoy.stats import stats, stats_text

        value = answer.value
        place = Location(answer.captured.document)
        return Statistics(stats_text(answer.captured.document.body) if value is None else stats(value, place)[0])

    @once
    def runtime(self) -> Mapping[str, object]:
        """Runtime values by key: those in effect in the live proxy, else the static layers of its bootstrap."""
        answer = self.answers.get("runtime")
        if answer and (value := answer.value) is not None:
            from meshscope.envoy.runtime import runtime  # few recordings have it

            if (found := runtime(value, Location(answer.captured.document))) is not None:
                return found[0]
        bootstraps = (dump.bootstrap for dump in self.account.dumps)
        layers = (layer for one in bootstraps if isinstance(one, Bootstrap) for layer in one.layered_runtime.layers)
        return {key: value for layer in layers for key, value in layer.static_layer.items()}

    @once
    def name_table(self) -> DnsProxy | None:
        """The names that its agent resolves; None where they were not captured, or its node captures no DNS."""
        answer = self.answers.get("debug/ndsz")
        value = answer.value if answer else None
        if answer is None or value is None or (self.node and not self.node.flag("DNS_CAPTURE")):
            return None
        from meshscope.istio.debug.name_table import read_names  # few proxies have one
        from meshscope.istio.dns_proxy import DnsProxy

        hosts, _ = read_names(value, Location(answer.captured.document))
        return DnsProxy(hosts, self.id.namespace, self.node_id.domain if self.node_id else "")

    @property
    def envoy_version(self) -> str:
        """`1.40.0`, from the server itself, else from the node; "" where neither was captured."""
        info = self.server_info
        return (info.version if info else "") or (self.node.envoy_version if self.node else "")

    # --- resources -------------------------------------------------------------------------------------------------

    def has_evidence(self, kind: str) -> bool:
        """Whether a captured document covers this kind. Without evidence, an empty list does not mean that there are none."""
        return kind in self.account.by_kind

    def knows_all(self, kind: str) -> bool:
        """Whether a resource of the kind that is not listed is known not to exist."""
        return self.account.knows_all(kind) and not self.is_in_part

    @property
    def is_in_part(self) -> bool:
        """Whether some of its configuration was requested and not captured."""
        return bool(self.not_captured & _OF_A_VIEW[self.view])

    @once
    def lists_every_assignment(self) -> bool:
        """Whether clusters of every type have their assignment listed, as in Envoy's endpoint section; istiod's EDS and bare
        lists have those of type EDS only.
        """
        dumps = self.account.dumps if self.view == ENVOY else ()
        return any(ENDPOINTS in dump.evidence and dump.has_sections for dump in dumps)

    @property
    def is_whole(self) -> bool:
        """Whether Envoy's whole dump was captured: then a kind without a section has no resources."""
        return {BOOTSTRAP, LISTENER, CLUSTER, ROUTES} <= self.account.by_kind.keys()

    def resources(self, kind: str, *, in_effect: bool = True) -> tuple[Resource, ...]:
        found = self.account.by_kind.get(kind, ())
        return tuple([resource for resource in found if resource.state in IN_EFFECT]) if in_effect else found

    @once
    def _names(self) -> dict[str, dict[str, Resource]]:
        kinds = (LISTENER, CLUSTER, ROUTES, ENDPOINTS, ECDS)
        return {kind: {resource.name: resource for resource in self.resources(kind)} for kind in kinds}

    @property
    def listener_names(self) -> frozenset[str]:
        return frozenset(self._names[LISTENER])

    def resource(self, kind: str, name: str) -> Resource | None:
        return self._names[kind].get(name)

    def read(self, resource: Resource, kind: type[T]) -> T | Undecodable:
        return self.bodies.read(resource, kind)

    def listeners(self, *, in_effect: bool = True) -> Iterator[tuple[Resource, Listener | Undecodable]]:
        for resource in self.resources(LISTENER, in_effect=in_effect):
            yield resource, self.read(resource, Listener)

    def clusters(self, *, in_effect: bool = True) -> Iterator[tuple[Resource, Cluster | Undecodable]]:
        for resource in self.resources(CLUSTER, in_effect=in_effect):
            yield resource, self.read(resource, Cluster)

    def assignment(self, name: str) -> ClusterLoadAssignment | None:
        """The assignment under a cluster's `assignment_name`; None without evidence, and where it cannot be read."""
        resource = self.resource(ENDPOINTS, name)
        body = self.read(resource, ClusterLoadAssignment) if resource else None
        return body if isinstance(body, ClusterLoadAssignment) else None

    # --- route tables ----------------------------------------------------------------------------------------------

    def route_tables(self, *, in_effect: bool = True) -> tuple[RouteTable, ...]:
        """All route configurations. Envoy lists inline ones among the static ones; istiod has them in listeners only."""
        return self._tables_in_effect if in_effect else self._tables(in_effect=False)

    @once
    def _tables_in_effect(self) -> tuple[RouteTable, ...]:
        return self._tables(in_effect=True)

    def _tables(self, *, in_effect: bool) -> tuple[RouteTable, ...]:
        tables = [
            RouteTable(resource.name, resource.state, resource, resource.location)
            for resource in self.resources(ROUTES, in_effect=in_effect)
        ]
        listed = {table.name for table in tables if table.state == STATIC}
        tables.extend(table for table in self.inline_tables if table.name not in listed)
        return tuple(tables)

    @once
    def inline_tables(self) -> tuple[RouteTable, ...]:
        return tuple(inline_tables(self.listeners()))
