"""Between gRPC and other forms of it: gRPC-Web, HTTP/1 bridges, Connect.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/grpc_web/v3/grpc_web.proto
https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/grpc_http1_bridge/v3/config.proto
https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/grpc_http1_reverse_bridge/v3/config.proto
https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/http/connect_grpc_bridge/v3/config.proto
"""

from __future__ import annotations

from meshscope.xds.message import Message


class GrpcWeb(Message, frozen=True):
    """It has no fields."""


class Http1Bridge(Message, frozen=True):
    upgrade_protobuf_to_grpc: bool = False
    ignore_query_parameters: bool = False


class ReverseBridge(Message, frozen=True):
    """`content_type` is what the upstream speaks."""

    content_type: str = ""
    withhold_grpc_frames: bool = False
    response_size_header: str = ""


class ReverseBridgePerRoute(Message, frozen=True):
    disabled: bool = False


class ConnectBridge(Message, frozen=True):
    """It has no fields."""
