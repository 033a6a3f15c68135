"""Connections to a host: how many, how long, how they are kept alive. Durations are text; a number of 0 is Envoy's default.

https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings
"""

from __future__ import annotations

from meshscope.typed import Typed


class TcpKeepalive(Typed, frozen=True):
    probes: int = 0
    time: str = ""
    interval: str = ""


class TCPSettings(Typed, frozen=True, rename="camel"):
    max_connections: int = 0
    connect_timeout: str = ""
    tcp_keepalive: TcpKeepalive | None = None
    max_connection_duration: str = ""
    idle_timeout: str = ""


class HTTP2KeepAlive(Typed, frozen=True):
    interval: str = ""
    timeout: str = ""


class HTTPSettings(Typed, frozen=True, rename="camel"):
    http1_max_pending_requests: int = 0
    http2_max_requests: int = 0
    max_requests_per_connection: int = 0
    max_retries: int = 0
    idle_timeout: str = ""
    h2_upgrade_policy: str = "DEFAULT"
    use_client_protocol: bool = False
    max_concurrent_streams: int = 0
    http2_keep_alive: HTTP2KeepAlive | None = None


class ConnectionPoolSettings(Typed, frozen=True):
    tcp: TCPSettings | None = None
    http: HTTPSettings | None = None
