"""TCPRoute. https://gateway-api.sigs.k8s.io/reference/spec/#tcproute"""

from __future__ import annotations

from meshscope.istio.gateway_api.conditions import RouteStatus
from meshscope.istio.gateway_api.references import BackendRef, ParentReference
from meshscope.typed import Typed


class TCPRouteRule(Typed, frozen=True, rename="camel"):
    name: str = ""
    backend_refs: tuple[BackendRef, ...] = ()


class TCPRouteSpec(Typed, frozen=True, rename="camel"):
    parent_refs: tuple[ParentReference, ...] = ()
    rules: tuple[TCPRouteRule, ...] = ()
    use_default_gateways: str = ""


class TCPRoute(Typed, frozen=True):
    spec: TCPRouteSpec = TCPRouteSpec()
    status: RouteStatus = RouteStatus()
