"""Route configurations, virtual hosts and routes.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route.proto
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.xds.cors import CorsPolicy
from meshscope.xds.extension import Extension
from meshscope.xds.message import Message
from meshscope.xds.metadata import Metadata
from meshscope.xds.route_action import (
    DirectResponseAction,
    HeaderValueOption,
    HedgePolicy,
    RedirectAction,
    RequestMirrorPolicy,
    RetryPolicy,
    RouteAction,
)
from meshscope.xds.route_match import RouteMatch


class Decorator(Message, frozen=True):
    operation: str = ""
    propagate: bool | None = None


class Route(Message, frozen=True):
    """One of route, redirect, direct_response, filter_action, non_forwarding_action is set."""

    name: str = ""
    match: RouteMatch = RouteMatch()
    route: RouteAction | None = None
    redirect: RedirectAction | None = None
    direct_response: DirectResponseAction | None = None
    filter_action: Raw = Raw()
    non_forwarding_action: Raw = Raw()
    metadata: Metadata = Metadata()
    decorator: Decorator | None = None
    typed_per_filter_config: dict[str, Raw] = {}
    request_headers_to_add: tuple[HeaderValueOption, ...] = ()
    request_headers_to_remove: tuple[str, ...] = ()
    response_headers_to_add: tuple[HeaderValueOption, ...] = ()
    response_headers_to_remove: tuple[str, ...] = ()
    tracing: Raw = Raw()
    stat_prefix: str = ""
    route_specifiers: tuple[Extension, ...] = ()


class VirtualCluster(Message, frozen=True):
    name: str = ""
    headers: tuple[Raw, ...] = ()


class VirtualHost(Message, frozen=True):
    name: str = ""
    domains: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()
    matcher: Raw = Raw()
    require_tls: str = "NONE"
    virtual_clusters: tuple[VirtualCluster, ...] = ()
    rate_limits: tuple[Raw, ...] = ()
    request_headers_to_add: tuple[HeaderValueOption, ...] = ()
    request_headers_to_remove: tuple[str, ...] = ()
    response_headers_to_add: tuple[HeaderValueOption, ...] = ()
    response_headers_to_remove: tuple[str, ...] = ()
    cors: CorsPolicy | None = None
    typed_per_filter_config: dict[str, Raw] = {}
    include_request_attempt_count: bool = False
    include_attempt_count_in_response: bool = False
    retry_policy: RetryPolicy | None = None
    hedge_policy: HedgePolicy | None = None
    request_mirror_policies: tuple[RequestMirrorPolicy, ...] = ()
    metadata: Metadata = Metadata()
    route_specifiers: tuple[Extension, ...] = ()


class RouteConfigurationHead(Message, frozen=True):
    """A route configuration without its virtual hosts, which may be many."""

    name: str = ""
    vhds: Raw = Raw()
    internal_only_headers: tuple[str, ...] = ()
    request_headers_to_add: tuple[HeaderValueOption, ...] = ()
    request_headers_to_remove: tuple[str, ...] = ()
    response_headers_to_add: tuple[HeaderValueOption, ...] = ()
    response_headers_to_remove: tuple[str, ...] = ()
    most_specific_header_mutations_wins: bool = False
    validate_clusters: bool | None = None
    max_direct_response_body_size_bytes: int = 4096
    cluster_specifier_plugins: tuple[Raw, ...] = ()
    request_mirror_policies: tuple[RequestMirrorPolicy, ...] = ()
    ignore_port_in_host_matching: bool = False
    ignore_path_parameters_in_path_matching: bool = False
    vhost_header: str = ""
    typed_per_filter_config: dict[str, Raw] = {}
    metadata: Metadata = Metadata()


class RouteConfiguration(RouteConfigurationHead, frozen=True):
    virtual_hosts: tuple[VirtualHost, ...] = ()


class RouteList(Message, frozen=True):
    """What a virtual host's `matcher` may lead to instead of one route."""

    routes: tuple[Route, ...] = ()


class ScopeKeyFragment(Message, frozen=True):
    string_key: str = ""


class ScopeKey(Message, frozen=True):
    fragments: tuple[ScopeKeyFragment, ...] = ()


class ScopedRouteConfiguration(Message, frozen=True):
    """A scope key leads to a route configuration, by name or inline."""

    name: str = ""
    on_demand: bool = False
    route_configuration_name: str = ""
    route_configuration: Raw = Raw()
    key: ScopeKey = ScopeKey()
