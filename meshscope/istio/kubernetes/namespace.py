"""Namespace. https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/namespace-v1/"""

from __future__ import annotations

from msgspec import Struct

from meshscope.istio.kubernetes.metadata import ObjectMetadata


class NamespaceStatus(Struct, frozen=True):
    phase: str = ""


class Namespace(Struct, frozen=True):
    metadata: ObjectMetadata = ObjectMetadata()
    status: NamespaceStatus = NamespaceStatus()
