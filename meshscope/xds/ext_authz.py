"""The external authorizer, for HTTP and for connections.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/ext_authz/v3/ext_authz.proto
"""

from __future__ import annotations

from typing import Any

from meshscope.xds.matcher import MetadataMatcher
from meshscope.xds.message import Message
from meshscope.xds.rate_limit import HttpStatus
from meshscope.xds.route_match import RuntimeFractionalPercent


class RuntimeFeatureFlag(Message, frozen=True):
    default_value: bool = False
    runtime_key: str = ""


class BufferSettings(Message, frozen=True):
    max_request_bytes: int = 0
    allow_partial_message: bool = False


class ExtAuthz(Message, frozen=True):
    """`grpc_service` or `http_service` says who decides."""

    grpc_service: dict[str, Any] = {}
    http_service: dict[str, Any] = {}
    failure_mode_allow: bool = False
    failure_mode_allow_header_add: bool = False
    status_on_error: HttpStatus = HttpStatus()
    clear_route_cache: bool = False
    filter_enabled: RuntimeFractionalPercent | None = None
    filter_enabled_metadata: MetadataMatcher | None = None
    deny_at_disable: RuntimeFeatureFlag | None = None
    with_request_body: BufferSettings | None = None
    stat_prefix: str = ""

    @property
    def server(self) -> str:
        """The cluster or address that is asked, "" where nothing names one."""
        grpc = self.grpc_service.get("envoy_grpc") or self.grpc_service.get("google_grpc") or {}
        uri = self.http_service.get("server_uri") or {}
        found = grpc.get("cluster_name") or grpc.get("target_uri") or uri.get("cluster") or uri.get("uri")
        return found if isinstance(found, str) else ""

    @property
    def cluster(self) -> str:
        """The cluster that is asked, "" where it is none."""
        found = (self.grpc_service.get("envoy_grpc") or {}).get("cluster_name")
        found = found or (self.http_service.get("server_uri") or {}).get("cluster")
        return found if isinstance(found, str) else ""


class CheckSettings(Message, frozen=True):
    disable_request_body_buffering: bool = False
    with_request_body: BufferSettings | None = None


class ExtAuthzPerRoute(Message, frozen=True):
    disabled: bool = False
    check_settings: CheckSettings = CheckSettings()
