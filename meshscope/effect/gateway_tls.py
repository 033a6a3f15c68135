"""TLS that ends at a gateway's server against a filter chain: certificates, versions, and the clients' own.

https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.answer import Difference
from meshscope.effect.written import Written
from meshscope.istio.objects.gateway import Gateway, Server
from meshscope.istio.objects.server_tls import ServerTLSSettings
from meshscope.xds.filter_chain import FilterChain
from meshscope.xds.tls import DownstreamTlsContext

_BUILT_IN = "builtin://"
"""The certificate of the pod itself."""


def differences_of_tls(server: Server, owner: Written[Gateway], chain: FilterChain) -> Iterator[Difference]:
    """Where a chain that ends TLS is not as the server asks for it."""
    manager = chain.http
    if server.port.protocol.upper() == "HTTPS" and manager is not None and manager[1].rds is not None:
        bind = f".{server.bind}" if server.bind else ""
        gateway = f"{owner.item.name}.{owner.namespace}{bind}"
        wanted = f"https.{server.port.number}.{server.port.name}.{gateway}"
        if manager[1].rds.route_config_name != wanted:
            yield Difference("route_config_name", wanted, manager[1].rds.route_config_name)
    context = chain.transport_socket.config if chain.transport_socket else None
    if not isinstance(context, DownstreamTlsContext) or server.tls is None:
        return
    tls = server.tls
    asks = tls.mode in ("MUTUAL", "ISTIO_MUTUAL")
    if asks != bool(context.require_client_certificate):
        yield Difference(
            "require_client_certificate", str(asks).lower(), str(bool(context.require_client_certificate)).lower()
        )
    secrets = {name for _, name in context.common_tls_context.secret_references()}
    if secrets and tls.mode != "ISTIO_MUTUAL" and not _has_certificate(tls):
        yield Difference("tls_certificate_sds_secret_configs", "", ", ".join(sorted(secrets)))
    for name in (tls.credential_name, *tls.credential_names):
        if name and not any(_names(secret, name) for secret in secrets):
            wanted = name if "://" in name else f"kubernetes://{name}"
            yield Difference("tls_certificate_sds_secret_configs", wanted, ", ".join(sorted(secrets)))
    least, actual = tls.min_protocol_version, context.common_tls_context.tls_params.tls_minimum_protocol_version
    if least != "TLS_AUTO" and least.replace("TLSV", "TLSv") != actual:
        yield Difference("tls_minimum_protocol_version", least.replace("TLSV", "TLSv"), actual)


def _has_certificate(tls: ServerTLSSettings) -> bool:
    return bool(tls.credential_name or tls.credential_names or tls.server_certificate or tls.tls_certificates)


def _names(asked: str, name: str) -> bool:
    """`asked` is what the chain has, `name` a Secret's, which Envoy asks for by `kubernetes://name`, or whole."""
    if name == _BUILT_IN:
        return asked == "default"
    bare = asked.removesuffix("-cacert")
    return bare == name if "://" in name else bare.rpartition("/")[2] == name
