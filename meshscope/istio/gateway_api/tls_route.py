"""TLSRoute. https://gateway-api.sigs.k8s.io/reference/spec/#tlsroute"""

from __future__ import annotations

from meshscope.istio.gateway_api.conditions import RouteStatus
from meshscope.istio.gateway_api.references import BackendRef, ParentReference
from meshscope.typed import Typed


class TLSRouteRule(Typed, frozen=True, rename="camel"):
    name: str = ""
    backend_refs: tuple[BackendRef, ...] = ()


class TLSRouteSpec(Typed, frozen=True, rename="camel"):
    """`hostnames` are compared with the SNI."""

    parent_refs: tuple[ParentReference, ...] = ()
    hostnames: tuple[str, ...] = ()
    rules: tuple[TLSRouteRule, ...] = ()
    use_default_gateways: str = ""


class TLSRoute(Typed, frozen=True):
    spec: TLSRouteSpec = TLSRouteSpec()
    status: RouteStatus = RouteStatus()
