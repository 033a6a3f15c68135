"""Deployment, StatefulSet, DaemonSet and ReplicaSet: what pods are made from.

https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/
"""

from __future__ import annotations

from meshscope.istio.kubernetes.label_selector import LabelSelector
from meshscope.istio.kubernetes.metadata import ObjectMetadata
from meshscope.istio.kubernetes.pod import PodSpec
from meshscope.typed import Typed

GROUP, KINDS = "apps", ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")


class PodTemplate(Typed, frozen=True):
    """`metadata` has the labels and annotations of the pods."""

    metadata: ObjectMetadata = ObjectMetadata()
    spec: PodSpec = PodSpec()


class WorkloadSpec(Typed, frozen=True):
    """A DaemonSet has no `replicas`; elsewhere absent is 1."""

    replicas: int | None = None
    selector: LabelSelector = LabelSelector()
    template: PodTemplate = PodTemplate()


class Workload(Typed, frozen=True):
    """One of KINDS of the group GROUP."""

    metadata: ObjectMetadata = ObjectMetadata()
    spec: WorkloadSpec = WorkloadSpec()
