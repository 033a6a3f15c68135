"""A Request as given -> the same with everything it leaves open: address, protocol, TLS, the HTTP request inside."""

from __future__ import annotations

from msgspec import Struct

from meshscope.errors import UsageError
from meshscope.mesh.network.facts import PortFact, ServiceHost
from meshscope.mesh.network.network import Network
from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.hints import DESTINATION
from meshscope.simulation.journey.destination import (
    DEFAULT_PORTS,
    Destination,
    joined,
    parse_destination,
    split_address,
)
from meshscope.simulation.journey.dns import Resolved, resolve, service_of
from meshscope.simulation.journey.field_error import FieldError
from meshscope.simulation.journey.known_words import check_protocol, check_scheme
from meshscope.simulation.journey.source import RequestSource
from meshscope.simulation.request import PROTOCOL, Headers, Request
from meshscope.simulation.trace import Step, StepKind

HTTP_PORTS = ("http", "http2", "grpc", "grpc-web", "http_proxy")


class CompletedRequest(Struct, frozen=True, kw_only=True):
    """`protocol` is http1, http2 or tcp; `http` is None for TCP; `resolved` is None where no name has to be resolved.
    `assumption` says which of several ports is taken.
    """

    host: str
    port: int
    protocol: str
    tls: bool
    http: HttpRequest | None
    resolved: Resolved | None
    assumption: str = ""


def completed(request: Request, source: RequestSource, network: Network) -> CompletedRequest:
    """Raises UsageError where the destination is missing, unreadable or ambiguous."""
    dest = parse_destination(request.dest) if request.dest else None
    # a route table alone connects to nothing, so that any authority will do
    named = bool(request.route_config) and request.authority is not None
    if request.dest and dest is None and not named:
        raise UsageError(f"{request.dest!r} is no destination: a URL, service[.namespace][:port][/path], or IP:port")
    check_scheme(dest)
    check_protocol(request.protocol)
    to = split_address(request.to) if request.to and not request.to.startswith("/") else None
    if request.to and to is None and not request.to.startswith("/"):
        raise FieldError("to", f"{request.to!r} is not IP[:PORT]")
    if dest is None and not request.to and not named:
        raise FieldError("", "no destination: name one, or give its address", DESTINATION)
    service = service_of(network, dest.host, source.namespace or "default") if dest and not dest.is_ip else None
    protocol, port, assumption = _protocol_and_port(request, dest, to, service, network)
    resolved = _resolved(request, dest, source, network, port)
    said = request.scheme or (dest.scheme if dest and dest.scheme else "")
    tls = request.tls if request.tls is not None else said in ("https", "wss", "tls")
    said = _SCHEMES.get(said, said)
    url_port = dest.port if dest and (dest.port or dest.scheme or (to and to[1])) else port
    authority = _authority(request, dest, said or "http", url_port)
    http = (
        None if protocol == "tcp" else _http(request, dest, said or ("https" if tls else "http"), authority, protocol)
    )
    host = dest.host if dest else (to[0] if to else request.to)
    return CompletedRequest(
        host=host, port=port, protocol=protocol, tls=tls, http=http, resolved=resolved, assumption=assumption
    )


_SCHEMES = {"grpc": "http", "ws": "http", "wss": "https", "tcp": "http", "tls": "https"}
"""What `:scheme` is in URLs of other schemes."""


def _protocol_and_port(
    request: Request,
    dest: Destination | None,
    to: tuple[str, int | None] | None,
    service: ServiceHost | None,
    network: Network,
) -> tuple[str, int, str]:
    """With the assumption of `_chosen_port`."""
    scheme = dest.scheme if dest else None
    port = (
        (to[1] if to else None)
        or (dest.port if dest else None)
        or (DEFAULT_PORTS.get(scheme or "") if scheme else None)
    )
    assumption = ""
    fact = service.port(port) if service and port else None
    if port is None and service:
        fact, assumption = _chosen_port(service)
        port = fact.number
    elif port is None and dest is not None and _BY_SCHEME.get(scheme or "") == "tcp":
        raise UsageError(f"{request.dest!r} has no port, and {scheme} no usual one")
    if port is None:
        port = DEFAULT_PORTS.get(request.scheme, 80)
    protocol = _protocol(request, dest, fact)
    if (
        protocol == "tcp"
        and dest is not None
        and dest.is_ip
        and not (request.protocol or scheme)
        and _is_http(network, port)
    ):
        there = joined(dest.host, port)
        assumption = f"{there} is a connection without HTTP; http://{there}/ asks the same as HTTP"
    return protocol, port, assumption


_BY_SCHEME = {"tcp": "tcp", "tls": "tcp", "grpc": "http2"}
"""What the client speaks; of `tcp` and `tls` the bytes are no HTTP."""


