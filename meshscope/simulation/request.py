"""The question: one request, as the library takes it and as a line of `--requests` states it. `dest` or `to` is required."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

Headers = tuple[tuple[str, str], ...]
PROTOCOL = ":protocol"
"""A header that makes the request an extended CONNECT, which HTTP/2 alone has. https://www.rfc-editor.org/rfc/rfc8441"""


class ClientCertificate(Struct, frozen=True):
    """A certificate that the server's CA accepts; `subject` as RFC 2253 writes it."""

    sans: tuple[str, ...] = ()
    subject: str = ""


class Request(Struct, frozen=True, kw_only=True):
    """Fields as in the command line contract; None or empty where not given.

    `path` and `scheme` are `:path` and `:scheme` byte for byte and win over `dest`; of pseudo-headers `headers` may hold
    `:protocol` alone (extended CONNECT). `random` is Envoy's random value (64 bits). `runtime` holds values by key, a whole
    number being a percentage; `dynamic_metadata` is set as by a filter; `jwt` the claims of an accepted token. `listener`
    starts at a listener by name, `route_config` at a route table.
    """

    id: Any = None
    source: str = ""
    dest: str = ""
    method: str = ""
    headers: Headers = ()
    authority: str | None = None
    path: str | None = None
    scheme: str = ""
    to: str = ""
    sni: str | None = None
    alpn: tuple[str, ...] | None = None
    tls: bool | None = None
    protocol: str = ""
    source_ip: str = ""
    source_port: int | None = None
    direct_source_ip: str = ""
    transport_protocol: str | None = None
    principal: str = ""
    client_cert: bool | ClientCertificate | None = None
    random: int | None = None
    listener: str = ""
    route_config: str = ""
    internal: bool | None = None
    runtime: dict[str, Any] = {}
    dynamic_metadata: dict[str, Any] = {}
    jwt: dict[str, Any] | None = None
