"""Protocol options of an HTTP connection manager.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/protocol.proto
"""

from __future__ import annotations

from meshscope.xds.message import Message


class HttpProtocolOptions(Message, frozen=True):
    """`headers_with_underscores_action` is ALLOW, REJECT_REQUEST or DROP_HEADER; None where Envoy's default holds."""

    idle_timeout: str | None = None
    max_connection_duration: str | None = None
    max_headers_count: int | None = None
    max_response_headers_kb: int | None = None
    max_stream_duration: str | None = None
    headers_with_underscores_action: str = "ALLOW"
    max_requests_per_connection: int | None = None


class Http1ProtocolOptions(Message, frozen=True):
    allow_absolute_url: bool | None = None
    accept_http_10: bool = False
    default_host_for_http_10: str = ""
    enable_trailers: bool = False
    allow_chunked_length: bool = False
    allow_custom_methods: bool = False


class Http2ProtocolOptions(Message, frozen=True):
    max_concurrent_streams: int | None = None
    allow_connect: bool = False
    override_stream_error_on_invalid_http_message: bool | None = None
