"""The common parts of all Kubernetes objects: metadata and conditions.

https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
"""

from __future__ import annotations

from msgspec import Struct

from meshscope.istio.labels import Labels


class OwnerReference(Struct, frozen=True, rename="camel"):
    kind: str = ""
    name: str = ""
    controller: bool = False


class ObjectMetadata(Struct, frozen=True, rename="camel"):
    name: str = ""
    namespace: str = ""
    labels: Labels = Labels()
    annotations: Labels = Labels()
    owner_references: tuple[OwnerReference, ...] = ()
    deletion_timestamp: str = ""


class Condition(Struct, frozen=True):
    """`status` is True, False or Unknown."""

    type: str = ""
    status: str = ""
    reason: str = ""
