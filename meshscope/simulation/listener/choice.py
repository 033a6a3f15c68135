"""Which listener takes a connection: the kernel's choice among sockets, then Envoy's by original destination.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/listeners/listeners
https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener.proto (use_original_dst, bind_to_port)
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import cached_property, lru_cache

from msgspec import Struct

from meshscope.simulation.trace import Rejected
from meshscope.xds.address import Address, SocketAddress
from meshscope.xds.listener import Listener
from meshscope.xds.message import present

Named = tuple[str, Listener]
_ANY_IP = {4: "0.0.0.0", 6: "::"}  # noqa: S104  # what a configuration says, nothing is bound here


class ChosenListener(Struct, frozen=True):
    """`name` as the caller knows the listener. `ip` and `port` are where it accepted, None where that is not known.

    `assuming`: what would have to hold for it to be the one.
    """

    name: str
    listener: Listener
    because: str
    ip: str | None = None
    port: int | None = None
    assuming: tuple[str, ...] = ()


class Listeners:
    """Listeners in effect (active and static ones), indexed by address; build it once for each proxy.

    `unplaced` is what is assumed where one might take a connection whose address does not read.
    """

    def __init__(self, listeners: Iterable[Named]) -> None:
        self._listeners = tuple(listeners)
        self.unplaced = tuple(
            f"listener {name} is at another address; it does not read: {each.flaw}"
            for name, each in self._listeners
            if each.flaw and not each.is_internal and each.address == Address()
        )

    def accepting(self, ip: str, port: int, *, protocol: str = "TCP") -> ChosenListener | None:
        """The bound listener whose socket the kernel gives a connection to: the exact address goes before the wildcard."""
        for address, why in self._candidates(ip):
            found = self._bound.get((protocol, address, port))
            if found:
                return ChosenListener(*found, why, canonical(ip), port, self._unless_nearer(why))
        return None

    def is_bound_to(self, ip: str, port: int) -> bool:
        """Whether a socket is bound to this very address."""
        return ("TCP", canonical(ip), port) in self._bound

    def redirecting(self, *, inbound: bool) -> tuple[ChosenListener, ...]:
        """Bound listeners that restore the original destination: a host's rules may redirect connections to them."""
        unwanted = "OUTBOUND" if inbound else "INBOUND"
        return tuple(
            ChosenListener(name, each, "redirected connections", each.address.host or None, each.address.port)
            for name, each in self._listeners
            if each.binds and each.restores_destination and each.traffic_direction != unwanted
        )

    def at_port(self, port: int) -> tuple[ChosenListener, ...]:
        """Bound listeners of a TCP port at whatever address."""
        found = {
            named[0]: (named, ip)
            for (protocol, ip, at), named in self._bound.items()
            if (protocol, at) == ("TCP", port)
        }
        return tuple(ChosenListener(*named, f"address {ip}", ip, port) for named, ip in found.values())

    @property
    def sockets(self) -> Iterable[tuple[str, int]]:
        """The addresses and ports of all bound TCP sockets."""
        return ((ip, port) for protocol, ip, port in self._bound if protocol == "TCP")

    def _unless_nearer(self, why: str) -> tuple[str, ...]:
        """An exact address is one listener's alone; before a wildcard another may go."""
        return self.unplaced if why.startswith("wildcard") else ()

    def at_pipe(self, path: str) -> ChosenListener | None:
        found = self._bound.get(("pipe", path, 0))
        return ChosenListener(*found, "the pipe's path") if found else None

    def internal(self, name: str) -> ChosenListener | None:
        """The internal listener that an endpoint's `server_listener_name` names."""
        return next(
            (
                ChosenListener(n, each, "internal listener")
                for n, each in self._listeners
                if each.is_internal and each.name == name
            ),
            None,
        )

    def named(self, name: str) -> ChosenListener | None:
        """A listener by its name, as if it had accepted."""
        return next((ChosenListener(n, each, "named") for n, each in self._listeners if name in (n, each.name)), None)

    def handed_off(self, entry: ChosenListener, ip: str | None, port: int | None) -> ChosenListener | None:
        """The listener that takes over by the original destination; None: the connection stays where it is.

        Only a listener with `use_original_dst` hands off, once, and only what was redirected to it. The bound state of
        the other listener does not matter, and there is no way back.
        """
        if not entry.listener.use_original_dst or ip is None or port is None:
            return None
        if (canonical(ip), port) == (entry.ip, entry.port):
            return None
        for address, why in self._candidates(ip):
            found = self._any.get(("TCP", address, port))
            if found:
                return ChosenListener(*found, why, canonical(ip), port, self._unless_nearer(why))
        return None

    def wildcard(self, port: int) -> ChosenListener | None:
        """The listener of any address that takes over a port; for a destination whose address is not known."""
        for address in _ANY_IP.values():
            found = self._any.get(("TCP", address, port))
            if found:
                return ChosenListener(*found, f"wildcard {address}", None, port, self.unplaced)
        return None

    def explain(
        self,
        ip: str,
        port: int,
        taken: ChosenListener | None,
        *,
        entry: ChosenListener | None = None,
        stopped: Iterable[tuple[str, Listener, str]] = (),
    ) -> tuple[Rejected, ...]:
        """Listeners of the same port that did not take the connection, the nearest first.

        `entry` is the accepting listener where hand-off decides. `stopped` are those that are not in effect, with their
        state (warming, draining, rejected).
        """
        lost = [
            Rejected(name, because, near=near)
            for name, listener in self._listeners
            if (taken is None or name != taken.name) and (entry is None or name != entry.name)
            for near, because in self._near(listener, ip, port, taken, entry)[:1]
        ]
        lost += [
            Rejected(name, f"{state}: it takes no connections", near=0)
            for name, listener, state in stopped
            if any(address.port == port for address in listener.addresses)
        ]
        return tuple(sorted(lost, key=lambda each: each.near))

    def _near(
        self, listener: Listener, ip: str, port: int, taken: ChosenListener | None, entry: ChosenListener | None
    ) -> list[tuple[int, str]]:
        reasons = []
        for address in listener.addresses:
            socket = address.socket_address
            if socket is None or socket.port_value != port:
                continue
            own, wanted = canonical(socket.address), canonical(ip)
            fits = any(own == candidate for candidate, _ in self._candidates(ip))
            if protocol_of(socket) == "UDP":
                reasons.append((3, "it listens on UDP"))
            elif fits and entry is None and not listener.binds:
                reasons.append((1, "not bound to its port, and no listener with use_original_dst hands over to it"))
            elif fits:
                reasons.append(
                    (0, f"shadowed by {taken.name}: the exact address goes first" if taken else "it is stopped")
                )
            elif own in _ANY_IP.values():
                reasons.append((2, f"wrong family: {address} takes no {'IPv6' if ':' in wanted else 'IPv4'}"))
            else:
                reasons.append((4, f"other address: {address}"))
        return sorted(reasons)

    @staticmethod
    def _candidates(ip: str) -> tuple[tuple[str, str], ...]:
        wanted = canonical(ip)
        wildcard = _ANY_IP[6 if ":" in wanted else 4]
        return (wanted, "exact address"), (wildcard, f"wildcard {wildcard}")

    @cached_property
    def _bound(self) -> dict[tuple[str, str, int], Named]:
        return _indexed(each for each in self._listeners if each[1].binds)

    @cached_property
    def _any(self) -> dict[tuple[str, str, int], Named]:
        return _indexed(each for each in self._listeners if not each[1].is_internal)


