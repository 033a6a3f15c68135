"""Namespace and Node: where things run."""

from __future__ import annotations

from msgspec import Struct

from meshscope.istio.kubernetes.metadata import Condition, Metadata


class NamespaceStatus(Struct, frozen=True):
    phase: str = ""


class Namespace(Struct, frozen=True):
    metadata: Metadata = Metadata()
    status: NamespaceStatus = NamespaceStatus()


class NodeAddress(Struct, frozen=True):
    """`type` is InternalIP, ExternalIP, Hostname, …"""

    type: str = ""
    address: str = ""


class NodeSpec(Struct, frozen=True):
    unschedulable: bool = False


class NodeInfo(Struct, frozen=True, rename="camel"):
    kubelet_version: str = ""


class NodeStatus(Struct, frozen=True, rename="camel"):
    addresses: tuple[NodeAddress, ...] = ()
    conditions: tuple[Condition, ...] = ()
    node_info: NodeInfo = NodeInfo()


class Node(Struct, frozen=True):
    metadata: Metadata = Metadata()
    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()
