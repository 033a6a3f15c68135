"""Inputs of a matcher tree: what each names of a request and its connection, as text; None where it is absent.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/advanced/matching/matching_api
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

from msgspec.structs import replace

from meshscope.simulation.connection import Connection, Envoy, HttpRequest
from meshscope.simulation.headers.inline import CLIENT_CERT, GAP, is_hidden
from meshscope.simulation.matching.addresses import is_local
from meshscope.simulation.matching.header import GENERATED, GENERATES, header_values
from meshscope.simulation.matching.query import query_parameters
from meshscope.simulation.matching.tree import Inputs
from meshscope.simulation.verdict import Unknown
from meshscope.xds.extension import Extension
from meshscope.xds.matcher_message import ExtensionMatcher
from meshscope.xds.message import Undecodable, decode

_HTTP = "envoy.type.matcher.v3."
_NETWORK = "envoy.extensions.matching.common_inputs.network.v3."
_SOURCE_TYPE = f"{_NETWORK}SourceTypeInput"
_SSL = "envoy.extensions.matching.common_inputs.ssl.v3."


class _HeaderInput(ExtensionMatcher, frozen=True):
    header_name: str = ""


class _PlainInput(ExtensionMatcher, frozen=True):
    """Any input that has no fields."""


class _QueryInput(ExtensionMatcher, frozen=True):
    query_param: str = ""


def http_inputs(request: HttpRequest, connection: Connection, envoy: Envoy) -> Inputs:
    """Inputs of an HTTP tree. Values of a repeated header are joined by a comma in every version. The source is the client
    after `x-forwarded-for`, whose port is then 0.
    """
    if request.forwarded:
        direct = connection.direct_source_ip or connection.source_ip
        connection = replace(connection, source_ip=request.client_ip, source_port=0, direct_source_ip=direct)
    network = network_inputs(connection)

    def value(what: Extension) -> str | Unknown | None:
        if what.type_name == f"{_HTTP}HttpRequestHeaderMatchInput":
            header = decode(what.typed_config, _HeaderInput)
            if isinstance(header, Undecodable) or header.unread:
                return _unread(header)
            return _header(header, request, envoy)
        if what.type_name == f"{_HTTP}HttpRequestQueryParamMatchInput":
            query = decode(what.typed_config, _QueryInput)
            if isinstance(query, Undecodable) or query.unread:
                return _unread(query)
            decoded = ((unquote(name), unquote(text)) for name, text in query_parameters(request.path).items())
            return next((text for name, text in decoded if name == query.query_param), None)
        return network(what)

    return value


def _unread(what: ExtensionMatcher | Undecodable) -> Unknown:
    return Unknown(f"matcher input: {what.why if isinstance(what, Undecodable) else what.doubt}")


def _header(what: _HeaderInput, request: HttpRequest, envoy: Envoy) -> str | Unknown | None:
    values, name = header_values(what.header_name, request, envoy, individually=False), what.header_name.lower()
    if is_hidden(name, request.hidden):
        return Unknown(f"what a filter writes into header {name} is not known")
    if not values and name == GENERATED:
        return Unknown(GENERATES)
    if values and GAP in values[0] and name == CLIENT_CERT:
        return Unknown(f"what {GAP} stands for in {values[0]!r} is not known")
    return values[0] if values else None


def network_inputs(connection: Connection, *, is_pipe: bool | None = None) -> Inputs:
    """Facts of a connection. What is not given is unknown; `is_pipe` as in `is_local`."""

    def value(what: Extension) -> str | Unknown | None:
        if what.type_name not in _READERS and what.type_name != _SOURCE_TYPE:
            return Unknown(f"matcher input {what.type_name or what.name}")
        plain = decode(what.typed_config, _PlainInput)
        if isinstance(plain, Undecodable) or plain.unread:
            return _unread(plain)
        if what.type_name == _SOURCE_TYPE:
            local = is_local(connection, is_pipe=is_pipe)
            return Unknown("the source address is not given") if local is None else "local" if local else None
        return _READERS[what.type_name](connection)

    return value


def _given(value: object, what: str) -> str | Unknown:
    return Unknown(f"the {what} is not given") if value is None else str(value)


def _address(value: str | None, connection: Connection, what: str) -> str | Unknown | None:
    return _given(value, what) if connection.is_ip else None


def chain_inputs(connection: Connection, *, is_pipe: bool) -> Inputs:
    """Inputs of a filter chain matcher. A client without an IP address has neither address nor port."""
    of_network = network_inputs(connection, is_pipe=is_pipe)
    has_address = connection.is_ip or connection.source_ip is not None

    def value(what: Extension) -> str | Unknown | None:
        return None if what.type_name in _OF_SOURCES and not has_address else of_network(what)

    return value


_OF_SOURCES = frozenset(f"{_NETWORK}{name}Input" for name in ("SourceIP", "SourcePort", "DirectSourceIP"))


def _of_peer(connection: Connection, value: str) -> str | Unknown | None:
    """Absent over plaintext and without a certificate."""
    if connection.tls and connection.peer.presented is None:
        return Unknown("whether the client presents a certificate is not given")
    return value or None


_READERS: dict[str, Callable[[Connection], str | Unknown | None]] = {
    f"{_NETWORK}DestinationIPInput": lambda c: _address(c.destination_ip, c, "destination address"),
    f"{_NETWORK}DestinationPortInput": lambda c: _given(c.destination_port, "destination port") if c.is_ip else None,
    f"{_NETWORK}SourceIPInput": lambda c: _given(c.source_ip, "source address"),
    f"{_NETWORK}SourcePortInput": lambda c: _given(c.source_port, "source port"),
    f"{_NETWORK}DirectSourceIPInput": lambda c: _given(c.direct_source_ip or c.source_ip, "source address"),
    f"{_NETWORK}ServerNameInput": lambda c: c.sni or None,
    f"{_NETWORK}TransportProtocolInput": lambda c: c.transport_protocol or None,
    f"{_NETWORK}ApplicationProtocolInput": lambda c: ",".join(f"'{name}'" for name in c.alpn) or None,
    f"{_SSL}UriSanInput": lambda c: _of_peer(c, ",".join(c.peer.uri_sans)),
    f"{_SSL}DnsSanInput": lambda c: _of_peer(c, ",".join(c.peer.dns_sans)),
    f"{_SSL}SubjectInput": lambda c: _of_peer(c, c.peer.subject),
}
