"""The server's side of a TLS handshake: whether it succeeds, the negotiated ALPN, and what the server knows of the client.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/tls.proto
https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/common.proto#extensions-transport-sockets-tls-v3-tlsparameters
A failed handshake has no HTTP answer: the listener's access log has code 0, no flag, and the reason in
`%DOWNSTREAM_TRANSPORT_FAILURE_REASON%`.
"""

from __future__ import annotations

from msgspec.structs import replace

from meshscope.simulation.connection import Connection, Envoy, Peer, Session
from meshscope.simulation.endings import NO_TLS, REFUSED_AFTERWARDS, REFUSED_BY_CLIENT, End
from meshscope.simulation.hints import CLIENT_CERTIFICATE, Hint
from meshscope.simulation.outcome import PLAIN, Outcome, StageContext
from meshscope.simulation.tls.cipher_suites import in_common_suites
from meshscope.simulation.tls.credential import Credential, credentials, shown_to
from meshscope.simulation.tls.secrets import NO_SECRETS, Secrets
from meshscope.simulation.tls.trust import Usage
from meshscope.simulation.tls.validation import validation
from meshscope.simulation.tls.versions import ServerVersions, in_common
from meshscope.simulation.trace import Step, StepKind
from meshscope.simulation.verdict import YES, Verdict, all_of, no, unknown, yes
from meshscope.xds.extension import Extension, Unmodelled
from meshscope.xds.message import Message, Undecodable
from meshscope.xds.tls import DownstreamTlsContext, QuicDownstreamTransport

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
    secrets: Secrets = NO_SECRETS,
) -> Outcome[Session]:
    """`socket` is the chain's transport socket; `client` is the connection as the client opened it, not as it was detected."""
    context = _context(socket)
    if context is None:
        return Outcome(Session())
    if not isinstance(context, DownstreamTlsContext):
        name = _name(socket)
        session = Session(client.tls, client.alpn[0] if client.alpn else "", client.peer)
        steps = _steps(name, unknown(f"transport socket {name} is not modelled"), stage)
        return Outcome(session, steps=steps, assuming=(f"{name} lets the client pass",))
    common = context.common_tls_context
    offered = shown_to(client.sni, credentials(common, secrets))
    verdict, refusal = _verdict(context, client, offered, secrets, stage)
    if verdict.is_no:
        return Outcome(refusal, steps=_steps("TLS", verdict, stage))
    alpn = negotiated_alpn(common.alpn_protocols, client.alpn)
    session = Session(
        True,
        alpn,
        _peer(context, client.peer, secrets),
        certificate=offered[0].name if len(offered) == 1 else "",
        own=offered[0].peer if len(offered) == 1 and (offered[0].chain or offered[0].identity) else None,
    )
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
    offered: tuple[Credential, ...],
    secrets: Secrets,
    stage: StageContext,
) -> tuple[Verdict, End]:
    """Whether the handshake succeeds, and its end where it does not; the first reason to fail in Envoy's order."""
    common = context.common_tls_context
    if (missing := secrets.first_missing(common)) is not None:
        return no(f"secret {missing} is not delivered"), NO_TLS
    if not client.tls:
        return no("the chain speaks TLS; the client speaks plain text"), NO_TLS
    server = ServerVersions.of(common.tls_params, stage.envoy)
    offer = client.tls_versions
    if offer is not None and not in_common(server, offer):
        return no(f"TLS versions: the server accepts {server}; the client offers {offer[0]} to {offer[1]}"), NO_TLS
    suites = _suites_verdict(common.tls_params.cipher_suites, client, server, offered)
    if suites.is_no:
        return suites, NO_TLS
    taken = _taken_by_client(client, offered, stage.envoy)
    if taken.is_no:
        return taken, REFUSED_BY_CLIENT
    is_newest = offer is not None and offer[1] == server.highest == "TLSv1_3"
    verdict = all_of((_certificate_verdict(context, client.peer, secrets, stage), taken, suites))
    return verdict, REFUSED_AFTERWARDS if is_newest else NO_TLS


def _suites_verdict(
    listed: tuple[str, ...], client: Connection, server: ServerVersions, offered: tuple[Credential, ...]
) -> Verdict:
    """Of a client that is no Envoy all suites are taken to fit; TLS 1.3 settles on its own."""
    offer = client.tls_versions
    if offer is None or offer[1] == server.highest == "TLSv1_3":
        return YES
    return in_common_suites(listed, client.cipher_suites, {one.key_type for one in offered})


def _taken_by_client(client: Connection, offered: tuple[Credential, ...], envoy: Envoy) -> Verdict:
    """Of several certificates one is shown; which one is unknown."""
    if client.server_check is None:
        return YES
    verdicts = [client.server_check(one.peer, envoy) for one in offered or (Credential(),)]
    if len({verdict.answer for verdict in verdicts}) == 1:
        return verdicts[0]
    return unknown("which of its certificates the server shows depends on the client's abilities")


def _certificate_verdict(context: DownstreamTlsContext, peer: Peer, secrets: Secrets, stage: StageContext) -> Verdict:
    """Envoy requests a certificate only if it has something to validate it against, even where one is required. Names or pins
    require one by themselves.
    """
    asked = validation(context.common_tls_context, secrets)
    if asked is None or not asked.asks:
        return YES
    if peer.presented:
        return asked.of(peer, stage.envoy, Usage.CLIENT, at=stage.at)
    if not context.require_client_certificate and not asked.requires:
        return YES
    if peer.presented is None:
        return unknown("whether the client presents a certificate is not given")
    return no("the server requires a client certificate; the client presents none")


def _peer(context: DownstreamTlsContext, peer: Peer, secrets: Secrets) -> Peer:
    """The client's certificate as the server knows it after the handshake."""
    asked = validation(context.common_tls_context, secrets)
    if asked is None or not asked.asks or peer.presented is False:
        return Peer(presented=False, validated=False)
    if peer.presented is None and not (context.require_client_certificate or asked.requires):
        return peer
    is_open = asked.context.trust_chain_verification == "ACCEPT_UNTRUSTED"
    validated = peer.validated if is_open else peer.validated is not False  # where anybody is let in, that says nothing
    return replace(peer, presented=True, validated=validated)
