"""The server's side of a TLS handshake: whether it succeeds, the negotiated ALPN, and what the server knows of the client.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/tls.proto
https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/common.proto#extensions-transport-sockets-tls-v3-tlsparameters
A failed handshake has no HTTP answer: the listener's access log has code 0, no flag, and the reason in
`%DOWNSTREAM_TRANSPORT_FAILURE_REASON%`.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from meshscope.simulation.connection import Connection, Envoy, Peer, Session
from meshscope.simulation.endings import NO_TLS
from meshscope.simulation.hints import CLIENT_CERTIFICATE, Hint
from meshscope.simulation.listener.subject_alt_names import names_match
from meshscope.simulation.outcome import PLAIN, Outcome, StageContext
from meshscope.simulation.trace import Step, StepKind
from meshscope.simulation.verdict import YES, Verdict, no, unknown, yes
from meshscope.xds.extension import Extension, Unmodelled
from meshscope.xds.message import Message, Undecodable, present
from meshscope.xds.tls import (
    CertificateValidationContext,
    CommonTlsContext,
    DownstreamTlsContext,
    QuicDownstreamTransport,
    TlsParameters,
)

_RAW = (
    "envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer",
    "envoy.transport_sockets.raw_buffer",
    "raw_buffer",
)


def handshake(
    socket: Extension | None,
    client: Connection,
    stage: StageContext = PLAIN,
    *,
    missing_secrets: frozenset[str] = frozenset(),
    versions: tuple[str, str] | None = None,
) -> Outcome[Session]:
    """`socket` is the chain's transport socket; `client` is the connection as the client opened it, not as it was detected.

    `missing_secrets` are names of secrets that the proxy requested and did not get. `versions` are the client's lowest and
    highest TLS version (`TLSv1_2`); None: unknown, and taken to fit.
    """
    context = _context(socket)
    if context is None:
        return Outcome(Session())
    if not isinstance(context, DownstreamTlsContext):
        name = _name(socket)
        session = Session(client.tls, client.alpn[0] if client.alpn else "", client.peer)
        steps = _steps(name, unknown(f"transport socket {name} is not modelled"), stage)
        return Outcome(session, steps=steps, assuming=(f"{name} lets the client pass",))
    verdict = _verdict(context, client, missing_secrets, versions, stage.envoy)
    if verdict.is_no:
        return Outcome(NO_TLS, steps=_steps("TLS", verdict, stage))
    common = context.common_tls_context
    alpn = negotiated_alpn(common.alpn_protocols, client.alpn)
    secrets = common.tls_certificate_sds_secret_configs
    certificate = secrets[0].name if len(secrets) == 1 else ""
    session = Session(True, alpn, _peer(context, client.peer), certificate)
    if verdict.is_yes:
        return Outcome(session, steps=_steps("TLS", yes(f"ALPN {alpn}" if alpn else "no ALPN in common"), stage))
    assuming = (f"the handshake succeeds: {verdict.because}",)
    return Outcome(session, steps=_steps("TLS", verdict, stage, CLIENT_CERTIFICATE), assuming=assuming)


def negotiated_alpn(server: tuple[str, ...], client: tuple[str, ...]) -> str:
    """The first of the server's protocols that the client offers; "" without a common one, which is not a failure."""
    return next((protocol for protocol in server if protocol in client), "")


def _steps(chosen: str, verdict: Verdict, stage: StageContext, hint: Hint | None = None) -> tuple[Step, ...]:
    if not stage.explain:
        return ()
    return (
        Step(
            kind=StepKind.TLS,
            chosen=chosen,
            verdict=verdict.answer,
            because=verdict.because,
            location=stage.location,
            hint=hint,
        ),
    )


def _context(socket: Extension | None) -> Message | Unmodelled | Undecodable | None:
    """The server's TLS settings; None for plain text."""
    if socket is None or socket.type_name in _RAW or (not socket.type_name and socket.name in _RAW):
        return None
    config = socket.config
    return config.downstream_tls_context if isinstance(config, QuicDownstreamTransport) else config


def _name(socket: Extension | None) -> str:
    return (socket.type_name or socket.name) if socket else ""


def _verdict(
    context: DownstreamTlsContext,
    client: Connection,
    missing_secrets: frozenset[str],
    versions: tuple[str, str] | None,
    envoy: Envoy,
) -> Verdict:
    """Whether the handshake succeeds; the first reason to fail in Envoy's order."""
    common = context.common_tls_context
    if missing_secrets:
        missing = next((name for _, name in common.secret_references() if name in missing_secrets), None)
        if missing is not None:
            return no(f"secret {missing} is not delivered")
    if not client.tls:
        return no("the chain speaks TLS; the client speaks plain text")
    server = ServerVersions.of(common.tls_params, envoy)
    if versions is not None and not in_common(server, versions):
        return no(f"TLS versions: the server accepts {server}; the client offers {versions[0]} to {versions[1]}")
    return _certificate_verdict(context, client.peer, envoy)


