"""Where something listens or is reached.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/address.proto
"""

from __future__ import annotations

from meshscope.xds.matcher_message import MatcherPart
from meshscope.xds.message import Message


class SocketAddress(Message, frozen=True):
    protocol: str = "TCP"
    address: str = ""
    port_value: int = 0
    named_port: str = ""
    resolver_name: str = ""
    ipv4_compat: bool = False


class Pipe(Message, frozen=True):
    path: str = ""
    mode: int = 0


class EnvoyInternalAddress(Message, frozen=True):
    server_listener_name: str = ""
    endpoint_id: str = ""


class Address(Message, frozen=True):
    socket_address: SocketAddress | None = None
    pipe: Pipe | None = None
    envoy_internal_address: EnvoyInternalAddress | None = None

    def __str__(self) -> str:
        """As Envoy writes it: `1.2.3.4:80`, `[::1]:80`, a pipe's path, `envoy://LISTENER/ENDPOINT_ID`."""
        if self.socket_address:
            port = self.socket_address.named_port or self.socket_address.port_value
            host = self.socket_address.address
            return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        if self.pipe:
            return self.pipe.path
        if internal := self.envoy_internal_address:
            return f"envoy://{internal.server_listener_name}/{internal.endpoint_id}"
        return ""

    @property
    def host(self) -> str:
        """The IP or name without the port; a pipe's path; an internal address as it is written."""
        return self.socket_address.address if self.socket_address else str(self)

    @property
    def port(self) -> int | None:
        return self.socket_address.port_value if self.socket_address else None


class CidrRange(MatcherPart, frozen=True):
    address_prefix: str = ""
    prefix_len: int = 0

    def __str__(self) -> str:
        return f"{self.address_prefix}/{self.prefix_len}"
