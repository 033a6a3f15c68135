"""Whether a client is local: `source_type: SAME_IP_OR_LOOPBACK` of a filter chain, `local` in a matcher tree.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener_components.proto#envoy-v3-api-enum-config-listener-v3-filterchainmatch-connectionsourcetype
"""

from __future__ import annotations

from meshscope.simulation.connection import Connection
from meshscope.simulation.ip_prefixes import Ip, ip_of

_LOOPBACK = (Ip(4, 0x7F000001), Ip(6, 1))


def is_local(connection: Connection, *, is_pipe: bool | None = None) -> bool | None:
    """A pipe, exactly 127.0.0.1 or ::1, or the address that the connection goes to; None where nobody said.

    `is_pipe`: what a connection without an IP address comes over; an internal listener's clients are not local.
    """
    source, destination = connection.source_ip, connection.destination_ip
    if not connection.is_ip and source is None:
        return is_pipe
    address = None if source is None else ip_of(source)
    if address in _LOOPBACK:
        return True
    if source is None or (connection.is_ip and destination is None):
        return None
    return address is not None and destination is not None and address == ip_of(destination)