def _certificate_verdict(context: DownstreamTlsContext, peer: Peer, envoy: Envoy) -> Verdict:
    """Envoy requests a certificate only if it has something to validate it against, even where one is required."""
    validation = validation_context(context.common_tls_context)
    if validation is None or not _requests_certificate(context.common_tls_context, validation):
        return YES
    if peer.presented:
        return _validation_verdict(validation, peer, envoy)
    if not context.require_client_certificate:
        return YES
    if peer.presented is None:
        return unknown("whether the client presents a certificate is not given")
    return no("the server requires a client certificate; the client presents none")


def _validation_verdict(validation: CertificateValidationContext, peer: Peer, envoy: Envoy) -> Verdict:
    if validation.trust_chain_verification == "ACCEPT_UNTRUSTED":
        return YES
    if peer.validated is False:
        return no("the server's CA does not accept the client's certificate")
    if present(validation.custom_validator_config):
        return unknown("custom_validator_config is not modelled")
    if validation.verify_certificate_spki or validation.verify_certificate_hash:
        return unknown("whether the certificate has the pinned key or hash is unknown")
    return names_match(validation, peer, envoy)


def validation_context(common: CommonTlsContext) -> CertificateValidationContext | None:
    """The validation settings in the configuration itself; SDS may deliver the trusted CA."""
    if common.combined_validation_context:
        return common.combined_validation_context.default_validation_context
    if common.validation_context_sds_secret_config:
        return common.validation_context or CertificateValidationContext()
    return common.validation_context


def _requests_certificate(common: CommonTlsContext, validation: CertificateValidationContext) -> bool:
    return bool(
        present(validation.trusted_ca)
        or common.validation_context_sds_secret_config
        or common.combined_validation_context
        or validation.match_typed_subject_alt_names
        or validation.match_subject_alt_names
        or validation.verify_certificate_spki
        or validation.verify_certificate_hash
        or present(validation.custom_validator_config)
        or validation.trust_chain_verification == "ACCEPT_UNTRUSTED"
    )


def _peer(context: DownstreamTlsContext, peer: Peer) -> Peer:
    """The client's certificate as the server knows it after the handshake."""
    validation = validation_context(context.common_tls_context)
    if validation is None or not _requests_certificate(context.common_tls_context, validation):
        return Peer(presented=False, validated=False)
    if peer.presented is False:
        return Peer(presented=False, validated=False)
    if peer.presented is None and not context.require_client_certificate:
        return peer
    return replace(peer, presented=True, validated=peer.validated is not False)


_ORDER = ("TLSv1_0", "TLSv1_1", "TLSv1_2", "TLSv1_3")
_AUTO = "TLS_AUTO"


class ServerVersions(Struct, frozen=True):
    lowest: str
    highest: str

    @classmethod
    def of(cls, parameters: TlsParameters, envoy: Envoy) -> ServerVersions:
        """For a server, TLS_AUTO means 1.2 to 1.3; before Envoy 1.22, 1.0 to 1.3."""
        lowest, highest = parameters.tls_minimum_protocol_version, parameters.tls_maximum_protocol_version
        oldest = "TLSv1_2" if envoy.at_least(1, 22) else "TLSv1_0"
        return cls(oldest if lowest == _AUTO else lowest, "TLSv1_3" if highest == _AUTO else highest)

    def __str__(self) -> str:
        return f"{self.lowest} to {self.highest}"


def client_versions(parameters: TlsParameters, envoy: Envoy) -> tuple[str, str]:
    """The versions of an Envoy as a client: TLS_AUTO means 1.2 alone; before 1.22, 1.0 to 1.2."""
    lowest, highest = parameters.tls_minimum_protocol_version, parameters.tls_maximum_protocol_version
    oldest = "TLSv1_2" if envoy.at_least(1, 22) else "TLSv1_0"
    return oldest if lowest == _AUTO else lowest, "TLSv1_2" if highest == _AUTO else highest


def in_common(server: ServerVersions, client: tuple[str, str]) -> bool:
    """Whether the ranges overlap; an unknown version does not count against that."""
    lowest, highest = (_ORDER.index(version) if version in _ORDER else None for version in client)
    low, high = (_ORDER.index(v) if v in _ORDER else None for v in (server.lowest, server.highest))
    if lowest is None or highest is None or low is None or high is None:
        return True
    return max(lowest, low) <= min(highest, high)
