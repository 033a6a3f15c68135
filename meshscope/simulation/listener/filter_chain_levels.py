"""The nine levels of a filter chain match, in Envoy's order: what a chain asks for, and which entry a connection takes.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener_components.proto#config-listener-v3-filterchainmatch
At each level the most specific entry that exists wins, and the search goes on in its branch alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct

from meshscope.simulation.connection import Connection
from meshscope.simulation.hints import DESTINATION, DIRECT_SOURCE, SOURCE_ADDRESS, SOURCE_PORT, Hint
from meshscope.simulation.matching.addresses import ANYWHERE, Ip, Prefix, Prefixes, ip_of, is_local, prefix_of
from meshscope.xds.address import CidrRange
from meshscope.xds.filter_chain import FilterChainMatch

Key = int | str | Prefix
"""One entry of a level; 0, "", ANY or ANYWHERE is the entry of the chains that do not ask."""

NO_IP = Ip(4, 0xFFFFFFFF)
"""What stands for the address of a pipe or an internal listener: only prefixes of length 0 hold it."""


class ChainFacts(Struct, frozen=True):
    """`is_pipe`: a connection without an IP is over a pipe, whose clients are local; an internal listener's are not."""

    connection: Connection
    is_pipe: bool = False


class Pick(Struct, frozen=True):
    """The entries that a connection takes: none, one, or all possible ones with the doubt.

    `hint`: what would decide it. `or_none`: that none fits is possible, too.
    """

    keys: tuple[Key, ...]
    doubt: str = ""
    hint: Hint | None = None
    or_none: bool = False


class Level(Struct, frozen=True):
    """`name` in the words of the field. `pick` takes an index that `index` made of the keys of one node.

    `actual` is what the connection has, in words.
    """

    name: str
    any: Key
    keys: Callable[[FilterChainMatch], Iterable[Key]]
    pick: Callable[[Any, ChainFacts], Pick]
    index: Callable[[Iterable[Any]], Any]
    actual: Callable[[ChainFacts], str]

    def fits(self, key: Key, facts: ChainFacts) -> bool:
        """Whether the connection would take this entry if there were no other."""
        return key == self.any or bool(self.pick(self.index((key,)), facts).keys)


def _first_of(index: frozenset[Key], *wanted: Key) -> Pick:
    """The first of the wanted entries that exists."""
    for key in wanted:
        if key in index:
            return Pick((key,))
    return Pick(())


def _all(index: Iterable[Key], of_any: Key, what: str, hint: Hint) -> Pick:
    keys = tuple(index)
    return Pick(keys, f"the {what} is not given", hint, of_any not in keys)


def _port(index: frozenset[Key], facts: ChainFacts) -> Pick:
    connection = facts.connection
    if not connection.is_ip:
        return _first_of(index, 0)
    if connection.destination_port is None:
        return _all(index, 0, "destination port", DESTINATION)
    return _first_of(index, connection.destination_port, 0)


def _prefix(
    address: Callable[[Connection], str | None], what: str, hint: Hint
) -> Callable[[Prefixes, ChainFacts], Pick]:
    def pick(index: Prefixes, facts: ChainFacts) -> Pick:
        connection = facts.connection
        text = address(connection)
        ip = NO_IP if text is None and not connection.is_ip else ip_of(text) if text is not None else None
        if ip is None:
            return _all(index.prefixes, ANYWHERE, what, hint)
        found = index.longest(ip)
        return Pick(found, "overlapping catch-all: Envoy's choice is not defined" if len(found) > 1 else "")

    return pick


def _server_name(index: frozenset[Key], facts: ChainFacts) -> Pick:
    """Exact, then `.suffix` from each dot after the first character, the longest first."""
    name = facts.connection.sni.lower()
    if name in index:
        return Pick((name,))
    dot = name.find(".", 1)
    while 0 < dot < len(name) - 1:
        if name[dot:] in index:
            return Pick((name[dot:],))
        dot = name.find(".", dot + 1)
    return _first_of(index, "")


def _server_names(match: FilterChainMatch) -> Iterable[Key]:
    return tuple(
        name.lower().removeprefix("*") if name.startswith("*.") else name.lower() for name in match.server_names
    )


