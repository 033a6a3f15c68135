"""UDPRoute. https://gateway-api.sigs.k8s.io/reference/spec/#udproute"""

from __future__ import annotations

from meshscope.istio.gateway_api.conditions import RouteStatus
from meshscope.istio.gateway_api.references import BackendRef, ParentReference
from meshscope.typed import Typed


class UDPRouteRule(Typed, frozen=True, rename="camel"):
    name: str = ""
    backend_refs: tuple[BackendRef, ...] = ()


class UDPRouteSpec(Typed, frozen=True, rename="camel"):
    parent_refs: tuple[ParentReference, ...] = ()
    rules: tuple[UDPRouteRule, ...] = ()
    use_default_gateways: str = ""


class UDPRoute(Typed, frozen=True):
    spec: UDPRouteSpec = UDPRouteSpec()
    status: RouteStatus = RouteStatus()
