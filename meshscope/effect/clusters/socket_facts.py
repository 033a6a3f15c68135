"""How a proxy connects to a cluster, as facts: the mode of TLS as a DestinationRule names it, and the proxy protocol."""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.clusters.expected import PROXY_PROTOCOL, VERIFICATION
from meshscope.xds.cluster import Cluster
from meshscope.xds.extension import Extension
from meshscope.xds.message import present
from meshscope.xds.tls import CommonTlsContext, UpstreamTlsContext
from meshscope.xds.wrapping_socket import ProxyProtocolUpstreamTransport

_MESH_FILES = b"/etc/certs/cert-chain.pem"
"""The mesh's certificates of before SDS."""
AUTO = "auto"
"""TLS by endpoint: mutual TLS for those that accept it, plain text for the others."""


def socket_facts(cluster: Cluster) -> Iterator[tuple[str, str]]:
    matches = cluster.transport_socket_matches
    users = [match.transport_socket for match in matches if match.name == "user"]  # beside one for HBONE
    socket, version = _unwrapped(users[-1] if users else cluster.transport_socket)
    if socket is None and not version and matches:
        versions = {_unwrapped(match.transport_socket)[1] for match in matches}
        yield PROXY_PROTOCOL, ", ".join(sorted(versions))
        yield "tls", AUTO
        return
    yield PROXY_PROTOCOL, version
    if socket is None or (version and socket.name == "envoy.transport_sockets.raw_buffer"):
        yield "tls", "DISABLE"
        return
    context = socket.config
    if isinstance(context, UpstreamTlsContext):
        yield from _tls(context)
    else:
        yield "tls", f"socket {socket.name}"


def _unwrapped(socket: Extension | None) -> tuple[Extension | None, str]:
    """The socket inside of a proxy protocol's, and the version of that; "" where there is none."""
    config = socket.config if socket else None
    if not isinstance(config, ProxyProtocolUpstreamTransport):
        return socket, ""
    return config.transport_socket, config.config.version


def _tls(context: UpstreamTlsContext) -> Iterator[tuple[str, str]]:
    common = context.common_tls_context
    own = [secret.name for secret in common.tls_certificate_sds_secret_configs]
    if own == ["default"] or any(_MESH_FILES in bytes(one) for one in common.tls_certificates):
        yield "tls", "ISTIO_MUTUAL"
    else:
        yield "tls", "MUTUAL" if own or common.tls_certificates else "SIMPLE"
    yield VERIFICATION, "" if _verifies(common) else "none"
    yield "tls.sni", context.sni
    checked = common.combined_validation_context
    validation = checked.default_validation_context if checked else common.validation_context
    if validation:
        names = [one.exact for one in validation.match_subject_alt_names if one.exact is not None]
        names += [
            one.matcher.exact for one in validation.match_typed_subject_alt_names if one.matcher.exact is not None
        ]
        yield "tls.subject_alt_names", ", ".join(sorted(set(names)))


def _verifies(common: CommonTlsContext) -> bool:
    """Whether the server's certificate is held against anything."""
    own = common.validation_context
    roots = own is not None and any(map(present, (own.trusted_ca, own.system_root_certs)))
    by_secret = common.validation_context_sds_secret_config or common.combined_validation_context
    return roots or by_secret is not None
