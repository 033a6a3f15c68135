"""Listeners of a Gateway or a ListenerSet: port, protocol, host, TLS, and which routes may attach.

https://gateway-api.sigs.k8s.io/reference/spec/#listener
"""

from __future__ import annotations

from msgspec import field

from meshscope.istio.gateway_api.conditions import Condition
from meshscope.istio.gateway_api.references import GROUP, SecretObjectReference
from meshscope.istio.kubernetes.label_selector import LabelSelector
from meshscope.istio.labels import Labels
from meshscope.typed import Typed


class RouteNamespaces(Typed, frozen=True):
    """`from_` is All, Same or Selector, which uses `selector`."""

    from_: str = field(default="Same", name="from")
    selector: LabelSelector | None = None


class RouteGroupKind(Typed, frozen=True):
    group: str = GROUP
    kind: str = ""


class AllowedRoutes(Typed, frozen=True):
    """Without `kinds` those that fit the listener's protocol."""

    namespaces: RouteNamespaces = RouteNamespaces()
    kinds: tuple[RouteGroupKind, ...] = ()


class ListenerTLSConfig(Typed, frozen=True, rename="camel"):
    """`mode` is Terminate or Passthrough."""

    mode: str = "Terminate"
    certificate_refs: tuple[SecretObjectReference, ...] = ()
    options: Labels = Labels()


class Listener(Typed, frozen=True, rename="camel"):
    """An empty `hostname` is every host."""

    name: str = ""
    hostname: str = ""
    port: int = 0
    protocol: str = ""
    tls: ListenerTLSConfig | None = None
    allowed_routes: AllowedRoutes = AllowedRoutes()


class ListenerStatus(Typed, frozen=True, rename="camel"):
    name: str = ""
    supported_kinds: tuple[RouteGroupKind, ...] = ()
    attached_routes: int = 0
    conditions: tuple[Condition, ...] = ()
