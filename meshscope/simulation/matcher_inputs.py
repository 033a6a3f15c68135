"""Inputs of a matcher tree: what each names of a request and its connection, as text; None where it is absent.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/advanced/matching/matching_api
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

from meshscope.simulation.connection import Connection, Envoy, HttpRequest
from meshscope.simulation.header_match import GENERATED, header_values
from meshscope.simulation.matcher_tree import Inputs, Unknown
from meshscope.simulation.query_match import query_parameters
from meshscope.xds.extension import Extension
from meshscope.xds.message import Message, decode

_HTTP = "envoy.type.matcher.v3."
_NETWORK = "envoy.extensions.matching.common_inputs.network.v3."
_SSL = "envoy.extensions.matching.common_inputs.ssl.v3."


class _HeaderInput(Message, frozen=True):
    header_name: str = ""


class _QueryInput(Message, frozen=True):
    query_param: str = ""


def http_inputs(request: HttpRequest, connection: Connection, envoy: Envoy) -> Inputs:
    """Inputs of an HTTP tree. Values of a repeated header are joined by a comma in every version."""
    network = network_inputs(connection)

    def value(what: Extension) -> str | Unknown | None:
        if what.type_name == f"{_HTTP}HttpRequestHeaderMatchInput":
            header = decode(what.typed_config, _HeaderInput)
            if not isinstance(header, _HeaderInput):
                return Unknown(header.why)
            values = header_values(header.header_name, request, envoy, individually=False)
            if not values and header.header_name.lower() == GENERATED:
                return Unknown(f"Envoy generates {GENERATED} unless it is told not to")
            return values[0] if values else None
        if what.type_name == f"{_HTTP}HttpRequestQueryParamMatchInput":
            query = decode(what.typed_config, _QueryInput)
            if not isinstance(query, _QueryInput):
                return Unknown(query.why)
            decoded = ((unquote(name), unquote(text)) for name, text in query_parameters(request.path).items())
            return next((text for name, text in decoded if name == query.query_param), None)
        return network(what)

    return value


def network_inputs(connection: Connection) -> Inputs:
    """Inputs of a filter chain matcher. A fact that nobody said is unknown."""

    def value(what: Extension) -> str | Unknown | None:
        read = _READERS.get(what.type_name)
        return read(connection) if read else Unknown(f"matcher input {what.type_name or what.name}")

    return value


def _said(value: object, what: str) -> str | Unknown:
    return Unknown(f"nobody said the {what}") if value is None else str(value)


def _address(value: str | None, connection: Connection, what: str) -> str | Unknown | None:
    return _said(value, what) if connection.is_ip else None


def _of_peer(connection: Connection, value: str) -> str | Unknown | None:
    """Absent over plaintext and without a certificate."""
    if connection.tls and connection.peer.presented is None:
        return Unknown("nobody said whether the client presents a certificate")
    return value or None


def _source_type(connection: Connection) -> str | Unknown | None:
    """`local` for the loopback or the proxy's own address, else absent."""
    source, destination = connection.source_ip, connection.destination_ip
    if source is None or destination is None:
        return Unknown("nobody said the source and destination address")
    return "local" if source == destination or source.startswith("127.") or source == "::1" else None


_READERS: dict[str, Callable[[Connection], str | Unknown | None]] = {
    f"{_NETWORK}DestinationIPInput": lambda c: _address(c.destination_ip, c, "destination address"),
    f"{_NETWORK}DestinationPortInput": lambda c: _said(c.destination_port, "destination port") if c.is_ip else None,
    f"{_NETWORK}SourceIPInput": lambda c: _said(c.source_ip, "source address"),
    f"{_NETWORK}SourcePortInput": lambda c: _said(c.source_port, "source port"),
    f"{_NETWORK}DirectSourceIPInput": lambda c: _said(c.direct_source_ip or c.source_ip, "source address"),
    f"{_NETWORK}ServerNameInput": lambda c: c.sni or None,
    f"{_NETWORK}TransportProtocolInput": lambda c: c.transport_protocol or None,
    f"{_NETWORK}ApplicationProtocolInput": lambda c: ",".join(f"'{name}'" for name in c.alpn) or None,
    f"{_NETWORK}SourceTypeInput": _source_type,
    f"{_SSL}UriSanInput": lambda c: _of_peer(c, ",".join(c.peer.uri_sans)),
    f"{_SSL}DnsSanInput": lambda c: _of_peer(c, ",".join(c.peer.dns_sans)),
    f"{_SSL}SubjectInput": lambda c: _of_peer(c, c.peer.subject),
}
