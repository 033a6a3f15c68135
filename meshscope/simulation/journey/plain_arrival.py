"""Where a connection arrives at an Envoy of whose host nothing is known: its sockets, and what may be redirected to them.

https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/listener_filters/original_dst_filter
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from meshscope.simulation.journey.destination import is_ip, is_loopback, joined
from meshscope.simulation.listener.choice import ChosenListener, Listeners

LOCALHOST = "localhost"


class Socket(Struct, frozen=True):
    """`ip` is the connection's destination, None where it is unknown. `listener` None: nothing listens there."""

    ip: str | None
    listener: ChosenListener | None
    assuming: tuple[str, ...] = ()


def sockets(listeners: Listeners, ip: str | None, port: int, host: str, *, own: bool) -> Iterator[Socket]:
    """Every way to arrive. `host` is what the request names; `own`: the address is the proxy's.

    The socket at the address comes first, then the only ones that a host's rules could redirect to; a name that nobody
    resolves may be the address of whatever listens on its port.
    """
    named = "127.0.0.1" if host.lower() == LOCALHOST else host if is_ip(host) else None
    if ip is None and named is not None and listeners.is_bound_to(named, port):
        ip = named
    listener = listeners.accepting(ip or "0.0.0.0", port)  # noqa: S104  # an address to look up
    if listener is not None:
        yield Socket(ip, listener)
        return
    there = ip or named
    redirecting = () if there and is_loopback(there) else listeners.redirecting(inbound=own)
    for one in redirecting:
        at = f" at {joined(one.ip, one.port)}" if one.ip and one.port else ""
        yield Socket(there, one, (f"connections to {there or host}:{port} are redirected to {one.name}{at}",))
    if redirecting:
        return
    candidates = () if there else listeners.at_port(port)
    for one in candidates:
        yield Socket(one.ip, one, (f"{host} is {one.ip}",))
    if not candidates:
        yield Socket(ip, None)
