"""What the filter chains of a port accept: mutual TLS, plaintext, or both.

https://istio.io/latest/docs/concepts/security/#peer-authentication
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from meshscope.effect.policies.chains import PolicyChain
from meshscope.xds.filter_chain import FilterChain
from meshscope.xds.tls import CommonTlsContext, DownstreamTlsContext

STRICT, PERMISSIVE, DISABLE = "STRICT", "PERMISSIVE", "DISABLE"
_OF_ISTIO = {"istio", "istio-peer-exchange", "istio-http/1.0", "istio-http/1.1", "istio-h2"}


def shown_mode(chains: Sequence[PolicyChain]) -> str:
    """The mode that the chains of one port show; "" where a transport socket is not modelled or does not read."""
    sockets = [one.chain.transport_socket for one in chains]
    if any(socket and not isinstance(socket.config, DownstreamTlsContext) for socket in sockets):
        return ""
    mutual = sum(is_mutual(one.chain) for one in chains)
    if not mutual:
        return DISABLE
    return STRICT if mutual == len(chains) else PERMISSIVE


def flaws(mode: str, chains: Sequence[PolicyChain]) -> Iterator[str]:
    """What does not fit to the mode that the chains show."""
    if mode != PERMISSIVE:
        return
    if not any(_is_plain(one.chain) for one in chains):
        yield "no chain takes plaintext"
    for one in chains:
        asked = one.chain.filter_chain_match.application_protocols
        if asked and set(asked) <= _OF_ISTIO and not is_mutual(one.chain):
            yield f"a chain for {', '.join(asked)} does not ask for a client certificate"


def is_mutual(chain: FilterChain) -> bool:
    """Mutual TLS with the mesh's certificates; that of a Sidecar's listener is the application's matter."""
    config = chain.transport_socket.config if chain.transport_socket else None
    if not isinstance(config, DownstreamTlsContext) or not config.require_client_certificate:
        return False
    return not _is_of_files(config.common_tls_context)


def _is_of_files(context: CommonTlsContext) -> bool:
    """Certificates in files, and clients of whatever name; workloads with certificates in files ask for names of the mesh."""
    combined = context.combined_validation_context
    asked = combined.default_validation_context if combined else context.validation_context
    has_names = asked is not None and bool(asked.match_subject_alt_names or asked.match_typed_subject_alt_names)
    certificates = context.tls_certificate_sds_secret_configs
    return bool(certificates) and not has_names and all(one.name.startswith("file-cert:") for one in certificates)


def _is_plain(chain: FilterChain) -> bool:
    return chain.transport_socket is None and chain.filter_chain_match.transport_protocol != "tls"
