"""The client's connection to an address, as its client opens it: TLS, names, certificate."""

from __future__ import annotations

import msgspec

from meshscope.simulation.connection import Connection, Peer
from meshscope.simulation.dynamic_metadata import LB
from meshscope.simulation.journey.completion import CompletedRequest
from meshscope.simulation.journey.destination import (
    split_address,
)
from meshscope.simulation.journey.source import RequestSource
from meshscope.simulation.request import ClientCertificate, Request


def connection_of(
    request: Request, question: CompletedRequest, source: RequestSource, ip: str | None, identity: str = ""
) -> Connection:
    """`ip` None: the address is unknown. `identity` is the client's SPIFFE identity where the request gives none."""
    alpn = request.alpn if request.alpn is not None else (("h2", "http/1.1") if question.tls and question.http else ())
    is_name = question.tls and split_address(question.host) is None
    sni = request.sni if request.sni is not None else (question.host if is_name else "")
    source_ip = _ip_or_pipe(request.source_ip) or source.ip
    return Connection(
        destination_ip=ip,
        destination_port=question.port,
        is_ip=not request.to.startswith("/"),
        source_ip=source_ip,
        source_port=request.source_port,
        direct_source_ip=_ip_or_pipe(request.direct_source_ip) or source_ip,
        sni=sni.lower() if question.tls else "",
        alpn=alpn if question.tls else (),
        transport_protocol=request.transport_protocol or "",
        tls=question.tls,
        application_protocol=question.protocol,
        peer=_peer(request, identity) if question.tls else Peer(presented=False, validated=False),
        lb_metadata=_lb_metadata(request, is_http=question.http is not None),
    )


def _lb_metadata(request: Request, *, is_http: bool) -> str:
    """What the question says of `envoy.lb` is the connection's where there is no request that may have it."""
    given = request.dynamic_metadata.get(LB)
    if not isinstance(given, dict):
        return ""
    return "{}" if is_http else msgspec.json.encode(given, order="deterministic").decode()


def _ip_or_pipe(text: str) -> str | None:
    """A pipe (a path) is no IP address."""
    return None if text.startswith("/") else text


def _peer(request: Request, identity: str) -> Peer:
    """The client's certificate; none where none is given, as a plain client has none."""
    cert = request.client_cert
    principal = request.principal or identity
    if isinstance(cert, ClientCertificate):
        uris = tuple(san for san in cert.sans if "://" in san)
        names = tuple(san for san in cert.sans if "://" not in san)
        return Peer(presented=True, validated=True, uri_sans=uris, dns_sans=names, subject=cert.subject)
    if principal or cert:
        uri = (principal if "://" in principal else f"spiffe://{principal}",) if principal else ()
        return Peer(presented=True, validated=True, uri_sans=uri)
    return Peer(presented=False, validated=False)