def _protocol(request: Request, dest: Destination | None, fact: PortFact | None) -> str:
    scheme = dest.scheme if dest else None
    if request.protocol:
        return {"http": "http1", "h2": "http2", "grpc": "http2"}.get(request.protocol, request.protocol)
    if _is_extended_connect(request):
        return "http2"
    if scheme in _BY_SCHEME:
        return _BY_SCHEME[scheme]
    if scheme or request.authority is not None or request.path is not None or request.scheme:
        return "http1"
    if fact is not None and not (dest is not None and dest.is_ip and dest.path == "/"):
        return _spoken(fact.name, fact.app_protocol)
    return "tcp" if dest is None or (dest.is_ip and dest.path == "/") else "http1"


def _is_http(network: Network, number: int) -> bool:
    """Whether a service speaks HTTP on a port of that number, so that an address with it was hardly meant as a connection."""
    ports = (port for service in network.services for port in service.ports)
    return any(
        number in (port.number, port.target) and _spoken(port.name, port.app_protocol) != "tcp" for port in ports
    )


def _chosen_port(service: ServiceHost) -> tuple[PortFact, str]:
    """The port of a service that is named without one: its single HTTP port, its only one, or of several the one that curl
    would take, with the words that say so.
    """
    http = [port for port in service.ports if _spoken(port.name, port.app_protocol) != "tcp"]
    chosen = http if len(http) == 1 else list(service.ports)
    if len(chosen) == 1:
        return chosen[0], ""
    listed = ", ".join(f"{port.number} ({port.name})" for port in service.ports)
    usual = next((port for number in (80, 443) for port in service.ports if port.number == number), None)
    if usual is not None:
        return usual, f"{service.name} has several ports: {listed}; taking {usual.number}"
    raise UsageError(f"{service.name} has several ports: {listed or 'none'}; name one, as {service.name}:PORT")


def _spoken(name: str, app_protocol: str) -> str:
    """Istio's protocol selection: `appProtocol`, else the first word of the port's name.

    https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
    """
    word = (app_protocol or name).lower().removeprefix("kubernetes.io/")
    word = "grpc-web" if word.startswith("grpc-web") else word.partition("-")[0]
    if word in ("grpc", "http2", "h2c"):
        return "http2"
    return "http1" if word in HTTP_PORTS or word in ("ws", "") else "tcp"


def _resolved(
    request: Request, dest: Destination | None, source: RequestSource, network: Network, port: int
) -> Resolved | None:
    if request.to.startswith("/"):
        return Resolved((), Step(kind=StepKind.DNS, chosen=request.to, because="a pipe"))
    to = split_address(request.to) if request.to else None
    if to is not None:
        return Resolved(
            (to[0],),
            Step(kind=StepKind.DNS, chosen=joined(to[0], port), because="the address is given"),
            network.service_at(to[0]),
        )
    return resolve(network, dest.host, source.namespace or "default", port, source.proxy) if dest else None


def _authority(request: Request, dest: Destination | None, scheme: str, port: int | None) -> str:
    """`port` is the URL's, None where it has none: curl writes it behind the host unless it is the scheme's own; gRPC in any
    case.
    """
    if request.authority is not None:
        return request.authority
    named = next((value for name, value in request.headers if name.lower() == "host"), None)
    if named is not None:
        return named
    if dest is None:
        return request.to
    host = f"[{dest.host}]" if ":" in dest.host else dest.host
    left_out = (None,) if dest.scheme == "grpc" else (None, DEFAULT_PORTS.get(scheme))
    return host if port in left_out else f"{host}:{port}"


def _http(request: Request, dest: Destination | None, scheme: str, authority: str, protocol: str) -> HttpRequest:
    """Over HTTP/2 a `host` header may stand beside an authority that is given; elsewhere it is the authority."""
    headers = ((name.lower(), value) for name, value in request.headers)
    left_out = None if protocol == "http2" and request.authority is not None else "host"
    return HttpRequest(
        method=method_of(request, dest),
        scheme=scheme,
        authority=authority,
        path=request.path if request.path is not None else dest.path if dest else "/",
        headers=_with_grpc(
            dest,
            tuple(pair for pair in headers if pair[0] != left_out and (pair[0] == PROTOCOL or pair[0][:1] != ":")),
        ),
        protocol=protocol,
        random=request.random,
        runtime=request.runtime,
        metadata=request.dynamic_metadata,
    )


def method_of(request: Request, dest: Destination | None) -> str:
    if request.method:
        return request.method
    if _is_extended_connect(request):
        return "CONNECT"
    return "POST" if dest is not None and dest.scheme == "grpc" else "GET"


_GRPC = (("content-type", "application/grpc"), ("te", "trailers"))
"""What every gRPC client sends. https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md"""


def _with_grpc(dest: Destination | None, headers: Headers) -> Headers:
    if dest is None or dest.scheme != "grpc":
        return headers
    given = {name for name, _ in headers}
    return (*headers, *(pair for pair in _GRPC if pair[0] not in given))


def _is_extended_connect(request: Request) -> bool:
    return any(name.lower() == PROTOCOL for name, _ in request.headers)