def _indexed(listeners: Iterable[Named]) -> dict[tuple[str, str, int], Named]:
    """By protocol, address and port. `::` with ipv4_compat is `0.0.0.0` too, unless another listener holds that."""
    index: dict[tuple[str, str, int], Named] = {}
    compatible: dict[tuple[str, str, int], Named] = {}
    for name, listener in listeners:
        for address in listener.addresses:
            index.setdefault(_key(address), (name, listener))
            socket = address.socket_address
            if socket and socket.ipv4_compat and canonical(socket.address) == _ANY_IP[6]:
                compatible.setdefault((protocol_of(socket), _ANY_IP[4], socket.port_value), (name, listener))
    return compatible | index


def _key(address: Address) -> tuple[str, str, int]:
    if address.socket_address:
        return (
            protocol_of(address.socket_address),
            canonical(address.socket_address.address),
            address.socket_address.port_value,
        )
    return "pipe", str(address), 0


def protocol_of(socket: SocketAddress) -> str:
    return "UDP" if socket.protocol.upper() == "UDP" else "TCP"


@lru_cache(maxsize=65_536)
def canonical(ip: str) -> str:
    """An IP as Envoy writes it; other text as it is."""
    try:
        return str(ipaddress.ip_address(ip))
    except ValueError:
        return ip


def is_quic(listener: Listener) -> bool:
    """A UDP listener with filter chains: HTTP/3."""
    return present(listener.udp_listener_config) and bool(listener.filter_chains)
