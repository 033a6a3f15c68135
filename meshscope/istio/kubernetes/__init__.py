"""Kubernetes' own kinds, as far as a simulated request needs them, in the API's own words.

Defaults are the API server's. What the structs leave out stays in the object's body.
"""

from __future__ import annotations

from typing import TypeVar

from meshscope.istio.decoding import decoded
from meshscope.istio.kubernetes.cluster import Namespace, Node
from meshscope.istio.kubernetes.endpoints import Endpoints, EndpointSlice
from meshscope.istio.kubernetes.pod import Container, ContainerPort, Pod
from meshscope.istio.kubernetes.service import Service, ServicePort
from meshscope.istio.manifest import Object
from meshscope.path import written
from meshscope.snapshot.snapshot import Problem

__all__ = [
    "Container",
    "ContainerPort",
    "EndpointSlice",
    "Endpoints",
    "Namespace",
    "Node",
    "Pod",
    "Service",
    "ServicePort",
    "decode",
]

K = TypeVar("K", Service, Pod, EndpointSlice, Endpoints, Namespace, Node)


def decode(object_: Object, type_: type[K]) -> K | Problem:
    """The object's body as one of the kinds here; the caller chooses the one that fits `object_.kind`."""
    location = object_.location
    where = f"{object_} ({written(location.path)})" if location.path else str(object_)
    return decoded(object_.body, type_, location.document.name, where)
