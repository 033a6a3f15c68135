"""HTTPRoute. https://gateway-api.sigs.k8s.io/reference/spec/#httproute"""

from __future__ import annotations

from meshscope.istio.gateway_api.conditions import RouteStatus
from meshscope.istio.gateway_api.references import (
    BackendObjectReference,
    BackendRef,
    LocalObjectReference,
    ParentReference,
)
from meshscope.istio.gateway_api.route_filters import HTTPHeaderFilter, HTTPRequestMirrorFilter, SessionPersistence
from meshscope.typed import Typed


class HTTPPathMatch(Typed, frozen=True):
    """`type` is Exact, PathPrefix (of whole segments) or RegularExpression."""

    type: str = "PathPrefix"
    value: str = "/"


class HTTPHeaderMatch(Typed, frozen=True):
    """`type` is Exact or RegularExpression."""

    type: str = "Exact"
    name: str = ""
    value: str = ""


class HTTPQueryParamMatch(Typed, frozen=True):
    """`type` is Exact or RegularExpression."""

    type: str = "Exact"
    name: str = ""
    value: str = ""


class HTTPRouteMatch(Typed, frozen=True, rename="camel"):
    """All members must hold. An empty `method` is every method."""

    path: HTTPPathMatch = HTTPPathMatch()
    headers: tuple[HTTPHeaderMatch, ...] = ()
    query_params: tuple[HTTPQueryParamMatch, ...] = ()
    method: str = ""


class HTTPPathModifier(Typed, frozen=True, rename="camel"):
    """`type` says which of the others is used. An empty prefix is a value of its own."""

    type: str = ""
    replace_full_path: str | None = None
    replace_prefix_match: str | None = None


class HTTPRequestRedirectFilter(Typed, frozen=True, rename="camel"):
    scheme: str = ""
    hostname: str = ""
    path: HTTPPathModifier | None = None
    port: int | None = None
    status_code: int = 302


class HTTPURLRewriteFilter(Typed, frozen=True):
    hostname: str = ""
    path: HTTPPathModifier | None = None


class HTTPCORSFilter(Typed, frozen=True, rename="camel"):
    """`max_age` in seconds."""

    allow_origins: tuple[str, ...] = ()
    allow_credentials: bool | None = None
    allow_methods: tuple[str, ...] = ()
    allow_headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    max_age: int = 5


class GRPCAuthConfig(Typed, frozen=True, rename="camel"):
    allowed_headers: tuple[str, ...] = ()


class HTTPAuthConfig(Typed, frozen=True, rename="camel"):
    path: str = ""
    allowed_headers: tuple[str, ...] = ()
    allowed_response_headers: tuple[str, ...] = ()


class ForwardBodyConfig(Typed, frozen=True, rename="camel"):
    """`max_size` in bytes."""

    max_size: int = 0


class HTTPExternalAuthFilter(Typed, frozen=True, rename="camel"):
    """`protocol` is HTTP or GRPC."""

    protocol: str = ""
    backend_ref: BackendObjectReference = BackendObjectReference()
    grpc: GRPCAuthConfig | None = None
    http: HTTPAuthConfig | None = None
    forward_body: ForwardBodyConfig | None = None


class HTTPRouteFilter(Typed, frozen=True, rename="camel"):
    """`type` says which of the others is used."""

    type: str = ""
    request_header_modifier: HTTPHeaderFilter | None = None
    response_header_modifier: HTTPHeaderFilter | None = None
    request_mirror: HTTPRequestMirrorFilter | None = None
    request_redirect: HTTPRequestRedirectFilter | None = None
    url_rewrite: HTTPURLRewriteFilter | None = None
    cors: HTTPCORSFilter | None = None
    external_auth: HTTPExternalAuthFilter | None = None
    extension_ref: LocalObjectReference | None = None


class HTTPBackendRef(BackendRef, frozen=True):
    filters: tuple[HTTPRouteFilter, ...] = ()


class HTTPRouteTimeouts(Typed, frozen=True, rename="camel"):
    """Durations; `0s` is none."""

    request: str = ""
    backend_request: str = ""


class HTTPRouteRetry(Typed, frozen=True):
    """`codes` are HTTP's, `backoff` is a duration."""

    codes: tuple[int, ...] = ()
    attempts: int | None = None
    backoff: str = ""


class HTTPRouteRule(Typed, frozen=True, rename="camel"):
    """Any match will do; without one the rule takes every request."""

    name: str = ""
    matches: tuple[HTTPRouteMatch, ...] = ()
    filters: tuple[HTTPRouteFilter, ...] = ()
    backend_refs: tuple[HTTPBackendRef, ...] = ()
    timeouts: HTTPRouteTimeouts | None = None
    retry: HTTPRouteRetry | None = None
    session_persistence: SessionPersistence | None = None


class HTTPRouteSpec(Typed, frozen=True, rename="camel"):
    """Without `hostnames` those of the listeners."""

    parent_refs: tuple[ParentReference, ...] = ()
    hostnames: tuple[str, ...] = ()
    rules: tuple[HTTPRouteRule, ...] = (HTTPRouteRule(),)
    use_default_gateways: str = ""


class HTTPRoute(Typed, frozen=True):
    spec: HTTPRouteSpec = HTTPRouteSpec()
    status: RouteStatus = RouteStatus()
