"""GRPCRoute. https://gateway-api.sigs.k8s.io/reference/spec/#grpcroute"""

from __future__ import annotations

from meshscope.istio.gateway_api.conditions import RouteStatus
from meshscope.istio.gateway_api.references import BackendRef, LocalObjectReference, ParentReference
from meshscope.istio.gateway_api.route_filters import HTTPHeaderFilter, HTTPRequestMirrorFilter, SessionPersistence
from meshscope.typed import Typed


class GRPCMethodMatch(Typed, frozen=True):
    """`type` is Exact or RegularExpression; an absent service or method is every one."""

    type: str = "Exact"
    service: str | None = None
    method: str | None = None


class GRPCHeaderMatch(Typed, frozen=True):
    """`type` is Exact or RegularExpression."""

    type: str = "Exact"
    name: str = ""
    value: str = ""


class GRPCRouteMatch(Typed, frozen=True):
    """All members must hold."""

    method: GRPCMethodMatch | None = None
    headers: tuple[GRPCHeaderMatch, ...] = ()


class GRPCRouteFilter(Typed, frozen=True, rename="camel"):
    """`type` says which of the others is used."""

    type: str = ""
    request_header_modifier: HTTPHeaderFilter | None = None
    response_header_modifier: HTTPHeaderFilter | None = None
    request_mirror: HTTPRequestMirrorFilter | None = None
    extension_ref: LocalObjectReference | None = None


class GRPCBackendRef(BackendRef, frozen=True):
    filters: tuple[GRPCRouteFilter, ...] = ()


class GRPCRouteRule(Typed, frozen=True, rename="camel"):
    """Any match will do; without one the rule takes every request."""

    name: str = ""
    matches: tuple[GRPCRouteMatch, ...] = ()
    filters: tuple[GRPCRouteFilter, ...] = ()
    backend_refs: tuple[GRPCBackendRef, ...] = ()
    session_persistence: SessionPersistence | None = None


class GRPCRouteSpec(Typed, frozen=True, rename="camel"):
    """Without `hostnames` those of the listeners."""

    parent_refs: tuple[ParentReference, ...] = ()
    hostnames: tuple[str, ...] = ()
    rules: tuple[GRPCRouteRule, ...] = ()
    use_default_gateways: str = ""


class GRPCRoute(Typed, frozen=True):
    spec: GRPCRouteSpec = GRPCRouteSpec()
    status: RouteStatus = RouteStatus()
