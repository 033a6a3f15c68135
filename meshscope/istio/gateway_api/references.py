"""References to other objects. An empty `namespace` is the object's own, an empty `group` Kubernetes' core.

https://gateway-api.sigs.k8s.io/reference/spec/#parentreference
"""

from __future__ import annotations

from meshscope.typed import Typed

GROUP, EXPERIMENTAL = "gateway.networking.k8s.io", "gateway.networking.x-k8s.io"


class ParentReference(Typed, frozen=True, rename="camel"):
    """What a route is attached to. `section_name` is a listener or the name of a port, `port` its number; absent is all."""

    group: str = GROUP
    kind: str = "Gateway"
    namespace: str = ""
    name: str = ""
    section_name: str = ""
    port: int | None = None


class ParentGatewayReference(Typed, frozen=True):
    """The Gateway of a ListenerSet."""

    group: str = GROUP
    kind: str = "Gateway"
    namespace: str = ""
    name: str = ""


class BackendObjectReference(Typed, frozen=True):
    """`port` is that of a Service."""

    group: str = ""
    kind: str = "Service"
    name: str = ""
    namespace: str = ""
    port: int | None = None


class BackendRef(BackendObjectReference, frozen=True):
    weight: int = 1


class SecretObjectReference(Typed, frozen=True):
    group: str = ""
    kind: str = "Secret"
    name: str = ""
    namespace: str = ""


class LocalObjectReference(Typed, frozen=True):
    """Of the object's own namespace."""

    group: str = ""
    kind: str = ""
    name: str = ""


class ObjectReference(Typed, frozen=True):
    group: str = ""
    kind: str = ""
    name: str = ""
    namespace: str = ""


class ParametersReference(Typed, frozen=True):
    """Of a GatewayClass; a `namespace` for namespaced kinds."""

    group: str = ""
    kind: str = ""
    name: str = ""
    namespace: str = ""
