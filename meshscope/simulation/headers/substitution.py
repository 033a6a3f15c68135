"""Command operators in header values: `%REQ(x-user?:path):10%`, `%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%`.

https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#command-operators
What is absent is "", but "-" in `host_rewrite`. What cannot be known here stays as configured: a visible placeholder.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from meshscope.simulation.connection import Connection, HttpRequest
from meshscope.simulation.request import Headers
from meshscope.xds.metadata import Metadata

_OPERATOR = r"(?s)%%|%([A-Z][A-Z0-9_]*)(?:\((.*?)\))?(?::(\d+))?%"
_PROTOCOLS = {"http1": "HTTP/1.1", "http10": "HTTP/1.0", "http2": "HTTP/2", "http3": "HTTP/3"}
_HEADERS = r"(?s)([^?]*)(?:\?(.*))?"


class SubstitutionFacts(Struct, frozen=True, kw_only=True):
    """What operators are answered from. `response` None: no response yet. `cluster_metadata` None: not known.
    `host_chosen`: what is asked of the host is not known any more; before, it is nothing.
    """

    request: HttpRequest
    connection: Connection = Connection()
    response: Headers | None = None
    route_name: str = ""
    cluster: str = ""
    virtual_cluster: str = ""
    route_metadata: Metadata = Metadata()
    virtual_host_metadata: Metadata = Metadata()
    cluster_metadata: Metadata | None = None
    host_chosen: bool = False


Operator = Callable[[SubstitutionFacts, str], str | None]


class Substitution:
    """A format, split once. `is_plain`: there is nothing to substitute. `absent` stands for what is not there."""

    def __init__(self, text: str, *, absent: str = "") -> None:
        self._absent = absent
        self._pieces: list[str | tuple[str, str, str, int | None]] = []
        end = 0
        for match in re.finditer(_OPERATOR, text):
            self._pieces.append(text[end : match.start()])
            end = match.end()
            if match[0] == "%%":
                self._pieces.append("%")
            else:
                self._pieces.append((match[0], match[1], match[2] or "", int(match[3]) if match[3] else None))
        self._pieces.append(text[end:])
        self.is_plain = all(isinstance(piece, str) for piece in self._pieces)
        self._plain = "".join(piece for piece in self._pieces if isinstance(piece, str))

    def format(self, facts: SubstitutionFacts) -> str:
        return self.formatted(facts)[0]

    def formatted(self, facts: SubstitutionFacts) -> tuple[str, tuple[str, ...]]:
        """The value, and the operators in it that stayed unknown, as they are written."""
        if self.is_plain:
            return self._plain, ()
        out, unknown = [], []
        for piece in self._pieces:
            if isinstance(piece, str):
                out.append(piece)
                continue
            written, name, argument, length = piece
            operator = _OPERATORS.get(name)
            value = operator(facts, argument) if operator else None
            if value is None:
                unknown.append(written)
                out.append(written)
            else:
                out.append((value if length is None else value[:length]) or self._absent)
        return "".join(out), tuple(unknown)


def _first(values: tuple[str, ...], otherwise: tuple[str, ...]) -> str:
    """A repeated header gives its first value."""
    return values[0] if values else otherwise[0] if otherwise else ""


def _request_header(facts: SubstitutionFacts, argument: str) -> str:
    match = re.fullmatch(_HEADERS, argument)
    name, other = (match[1], match[2] or "") if match else (argument, "")
    return _first(facts.request.values(name), facts.request.values(other) if other else ())


def _response_header(facts: SubstitutionFacts, argument: str) -> str | None:
    if facts.response is None:
        return None
    match = re.fullmatch(_HEADERS, argument)
    names = ((match[1], match[2] or "") if match else (argument, ""))[:2]
    first, other = (tuple(v for k, v in facts.response if k == name.lower()) for name in names)
    return _first(first, other)


def _address(ip: str | None, port: int | None) -> str | None:
    if ip is None or port is None:
        return None
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"


def _number(port: int | None) -> str | None:
    return None if port is None else str(port)


def _metadata(found: Any, keys: list[str]) -> str:
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    from meshscope.simulation.headers.metadata_text import metadata_text  # few headers ask for metadata

    return metadata_text(found)


def _keys(argument: str) -> list[str]:
    """`a:b:c`, or `["a", "b", "c"]` of older Envoys."""
    if argument.lstrip().startswith("["):
        return re.findall(r'"((?:[^"\\]|\\.)*)"', argument)
    return argument.split(":")


def _any_metadata(facts: SubstitutionFacts, argument: str) -> str | None:
    kind, *keys = argument.split(":")
    if kind == "ROUTE":
        return _metadata(facts.route_metadata.filter_metadata, keys)
    if kind == "VIRTUAL_HOST":
        return _metadata(facts.virtual_host_metadata.filter_metadata, keys)
    if kind == "CLUSTER":
        return _cluster_metadata(facts, ":".join(keys))
    if kind == "UPSTREAM_HOST":
        return _of_host(facts, "")
    return _metadata(facts.request.metadata, keys) if kind == "DYNAMIC" else None


def _cluster_metadata(facts: SubstitutionFacts, argument: str) -> str | None:
    return (
        None if facts.cluster_metadata is None else _metadata(facts.cluster_metadata.filter_metadata, _keys(argument))
    )


def _of_host(facts: SubstitutionFacts, _argument: str) -> str | None:
    return None if facts.host_chosen else ""


def _query_parameter(facts: SubstitutionFacts, argument: str) -> str:
    query = facts.request.path.partition("?")[2]
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name == argument:
            return value
    return ""


def _path(facts: SubstitutionFacts, argument: str) -> str:
    """`PATH(WQ|NQ:ORIG|PATH|ORIG_OR_PATH)`: with or without the query, of the original path or the path."""
    query, _, which = argument.partition(":")
    path = facts.request.path
    original = next(iter(facts.request.values("x-envoy-original-path")), None)
    if which == "ORIG":
        path = original or ""
    elif which != "PATH" and original is not None:
        path = original
    return path.partition("?")[0] if query == "NQ" else path


def _sans(values: tuple[str, ...], facts: SubstitutionFacts) -> str | None:
    return None if facts.connection.peer.presented is None else ",".join(values)


_OPERATORS: dict[str, Operator] = {
    "REQ": _request_header,
    "RESP": _response_header,
    "PROTOCOL": lambda facts, _: _PROTOCOLS.get(facts.request.protocol),
    "DOWNSTREAM_REMOTE_ADDRESS": lambda facts, _: (
        _address(facts.connection.source_ip, facts.connection.source_port)
        if not facts.request.forwarded
        else _address(facts.request.client_ip, 0)
    ),
    "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT": lambda facts, _: facts.request.client_ip or facts.connection.source_ip,
    "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT": lambda facts, _: (
        facts.connection.direct_source_ip or facts.connection.source_ip
    ),
    "DOWNSTREAM_LOCAL_ADDRESS": lambda facts, _: _address(
        facts.connection.destination_ip, facts.connection.destination_port
    ),
    "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT": lambda facts, _: facts.connection.destination_ip,
    "DOWNSTREAM_LOCAL_PORT": lambda facts, _: _number(facts.connection.destination_port),
    "REQUESTED_SERVER_NAME": lambda facts, _: facts.connection.sni,
    "DOWNSTREAM_PEER_URI_SAN": lambda facts, _: _sans(facts.connection.peer.uri_sans, facts),
    "DOWNSTREAM_PEER_DNS_SAN": lambda facts, _: _sans(facts.connection.peer.dns_sans, facts),
    "DOWNSTREAM_PEER_SUBJECT": lambda facts, _: (
        None if facts.connection.peer.presented is None else facts.connection.peer.subject
    ),
    "ROUTE_NAME": lambda facts, _: facts.route_name,
    "UPSTREAM_CLUSTER": lambda facts, _: facts.cluster,
    "UPSTREAM_CLUSTER_RAW": lambda facts, _: facts.cluster,
    "VIRTUAL_CLUSTER_NAME": lambda facts, _: facts.virtual_cluster,
    "DYNAMIC_METADATA": lambda facts, argument: _metadata(facts.request.metadata, _keys(argument)),
    "METADATA": _any_metadata,
    "CLUSTER_METADATA": _cluster_metadata,
    **dict.fromkeys(("UPSTREAM_METADATA", "UPSTREAM_HOST", "UPSTREAM_REMOTE_ADDRESS", "UPSTREAM_PROTOCOL"), _of_host),
    "QUERY_PARAM": _query_parameter,
    "PATH": _path,
}
