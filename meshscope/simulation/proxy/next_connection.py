"""The connection that leaves a proxy, as the next proxy receives it."""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.cluster.upstream_connection import UpstreamConnection
from meshscope.simulation.connection import Connection, Peer
from meshscope.simulation.proxy.compiled_proxy import CompiledProxy
from meshscope.simulation.proxy.draft import Forward
from meshscope.simulation.tls.versions import client_versions


def next_connection(
    upstream: UpstreamConnection | None, forward: Forward, proxy: CompiledProxy, connection: Connection, at: str = ""
) -> Connection:
    """`upstream` None: the original destination. A TCP proxy passes on the bytes inside unchanged. `at` is the time."""
    own = proxy.ip
    if upstream is None or upstream.context is None:
        if forward.request is None:  # a TCP proxy passes the client's bytes on, its TLS too
            return replace(
                connection, source_ip=own, source_port=None, direct_source_ip=own, lb_metadata="", lb_keys=()
            )
        protocol = upstream.protocols[0] if upstream and upstream.protocols else connection.application_protocol
        return Connection(
            source_ip=own,
            direct_source_ip=own,
            application_protocol=protocol,
            peer=Peer(presented=False, validated=False),
        )
    if forward.request is None:
        spoken = "tcp" if connection.tls else connection.application_protocol
    else:
        spoken = upstream.protocols[0] if len(upstream.protocols) == 1 else "http1"  # of several, where ALPN is silent
    common = upstream.context.common_tls_context
    return Connection(
        source_ip=own,
        direct_source_ip=own,
        sni=upstream.sni.lower(),
        alpn=upstream.alpn,
        tls=True,
        application_protocol=spoken,
        follows_alpn=len(upstream.protocols) > 1,
        peer=proxy.secrets.shown(common),
        tls_versions=client_versions(common.tls_params, proxy.envoy),
        cipher_suites=common.tls_params.cipher_suites,
        server_check=proxy.secrets.server_check(common, upstream.names_of_request, at),
    )
