"""Filters of HTTP and gRPC routes, and how sessions keep their endpoint.

https://gateway-api.sigs.k8s.io/reference/spec/#httproutefilter
"""

from __future__ import annotations

from meshscope.istio.gateway_api.references import BackendObjectReference
from meshscope.typed import Typed


class HTTPHeader(Typed, frozen=True):
    name: str = ""
    value: str = ""


class HTTPHeaderFilter(Typed, frozen=True):
    set: tuple[HTTPHeader, ...] = ()
    add: tuple[HTTPHeader, ...] = ()
    remove: tuple[str, ...] = ()


class Fraction(Typed, frozen=True):
    numerator: int = 0
    denominator: int = 100


class HTTPRequestMirrorFilter(Typed, frozen=True, rename="camel"):
    """`percent` and `fraction` exclude each other; without both every request is mirrored."""

    backend_ref: BackendObjectReference = BackendObjectReference()
    percent: int | None = None
    fraction: Fraction | None = None


class CookieConfig(Typed, frozen=True, rename="camel"):
    name: str = ""
    path: str = "/"
    lifetime_type: str = "Session"


class HeaderConfig(Typed, frozen=True):
    name: str = ""


class SessionPersistence(Typed, frozen=True, rename="camel"):
    """`absolute_timeout` is a duration."""

    absolute_timeout: str = ""
    type: str = "Cookie"
    cookie: CookieConfig | None = None
    header: HeaderConfig | None = None
