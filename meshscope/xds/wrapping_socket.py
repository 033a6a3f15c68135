"""Transport sockets around another one, which makes the connection.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/internal_upstream/v3/internal_upstream.proto
https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/proxy_protocol/v3/upstream_proxy_protocol.proto
https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/http_11_proxy/v3/upstream_http_11_connect.proto
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.xds.extension import Extension
from meshscope.xds.message import Message


class WrappingSocket(Message, frozen=True):
    """One that only counts what passes (`tcp_stats`), or asks an HTTP/1.1 proxy for the connection. None is plain text."""

    transport_socket: Extension | None = None


class MetadataValueSource(Message, frozen=True):
    kind: Raw = Raw()
    name: str = ""


class InternalUpstreamTransport(WrappingSocket, frozen=True):
    """To an internal listener, with metadata that goes with the connection."""

    passthrough_metadata: tuple[MetadataValueSource, ...] = ()


class ProxyProtocolConfig(Message, frozen=True):
    version: str = "V1"


class ProxyProtocolUpstreamTransport(WrappingSocket, frozen=True):
    """Sends the client's addresses before all else."""

    config: ProxyProtocolConfig = ProxyProtocolConfig()
