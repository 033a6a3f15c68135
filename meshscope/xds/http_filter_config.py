"""Smaller HTTP filters, and the wrapper around any filter's configuration at a route.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-filterconfig
https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/http_filters
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.xds.data_source import DataSource
from meshscope.xds.matcher import HeaderMatcher
from meshscope.xds.message import Message


class FilterConfig(Message, frozen=True):
    """The wrapper: `disabled`, or a `config` that is in force even where a less specific level disabled the filter."""

    config: Raw = Raw()
    is_optional: bool = False
    disabled: bool = False


class Router(Message, frozen=True):
    """The last filter of a list."""

    suppress_envoy_headers: bool = False


class Buffer(Message, frozen=True):
    max_request_bytes: int | None = None


class BufferPerRoute(Message, frozen=True):
    disabled: bool = False
    buffer: Buffer | None = None


class HealthCheck(Message, frozen=True):
    pass_through_mode: bool = False
    cache_time: str = ""
    cluster_min_healthy_percentages: dict[str, Raw] = {}
    headers: tuple[HeaderMatcher, ...] = ()


class Lua(Message, frozen=True):
    inline_code: str = ""
    default_source_code: Raw = Raw()
    source_codes: dict[str, Raw] = {}


class LuaPerRoute(Message, frozen=True):
    disabled: bool = False
    name: str = ""
    source_code: Raw = Raw()


class BasicAuth(Message, frozen=True):
    """`users` are htpasswd lines; a dump may hide them."""

    users: DataSource = DataSource()
    forward_username_header: str = ""
    authentication_header: str = ""


class BasicAuthPerRoute(Message, frozen=True):
    users: DataSource = DataSource()


class ApiKeyCredential(Message, frozen=True):
    key: str = ""
    client: str = ""


class KeySource(Message, frozen=True):
    header: str = ""
    query: str = ""
    cookie: str = ""


class Forwarding(Message, frozen=True):
    header: str = ""
    hide_credentials: bool = False


class ApiKeyAuth(Message, frozen=True):
    credentials: tuple[ApiKeyCredential, ...] = ()
    key_sources: tuple[KeySource, ...] = ()
    forwarding: Forwarding | None = None


class ApiKeyAuthPerRoute(Message, frozen=True):
    """Empty fields leave the filter's own in force; `allowed_clients` narrows them down."""

    credentials: tuple[ApiKeyCredential, ...] = ()
    key_sources: tuple[KeySource, ...] = ()
    forwarding: Forwarding | None = None
    allowed_clients: tuple[str, ...] = ()


class DynamicForwardProxy(Message, frozen=True):
    """https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/dynamic_forward_proxy/v3/dynamic_forward_proxy.proto"""

    allow_dynamic_host_from_filter_state: bool = False


class DynamicForwardProxyPerRoute(Message, frozen=True):
    """One of the two is set."""

    host_rewrite_literal: str = ""
    host_rewrite_header: str = ""
