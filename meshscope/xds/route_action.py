"""What a route does with a request.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.xds.matcher import HeaderMatcher, RegexMatcher
from meshscope.xds.message import Message, present
from meshscope.xds.metadata import Metadata
from meshscope.xds.route_match import RuntimeFractionalPercent


class HeaderValue(Message, frozen=True):
    key: str = ""
    value: str = ""
    raw_value: str = ""


class HeaderValueOption(Message, frozen=True):
    header: HeaderValue = HeaderValue()
    append: bool | None = None
    append_action: str = "APPEND_IF_EXISTS_OR_ADD"
    keep_empty_value: bool = False


class RegexMatchAndSubstitute(Message, frozen=True):
    pattern: RegexMatcher = RegexMatcher()
    substitution: str = ""


class ClusterWeight(Message, frozen=True):
    name: str = ""
    cluster_header: str = ""
    weight: int = 0
    metadata_match: Metadata | None = None
    request_headers_to_add: tuple[HeaderValueOption, ...] = ()
    request_headers_to_remove: tuple[str, ...] = ()
    response_headers_to_add: tuple[HeaderValueOption, ...] = ()
    response_headers_to_remove: tuple[str, ...] = ()
    typed_per_filter_config: dict[str, Raw] = {}
    host_rewrite_literal: str = ""


class WeightedCluster(Message, frozen=True):
    """`total_weight` is ignored by Envoy since 1.24: the sum counts."""

    clusters: tuple[ClusterWeight, ...] = ()
    total_weight: int | None = None
    runtime_key_prefix: str = ""
    header_name: str = ""
    use_hash_policy: bool | None = None


class RetryBackOff(Message, frozen=True):
    base_interval: str = ""
    max_interval: str = ""


class RetryPolicy(Message, frozen=True):
    retry_on: str = ""
    num_retries: int | None = None
    per_try_timeout: str = ""
    per_try_idle_timeout: str = ""
    retry_priority: Raw = Raw()
    retry_host_predicate: tuple[Raw, ...] = ()
    host_selection_retry_max_attempts: int = 0
    retriable_status_codes: tuple[int, ...] = ()
    retry_back_off: RetryBackOff | None = None
    retriable_headers: tuple[HeaderMatcher, ...] = ()
    retriable_request_headers: tuple[HeaderMatcher, ...] = ()


class HedgePolicy(Message, frozen=True):
    initial_requests: int | None = None
    hedge_on_per_try_timeout: bool = False


class RequestMirrorPolicy(Message, frozen=True):
    cluster: str = ""
    cluster_header: str = ""
    runtime_fraction: RuntimeFractionalPercent | None = None
    trace_sampled: bool | None = None


class RouteUpgradeConfig(Message, frozen=True):
    upgrade_type: str = ""
    enabled: bool | None = None
    connect_config: Raw = Raw()


class MaxStreamDuration(Message, frozen=True):
    max_stream_duration: str = ""
    grpc_timeout_header_max: str = ""
    grpc_timeout_header_offset: str = ""


class InternalRedirectPolicy(Message, frozen=True):
    max_internal_redirects: int | None = None
    redirect_response_codes: tuple[int, ...] = ()
    predicates: tuple[Raw, ...] = ()
    allow_cross_scheme_redirect: bool = False


class RouteAction(Message, frozen=True):
    """One of cluster, cluster_header, weighted_clusters, cluster_specifier_plugin(s) chooses the cluster."""

    cluster: str = ""
    cluster_header: str = ""
    weighted_clusters: WeightedCluster | None = None
    cluster_specifier_plugin: str = ""
    inline_cluster_specifier_plugin: Raw = Raw()
    cluster_not_found_response_code: str = "SERVICE_UNAVAILABLE"
    metadata_match: Metadata | None = None
    prefix_rewrite: str = ""
    regex_rewrite: RegexMatchAndSubstitute | None = None
    path_rewrite_policy: Raw = Raw()
    path_rewrite: str = ""
    host_rewrite_literal: str = ""
    auto_host_rewrite: bool | None = None
    host_rewrite_header: str = ""
    host_rewrite_path_regex: RegexMatchAndSubstitute | None = None
    host_rewrite: str = ""
    append_x_forwarded_host: bool = False
    timeout: str | None = None
    idle_timeout: str | None = None
    retry_policy: RetryPolicy | None = None
    request_mirror_policies: tuple[RequestMirrorPolicy, ...] = ()
    priority: str = "DEFAULT"
    rate_limits: tuple[Raw, ...] = ()
    include_vh_rate_limits: bool | None = None
    hash_policy: tuple[Raw, ...] = ()
    cors: Raw = Raw()
    max_grpc_timeout: str | None = None
    grpc_timeout_offset: str | None = None
    upgrade_configs: tuple[RouteUpgradeConfig, ...] = ()
    internal_redirect_policy: InternalRedirectPolicy | None = None
    hedge_policy: HedgePolicy | None = None
    max_stream_duration: MaxStreamDuration | None = None

    @property
    def cluster_names(self) -> tuple[str, ...]:
        """The clusters that are named here, in the order of the configuration; headers and plugins name none."""
        if self.weighted_clusters:
            return tuple(choice.name for choice in self.weighted_clusters.clusters if choice.name)
        return (self.cluster,) if self.cluster else ()

    @property
    def chosen_by(self) -> str:
        """How the cluster is chosen where the configuration does not name it: `header x-cluster`, `plugin lua`."""
        if self.cluster_header:
            return f"header {self.cluster_header}"
        if self.cluster_specifier_plugin:
            return f"plugin {self.cluster_specifier_plugin}"
        return "plugin" if present(self.inline_cluster_specifier_plugin) else ""


REDIRECT_CODES = {
    "MOVED_PERMANENTLY": 301,
    "FOUND": 302,
    "SEE_OTHER": 303,
    "TEMPORARY_REDIRECT": 307,
    "PERMANENT_REDIRECT": 308,
}


class RedirectAction(Message, frozen=True):
    https_redirect: bool = False
    scheme_redirect: str = ""
    host_redirect: str = ""
    port_redirect: int = 0
    path_redirect: str = ""
    prefix_rewrite: str = ""
    regex_rewrite: RegexMatchAndSubstitute | None = None
    response_code: str = "MOVED_PERMANENTLY"
    strip_query: bool = False

    @property
    def code(self) -> int:
        return REDIRECT_CODES.get(self.response_code, 301)

    def __str__(self) -> str:
        scheme = self.scheme_redirect or ("https" if self.https_redirect else "")
        host = self.host_redirect + (f":{self.port_redirect}" if self.port_redirect else "")
        path = self.path_redirect or (f"{self.prefix_rewrite}*" if self.prefix_rewrite else "")
        return f"{self.code} {scheme + '://' if scheme else ''}{host}{path}".rstrip()


class DirectResponseAction(Message, frozen=True):
    """`body` is a DataSource. A `body_format` writes another body, and may say another content type."""

    status: int = 200
    body: Raw = Raw()
    body_format: Raw = Raw()
