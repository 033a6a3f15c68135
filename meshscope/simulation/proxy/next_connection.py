"""The connection that leaves a proxy, as the next proxy receives it."""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.cluster.upstream_connection import UpstreamConnection
from meshscope.simulation.connection import Connection, Peer
from meshscope.simulation.proxy.compiled_proxy import CompiledProxy
from meshscope.simulation.proxy.draft import Forward


def next_connection(
    upstream: UpstreamConnection | None, forward: Forward, proxy: CompiledProxy, connection: Connection
) -> Connection:
    """`upstream` None: the original destination. A TCP proxy passes on the bytes inside unchanged."""
    own = proxy.ip
    if upstream is None or not upstream.tls:
        if forward.request is None:  # a TCP proxy passes the client's bytes on, its TLS too
            return replace(connection, source_ip=own, source_port=None, direct_source_ip=own)
        protocol = upstream.protocols[0] if upstream and upstream.protocols else connection.application_protocol
        return Connection(
            source_ip=own,
            direct_source_ip=own,
            application_protocol=protocol,
            peer=Peer(presented=False, validated=False),
        )
    uris = (proxy.identity,) if upstream.client_certificate and proxy.identity else ()
    if forward.request is None:
        spoken = "tcp" if connection.tls else connection.application_protocol
    else:
        spoken = upstream.protocols[0] if upstream.protocols else "http1"
    return Connection(
        source_ip=own,
        direct_source_ip=own,
        sni=upstream.sni.lower(),
        alpn=upstream.alpn,
        tls=True,
        application_protocol=spoken,
        peer=Peer(
            presented=upstream.client_certificate,
            validated=upstream.client_certificate,
            uri_sans=uris,
            der=proxy.certificate if uris and upstream.shown.mode == "ISTIO_MUTUAL" else b"",
        ),
    )
