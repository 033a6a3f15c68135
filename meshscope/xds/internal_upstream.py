"""The transport socket of a connection to an internal listener: another socket inside, and metadata that goes with it.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/internal_upstream/v3/internal_upstream.proto
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.xds.extension import Extension
from meshscope.xds.message import Message


class MetadataValueSource(Message, frozen=True):
    kind: Raw = Raw()
    name: str = ""


class InternalUpstreamTransport(Message, frozen=True):
    passthrough_metadata: tuple[MetadataValueSource, ...] = ()
    transport_socket: Extension | None = None
