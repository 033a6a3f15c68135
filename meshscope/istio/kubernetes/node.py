"""Node: a machine that pods run on. https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/node-v1/"""

from __future__ import annotations

from msgspec import Struct

from meshscope.istio.kubernetes.metadata import Condition, ObjectMetadata


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


class KubernetesNode(Struct, frozen=True):
    metadata: ObjectMetadata = ObjectMetadata()
    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()
