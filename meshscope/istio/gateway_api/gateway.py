"""Gateway: listeners, and what runs them. https://gateway-api.sigs.k8s.io/reference/spec/#gateway"""

from __future__ import annotations

from msgspec import field

from meshscope.istio.gateway_api.conditions import Condition
from meshscope.istio.gateway_api.listener import Listener, ListenerStatus
from meshscope.istio.gateway_api.references import LocalObjectReference, ObjectReference, SecretObjectReference
from meshscope.istio.kubernetes.label_selector import LabelSelector
from meshscope.istio.labels import Labels
from meshscope.typed import Typed


class GatewaySpecAddress(Typed, frozen=True):
    type: str = "IPAddress"
    value: str = ""


class GatewayInfrastructure(Typed, frozen=True, rename="camel"):
    """For the objects that the controller makes."""

    labels: Labels = Labels()
    annotations: Labels = Labels()
    parameters_ref: LocalObjectReference | None = None


class ListenerNamespaces(Typed, frozen=True):
    """`from_` is All, Same, None or Selector, which uses `selector`."""

    from_: str = field(default="None", name="from")
    selector: LabelSelector | None = None


class AllowedListeners(Typed, frozen=True):
    """The ListenerSets that may attach."""

    namespaces: ListenerNamespaces = ListenerNamespaces()


class FrontendTLSValidation(Typed, frozen=True, rename="camel"):
    """Of clients' certificates."""

    ca_certificate_refs: tuple[ObjectReference, ...] = ()
    mode: str = "AllowValidOnly"


class TLSConfig(Typed, frozen=True):
    validation: FrontendTLSValidation | None = None


class TLSPortConfig(Typed, frozen=True):
    port: int = 0
    tls: TLSConfig = TLSConfig()


class FrontendTLSConfig(Typed, frozen=True, rename="camel"):
    default: TLSConfig = TLSConfig()
    per_port: tuple[TLSPortConfig, ...] = ()


class GatewayBackendTLS(Typed, frozen=True, rename="camel"):
    client_certificate_ref: SecretObjectReference | None = None


class GatewayTLSConfig(Typed, frozen=True):
    """`frontend` is towards clients, `backend` towards backends."""

    backend: GatewayBackendTLS | None = None
    frontend: FrontendTLSConfig | None = None


class GatewaySpec(Typed, frozen=True, rename="camel"):
    gateway_class_name: str = ""
    listeners: tuple[Listener, ...] = ()
    addresses: tuple[GatewaySpecAddress, ...] = ()
    infrastructure: GatewayInfrastructure | None = None
    allowed_listeners: AllowedListeners | None = None
    tls: GatewayTLSConfig | None = None
    default_scope: str = ""


class GatewayStatusAddress(Typed, frozen=True):
    type: str = "IPAddress"
    value: str = ""


class GatewayStatus(Typed, frozen=True, rename="camel"):
    addresses: tuple[GatewayStatusAddress, ...] = ()
    conditions: tuple[Condition, ...] = ()
    listeners: tuple[ListenerStatus, ...] = ()
    attached_listener_sets: int = 0


class Gateway(Typed, frozen=True):
    spec: GatewaySpec = GatewaySpec()
    status: GatewayStatus = GatewayStatus()
