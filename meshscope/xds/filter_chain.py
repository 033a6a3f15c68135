"""Filter chains and what they match.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener_components.proto
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import field

from meshscope.xds.address import CidrRange
from meshscope.xds.extension import Extension
from meshscope.xds.http_connection_manager import HttpConnectionManager
from meshscope.xds.marks import FLAW, Enum
from meshscope.xds.matcher_message import MatcherMessage
from meshscope.xds.message import Message
from meshscope.xds.metadata import Metadata
from meshscope.xds.tcp_proxy import TcpProxy


class FilterChainMatch(MatcherMessage, frozen=True):
    """Criteria in the order in which Envoy narrows them down; an absent one matches everything."""

    destination_port: int | None = None
    prefix_ranges: tuple[CidrRange, ...] = ()
    address_suffix: str = ""
    suffix_len: int | None = None
    server_names: tuple[str, ...] = ()
    transport_protocol: str = ""
    application_protocols: tuple[str, ...] = ()
    direct_source_prefix_ranges: tuple[CidrRange, ...] = ()
    source_type: Enum = "ANY"
    source_prefix_ranges: tuple[CidrRange, ...] = ()
    source_ports: tuple[int, ...] = ()

    def criteria(self) -> Iterator[tuple[str, str]]:
        """Each criterion that is set, in the short words of istioctl's MATCH column."""
        if self.prefix_ranges:
            yield "Addr", _joined(self.prefix_ranges)
        if self.destination_port is not None:
            yield "Port", str(self.destination_port)
        texts = {
            "SNI": _joined(self.server_names),
            "Trans": self.transport_protocol,
            "App": _joined(self.application_protocols),
            "DirectSrc": _joined(self.direct_source_prefix_ranges),
            "SrcType": "" if self.source_type == "ANY" else self.source_type,
            "Src": _joined(self.source_prefix_ranges),
            "SrcPort": _joined(self.source_ports),
            "AddrSuffix": f"{self.address_suffix}/{self.suffix_len or 0}" if self.address_suffix else "",
        }
        yield from ((name, text) for name, text in texts.items() if text)
        yield from ((name, "not known to meshscope") for name in self.unread or ())

    def __str__(self) -> str:
        return "; ".join(f"{name}: {value}" for name, value in self.criteria()) or "ALL"


def _joined(values: tuple[object, ...]) -> str:
    return ",".join(str(value) for value in values)


class FilterChain(Message, frozen=True):
    """`flaw`: why it does not read; then only its name and match are known."""

    name: str = ""
    filter_chain_match: FilterChainMatch = FilterChainMatch()
    filters: tuple[Extension, ...] = ()
    transport_socket: Extension | None = None
    transport_socket_connect_timeout: str = "0s"
    use_proxy_proto: bool = False
    metadata: Metadata = Metadata()
    flaw: str = field(name=FLAW, default="")

    @property
    def http(self) -> tuple[int, HttpConnectionManager] | None:
        """The HTTP connection manager and its place in `filters`."""
        return next(
            ((i, f.config) for i, f in enumerate(self.filters) if isinstance(f.config, HttpConnectionManager)), None
        )

    @property
    def tcp(self) -> tuple[int, TcpProxy] | None:
        """The TCP proxy and its place in `filters`."""
        return next(((i, f.config) for i, f in enumerate(self.filters) if isinstance(f.config, TcpProxy)), None)
