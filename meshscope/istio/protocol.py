"""Which protocol Istio assumes on a port of a service.

https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/ : `appProtocol`, else the port's name;
what neither tells is sniffed, but for some well-known ports.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Family(StrEnum):
    """What a port's protocol means for routing."""

    HTTP = "HTTP"
    """HTTP, HTTP/2, gRPC: the `http` rules of a VirtualService apply."""
    TLS = "TLS"
    """HTTPS and TLS, which are not looked into: the `tls` rules apply."""
    TCP = "TCP"
    """Everything else that is named: the `tcp` rules apply."""
    AUTO = "auto"
    """Sniffed: `http` rules apply to what turns out to be HTTP, `tcp` rules to the rest."""
    UDP = "UDP"
    """Not proxied."""


class Protocol(Struct, frozen=True):
    """`name` as istiod writes it. `because` says what decided: `its appProtocol`, `its name`, …"""

    name: str
    family: Family
    because: str


_HTTP = {"http": "HTTP", "http2": "HTTP2", "grpc": "GRPC", "grpc-web": "GRPC-Web", "http_proxy": "HTTP_PROXY"}
_TLS = {"https": "HTTPS", "tls": "TLS"}
_TCP = {"tcp": "TCP", "mongo": "Mongo", "redis": "Redis", "mysql": "MySQL"}
_NAMED = {
    **{word: (name, Family.HTTP) for word, name in _HTTP.items()},
    **{word: (name, Family.TLS) for word, name in _TLS.items()},
    **{word: (name, Family.TCP) for word, name in _TCP.items()},
    "udp": ("UDP", Family.UDP),
}
_OF_KUBERNETES = {"kubernetes.io/h2c": "http2", "kubernetes.io/ws": "http", "kubernetes.io/wss": "https"}
_KNOWN_PORTS = {25: "SMTP", 53: "DNS", 3306: "MySQL", 27017: "MongoDB"}
"""Servers that speak first on these ports could not be sniffed."""


def protocol_of(number: int, name: str, app_protocol: str = "", transport: str = "TCP") -> Protocol:
    """Of a port with that number and name. `transport` is Kubernetes' `protocol`."""
    if transport.upper() == "UDP":
        return Protocol("UDP", Family.UDP, "its protocol is UDP")
    text, source = (app_protocol, "its appProtocol") if app_protocol else (name, "its name")
    if found := _NAMED.get(_word(text)):
        return Protocol(*found, f"{source} is {text}")
    if number in _KNOWN_PORTS:
        return Protocol("TCP", Family.TCP, f"port {number} is {_KNOWN_PORTS[number]}'s")
    return Protocol("auto", Family.AUTO, f"{source} is {text}" if text else "it has no name")


def _word(text: str) -> str:
    lower = _OF_KUBERNETES.get(text, text).lower()
    return "grpc-web" if lower.startswith("grpc-web") else lower.partition("-")[0]
