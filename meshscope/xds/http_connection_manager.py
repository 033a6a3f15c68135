"""The HTTP connection manager.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.xds.address import CidrRange
from meshscope.xds.extension import Extension
from meshscope.xds.http_protocol_options import Http1ProtocolOptions, Http2ProtocolOptions, HttpProtocolOptions
from meshscope.xds.message import Message, decode, present
from meshscope.xds.route import RouteConfiguration


class Rds(Message, frozen=True):
    route_config_name: str = ""
    config_source: Raw = Raw()


class ScopedRds(Message, frozen=True):
    scoped_rds_config_source: Raw = Raw()
    srds_resources_locator: str = ""


class ScopedRouteConfigurationsList(Message, frozen=True):
    scoped_route_configurations: tuple[Raw, ...] = ()


class ScopedRoutes(Message, frozen=True):
    """`scope_key_builder` stays raw until something decides by it."""

    name: str = ""
    scope_key_builder: Raw = Raw()
    rds_config_source: Raw = Raw()
    scoped_rds: ScopedRds | None = None
    scoped_route_configurations_list: ScopedRouteConfigurationsList | None = None


class UpgradeConfig(Message, frozen=True):
    upgrade_type: str = ""
    filters: tuple[Extension, ...] = ()
    enabled: bool | None = None


class InternalAddressConfig(Message, frozen=True):
    unix_sockets: bool = False
    cidr_ranges: tuple[CidrRange, ...] = ()


class SchemeHeaderTransformation(Message, frozen=True):
    scheme_to_overwrite: str = ""
    match_upstream: bool = False


class SetCurrentClientCertDetails(Message, frozen=True):
    """`By` and `Hash` are always written."""

    subject: bool = False
    cert: bool = False
    chain: bool = False
    dns: bool = False
    uri: bool = False


class ForwardProtoConfig(Message, frozen=True):
    """Destination ports whose protocol is not that of the connection."""

    https_destination_ports: tuple[int, ...] = ()
    http_destination_ports: tuple[int, ...] = ()


class HttpConnectionManager(Message, frozen=True):
    """`route_config` is kept raw: an inline table is read when its routes are asked for."""

    stat_prefix: str = ""
    codec_type: str = "AUTO"
    rds: Rds | None = None
    route_config: Raw = Raw()
    scoped_routes: ScopedRoutes | None = None
    http_filters: tuple[Extension, ...] = ()
    access_log: tuple[Raw, ...] = ()
    tracing: Raw = Raw()
    common_http_protocol_options: HttpProtocolOptions = HttpProtocolOptions()
    http_protocol_options: Http1ProtocolOptions = Http1ProtocolOptions()
    http2_protocol_options: Http2ProtocolOptions = Http2ProtocolOptions()
    stream_idle_timeout: str = "300s"
    request_timeout: str = "0s"
    delayed_close_timeout: str = "1s"
    server_name: str = "envoy"
    server_header_transformation: str = "OVERWRITE"
    scheme_header_transformation: SchemeHeaderTransformation = SchemeHeaderTransformation()
    use_remote_address: bool | None = None
    xff_num_trusted_hops: int = 0
    original_ip_detection_extensions: tuple[Extension, ...] = ()
    early_header_mutation_extensions: tuple[Extension, ...] = ()
    internal_address_config: InternalAddressConfig | None = None
    skip_xff_append: bool = False
    append_x_forwarded_port: bool = False
    add_user_agent: bool | None = None
    via: str = ""
    generate_request_id: bool | None = None
    preserve_external_request_id: bool = False
    always_set_request_id_in_response: bool = False
    forward_client_cert_details: str = "SANITIZE"
    set_current_client_cert_details: SetCurrentClientCertDetails = SetCurrentClientCertDetails()
    forward_client_cert_matcher: Raw = Raw()
    proxy_100_continue: bool = False
    forward_proto_config: ForwardProtoConfig = ForwardProtoConfig()
    upgrade_configs: tuple[UpgradeConfig, ...] = ()
    normalize_path: bool | None = None
    merge_slashes: bool = False
    path_with_escaped_slashes_action: str = "IMPLEMENTATION_SPECIFIC_DEFAULT"
    strip_matching_host_port: bool = False
    strip_any_host_port: bool = False
    strip_trailing_host_dot: bool = False
    local_reply_config: Raw = Raw()
    max_request_headers_kb: int | None = None

    @property
    def inline_routes(self) -> RouteConfiguration | None:
        """The inline route configuration, where there is a readable one."""
        if not present(self.route_config):
            return None
        table = decode(self.route_config, RouteConfiguration)
        return table if isinstance(table, RouteConfiguration) else None
