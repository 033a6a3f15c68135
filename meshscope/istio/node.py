"""The node id that a proxy sends to istiod: `sidecar~10.1.2.3~pod.namespace~domain`."""

from __future__ import annotations

import re

from msgspec import Struct


class NodeId(Struct, frozen=True):
    """Parts of a node id. `ip` is the proxy's first address, `domain` its DNS search domain."""

    type: str
    ip: str
    name: str
    namespace: str
    domain: str

    @property
    def of_domain(self) -> str:
        """The namespace that istiod takes where the metadata names none (GetProxyConfigNamespace of model/context.go)."""
        first, dot, _ = self.domain.partition(".")
        return first if dot else ""

    def __str__(self) -> str:
        return f"{self.type}~{self.ip}~{self.name}.{self.namespace}~{self.domain}"


def parse_node_id(text: str) -> NodeId | None:
    """None unless there are exactly four parts, as istiod requires (pilot/pkg/model/context.go).

    Pod names may contain dots, namespaces may not. A missing namespace is the first label of the domain.
    """
    parts = text.split("~")
    if len(parts) != 4 or not re.fullmatch(r"[a-z][a-z-]*", parts[0]) or not parts[2]:
        return None
    type_, ip, workload, domain = parts
    name, dot, namespace = workload.rpartition(".")
    if not dot:
        name, namespace = workload, domain.partition(".")[0]
    return NodeId(type_, ip, name, namespace, domain)


_KINDS = {"sidecar": "sidecar", "router": "gateway", "ingress": "gateway", "waypoint": "waypoint", "ztunnel": "ztunnel"}


def kind_of_type(node_type: str) -> str:
    """The kind of proxy for a node type, which istiod's answers use too; `envoy` for a type unknown to Istio."""
    return _KINDS.get(node_type, "envoy")


def proxy_kind(node_id: NodeId | None) -> str:
    """sidecar, gateway, waypoint or ztunnel; `envoy` for a proxy without a node id of Istio."""
    return kind_of_type(node_id.type) if node_id else "envoy"
