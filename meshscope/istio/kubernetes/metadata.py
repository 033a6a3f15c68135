"""The common parts of all Kubernetes objects: metadata and conditions.

https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
"""

from __future__ import annotations

from meshscope.istio.labels import Labels
from meshscope.typed import Typed


class OwnerReference(Typed, frozen=True, rename="camel"):
    kind: str = ""
    name: str = ""
    controller: bool = False


class ObjectMetadata(Typed, frozen=True, rename="camel"):
    name: str = ""
    namespace: str = ""
    labels: Labels = Labels()
    annotations: Labels = Labels()
    owner_references: tuple[OwnerReference, ...] = ()
    deletion_timestamp: str = ""


class Condition(Typed, frozen=True):
    """`status` is True, False or Unknown."""

    type: str = ""
    status: str = ""
    reason: str = ""