def _source_type(index: frozenset[Key], facts: ChainFacts) -> Pick:
    if index == {"ANY"}:
        return Pick(("ANY",))
    inside, outside = _first_of(index, "SAME_IP_OR_LOOPBACK", "ANY"), _first_of(index, "EXTERNAL", "ANY")
    local = is_local(facts.connection, is_pipe=facts.is_pipe)
    if local is None:
        keys = tuple(dict.fromkeys(inside.keys + outside.keys))
        return Pick(keys, "the source address is not given", SOURCE_ADDRESS, not (inside.keys and outside.keys))
    return inside if local else outside


def _source_port(index: frozenset[Key], facts: ChainFacts) -> Pick:
    connection = facts.connection
    if not connection.is_ip and connection.source_ip is None:
        return _first_of(index, 0)
    if connection.source_port is None:
        return _all(index, 0, "source port", SOURCE_PORT)
    return _first_of(index, connection.source_port, 0)


def _source_types(match: FilterChainMatch) -> Iterable[Key]:
    return (_SOURCE_TYPES.get(match.source_type.upper(), "ANY"),)


_SOURCE_TYPES = {
    "ANY": "ANY", "SAME_IP_OR_LOOPBACK": "SAME_IP_OR_LOOPBACK", "EXTERNAL": "EXTERNAL",
    "LOCAL": "SAME_IP_OR_LOOPBACK", "1": "SAME_IP_OR_LOOPBACK", "2": "EXTERNAL", "0": "ANY", "": "ANY",
}  # fmt: skip


def doubt_about(match: FilterChainMatch) -> str:
    """What of a match is not known; "" where everything is."""
    if match.source_type.upper() not in _SOURCE_TYPES:
        return f"source_type {match.source_type} is not known to meshscope"
    return match.doubt


def _ranges(ranges: tuple[CidrRange, ...]) -> Iterable[Key]:
    return tuple(prefix for cidr in ranges if (prefix := prefix_of(cidr)) is not None)


def _direct(connection: Connection) -> str | None:
    """Without PROXY protocol the peer is the source."""
    return connection.direct_source_ip or connection.source_ip


def _value_words(facts: ChainFacts, value: object) -> str:
    if value is not None:
        return f"it is {value}"
    return "it is not given" if facts.connection.is_ip else "there is no IP address"


LEVELS = (
    Level("destination port", 0, lambda m: (m.destination_port or 0,), _port, frozenset,
          lambda f: _value_words(f, f.connection.destination_port)),
    Level("destination", ANYWHERE, lambda m: _ranges(m.prefix_ranges),
          _prefix(lambda c: c.destination_ip, "destination address", DESTINATION), Prefixes,
          lambda f: _value_words(f, f.connection.destination_ip)),
    Level("SNI", "", _server_names, _server_name, frozenset,
          lambda f: f"the client sends {f.connection.sni}" if f.connection.sni else "no SNI was detected"),
    Level("transport protocol", "", lambda m: (m.transport_protocol,),
          lambda index, f: _first_of(index, f.connection.transport_protocol, ""), frozenset,
          lambda f: _protocol_words(f.connection)),
    Level("application protocol", "", lambda m: m.application_protocols,
          lambda index, f: _first_of(index, *f.connection.alpn, ""), frozenset,
          lambda f: f"detected: {', '.join(f.connection.alpn)}" if f.connection.alpn else "none was detected"),
    Level("direct source", ANYWHERE, lambda m: _ranges(m.direct_source_prefix_ranges),
          _prefix(_direct, "direct source address", DIRECT_SOURCE), Prefixes,
          lambda f: _value_words(f, _direct(f.connection))),
    Level("source type", "ANY", _source_types, _source_type, frozenset,
          lambda f: "the client is local" if is_local(f.connection, is_pipe=f.is_pipe) else "the client is external"),
    Level("source", ANYWHERE, lambda m: _ranges(m.source_prefix_ranges),
          _prefix(lambda c: c.source_ip, "source address", SOURCE_ADDRESS), Prefixes,
          lambda f: _value_words(f, f.connection.source_ip)),
    Level("source port", 0, lambda m: m.source_ports, _source_port, frozenset,
          lambda f: _value_words(f, f.connection.source_port)),
)  # fmt: skip


def _protocol_words(connection: Connection) -> str:
    if connection.transport_protocol == "raw_buffer" and connection.tls:
        return "the client speaks TLS, but no listener filter looks at it"
    protocol = {"raw_buffer": "plain text", "tls": "TLS"}.get(connection.transport_protocol)
    return f"the client speaks {protocol or connection.transport_protocol}"
