from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.connection import Connection, Envoy, Peer, Session
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import End
from meshscope.simulation.listener.tls_handshake import handshake
from meshscope.simulation.outcome import Outcome, StageContext
from meshscope.simulation.tls.secrets import Secrets
from meshscope.simulation.tls.versions import client_versions
from meshscope.simulation.trace import Response
from meshscope.xds.extension import Extension
from meshscope.xds.tls import TlsParameters

from ...certificates import authority, leaf
from ..reading import read

TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3."
CA = {"trusted_ca": {"filename": "/ca.pem"}}
SPIFFE = "spiffe://td/ns/a/sa/b"


def socket(*, require: bool | None = None, **common: Any) -> Extension:
    config = {"@type": TLS + "DownstreamTlsContext", "common_tls_context": common}
    return read(Extension, {"name": "tls", "typed_config": {**config, "require_client_certificate": require}})


def client(
    *, tls: bool = True, alpn: tuple[str, ...] = (), versions: tuple[str, str] | None = None, **peer: Any
) -> Connection:
    """A certificate that is presented is taken to be validated, as that of a request is."""
    if peer.get("presented"):
        peer = {"validated": True, **peer}
    return Connection(tls=tls, alpn=alpn, tls_versions=versions, peer=Peer(**peer))


def session(outcome: Outcome[Session]) -> Session:
    assert isinstance(outcome.value, Session), outcome
    return outcome.value


def refusal(outcome: Outcome[Session]) -> str:
    assert outcome.value == End(Disposition.TLS_MISMATCH, Response(code=0))
    return outcome.steps[0].because


MUTUAL = socket(require=True, validation_context=CA)
OPTIONAL = socket(validation_context=CA)
NAMED = socket(
    require=True,
    validation_context={
        **CA,
        "match_typed_subject_alt_names": [{"san_type": "URI", "matcher": {"prefix": "spiffe://td/"}}],
    },
)


@pytest.mark.parametrize(
    ("server", "peer", "because"),
    [
        (MUTUAL, {"presented": False}, "the server requires a client certificate; the client presents none"),
        (MUTUAL, {"presented": True, "validated": False}, "the server's CA does not accept the client's certificate"),
        (OPTIONAL, {"presented": True, "validated": False}, "the server's CA does not accept the client's certificate"),
        (
            NAMED,
            {"presented": True, "uri_sans": ("spiffe://other/x",)},
            "the server asks for a certificate with name ^=spiffe://td/; the client's has spiffe://other/x",
        ),
        (NAMED, {"presented": False}, "the server requires a client certificate; the client presents none"),
    ],
)
def test_a_handshake_fails_without_the_required_certificate(
    server: Extension, peer: dict[str, Any], because: str
) -> None:
    assert refusal(handshake(server, client(**peer))) == because


@pytest.mark.parametrize(
    ("server", "peer", "known"),
    [
        (MUTUAL, {"presented": True, "uri_sans": (SPIFFE,)}, (True, True)),
        (OPTIONAL, {"presented": True}, (True, True)),
        (OPTIONAL, {"presented": False}, (False, False)),
        (OPTIONAL, {}, (None, None)),
        (NAMED, {"presented": True, "uri_sans": (SPIFFE,)}, (True, True)),
        (socket(require=True), {"presented": False}, (False, False)),
        (socket(require=True), {"presented": True, "validated": False}, (False, False)),
        (socket(), {"presented": True}, (False, False)),
    ],
)
def test_the_server_knows_its_client_after_the_handshake(
    server: Extension, peer: dict[str, Any], known: tuple[bool | None, bool | None]
) -> None:
    outcome = handshake(server, client(**peer))
    assert outcome.assuming == ()
    assert (session(outcome).peer.presented, session(outcome).peer.validated) == known


@pytest.mark.parametrize(
    ("server", "peer"),
    [
        (MUTUAL, {}),
        (NAMED, {"presented": True}),
        (socket(validation_context={**CA, "verify_certificate_hash": ["x"]}), {"presented": True}),
    ],
)
def test_an_unknown_certificate_is_an_assumption(server: Extension, peer: dict[str, Any]) -> None:
    outcome = handshake(server, client(**peer))
    assert session(outcome).tls
    assert len(outcome.assuming) == 1
    assert outcome.steps[0].verdict == "unknown"


@pytest.mark.parametrize(
    ("matcher", "sans", "fits"),
    [
        ({"san_type": "DNS", "matcher": {"exact": "a.x.com"}}, {"dns_sans": ("*.x.com",)}, True),
        ({"san_type": "DNS", "matcher": {"exact": "a.b.x.com"}}, {"dns_sans": ("*.x.com",)}, False),
        ({"san_type": "DNS", "matcher": {"exact": "x.com"}}, {"dns_sans": ("*.x.com",)}, False),
        ({"san_type": "DNS", "matcher": {"suffix": ".com"}}, {"dns_sans": ("a.com",)}, True),
        ({"san_type": "DNS", "matcher": {"exact": SPIFFE}}, {"uri_sans": (SPIFFE,)}, False),
        ({"san_type": "URI", "matcher": {"exact": SPIFFE}}, {"uri_sans": ("spiffe://x", SPIFFE)}, True),
        ({"san_type": "URI", "matcher": {"safe_regex": {"regex": "spiffe://td/.*"}}}, {"uri_sans": (SPIFFE,)}, True),
    ],
)
def test_one_name_of_the_right_kind_is_enough(matcher: dict[str, Any], sans: dict[str, Any], *, fits: bool) -> None:
    server = socket(require=True, validation_context={**CA, "match_typed_subject_alt_names": [matcher]})
    outcome = handshake(server, client(presented=True, **sans))
    assert isinstance(outcome.value, Session) is fits
    assert outcome.assuming == ()


def test_the_deprecated_field_matches_names_of_any_kind_and_other_kinds_are_unknown() -> None:
    older = socket(require=True, validation_context={**CA, "match_subject_alt_names": [{"prefix": "spiffe://td/"}]})
    assert session(handshake(older, client(presented=True, uri_sans=(SPIFFE,)))).peer.validated
    mail = {"san_type": "EMAIL", "matcher": {"exact": "a@b"}}
    unseen = socket(require=True, validation_context={**CA, "match_typed_subject_alt_names": [mail]})
    assert handshake(unseen, client(presented=True, uri_sans=(SPIFFE,))).assuming


@pytest.mark.parametrize(
    ("server", "offered", "alpn"),
    [
        (("h2", "http/1.1"), ("http/1.1", "h2"), "h2"),
        (("http/1.1", "h2"), ("h2", "http/1.1"), "http/1.1"),
        (("h2",), ("http/1.1",), ""),
        (("h2",), (), ""),
        ((), ("h2",), ""),
    ],
)
def test_the_servers_order_decides_the_alpn_and_no_common_one_is_not_a_failure(
    server: tuple[str, ...], offered: tuple[str, ...], alpn: str
) -> None:
    assert session(handshake(socket(alpn_protocols=server), client(alpn=offered))).alpn == alpn


@pytest.mark.parametrize(
    ("minimum", "versions", "fits"),
    [
        ("TLSv1_3", ("TLSv1_2", "TLSv1_2"), False),
        ("TLSv1_3", ("TLSv1_2", "TLSv1_3"), True),
        ("TLSv1_3", None, True),
        ("TLS_AUTO", ("TLSv1_0", "TLSv1_1"), False),
    ],
)
def test_versions_must_overlap(minimum: str, versions: tuple[str, str] | None, *, fits: bool) -> None:
    server = socket(tls_params={"tls_minimum_protocol_version": minimum})
    assert isinstance(handshake(server, client(versions=versions)).value, Session) is fits


def test_an_old_server_accepts_old_versions_and_an_envoy_as_client_stops_at_1_2() -> None:
    old = StageContext(Envoy((1, 21, 0)))
    assert session(handshake(socket(), client(versions=("TLSv1_0", "TLSv1_1")), old)).tls
    assert client_versions(TlsParameters(), Envoy()) == ("TLSv1_2", "TLSv1_2")


def test_plain_text_fails_at_tls_and_passes_at_plain_text() -> None:
    assert refusal(handshake(socket(), client(tls=False))) == "the chain speaks TLS; the client speaks plain text"
    assert handshake(None, client(tls=False)).value == Session()
    assert handshake(Extension(name="envoy.transport_sockets.raw_buffer"), client(tls=False)).value == Session()


@pytest.mark.parametrize(("missing", "fits"), [({"cert"}, False), ({"ca"}, False), ({"other"}, True)])
def test_a_secret_that_is_not_delivered_ends_the_handshake(missing: set[str], *, fits: bool) -> None:
    server = socket(
        tls_certificate_sds_secret_configs=[{"name": "cert"}],
        combined_validation_context={"validation_context_sds_secret_config": {"name": "ca"}},
    )
    secrets = Secrets(lambda _: None, frozenset(missing))
    outcome = handshake(server, client(presented=True, uri_sans=(SPIFFE,)), secrets=secrets)
    assert isinstance(outcome.value, Session) is fits


def test_a_transport_socket_that_is_not_modelled_is_an_assumption() -> None:
    other = read(Extension, {"name": "alts", "typed_config": {"@type": "type.googleapis.com/x.Alts"}})
    assert handshake(other, client()).assuming == ("x.Alts lets the client pass",)


def test_quic_is_tls_inside() -> None:
    config = {"@type": "type.googleapis.com/envoy.extensions.transport_sockets.quic.v3.QuicDownstreamTransport"}
    inner = {"downstream_tls_context": {"common_tls_context": {"alpn_protocols": ["h3"]}}}
    quic = read(Extension, {"name": "quic", "typed_config": {**config, **inner}})
    assert session(handshake(quic, client(alpn=("h3",)))).alpn == "h3"


_AES, _CHACHA, _OLD = "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-SHA"
_OLDER, _NEWEST = ("TLSv1_2", "TLSv1_2"), ("TLSv1_2", "TLSv1_3")


@pytest.mark.parametrize(
    ("listed", "own", "versions", "answer"),
    [
        ((_AES,), (_CHACHA, _AES), _OLDER, "yes"),
        ((_AES,), ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",), _OLDER, "yes"),
        ((f"[{_AES}|{_CHACHA}]",), (_CHACHA,), _OLDER, "yes"),
        ((_AES,), (_CHACHA,), _OLDER, "no"),
        ((_AES,), (_CHACHA,), _NEWEST, "yes"),
        ((_AES,), (_CHACHA,), None, "yes"),
        ((_AES,), ("HIGH",), _OLDER, "unknown"),
        (("HIGH",), ("HIGH",), _OLDER, "yes"),
        ((_AES,), (), _OLDER, "yes"),
        ((), (_AES,), _OLDER, "yes"),
        ((_OLD,), (), _OLDER, "unknown"),
        ((), (_OLD,), _OLDER, "unknown"),
        ((), (), _OLDER, "yes"),
    ],
)
def test_lists_of_cipher_suites_with_nothing_in_common_refuse_a_client(
    listed: tuple[str, ...], own: tuple[str, ...], versions: tuple[str, str] | None, answer: str
) -> None:
    peer = Peer(presented=False, validated=False)
    envoy = Connection(tls=True, tls_versions=versions, cipher_suites=own, peer=peer)
    outcome = handshake(socket(tls_params={"cipher_suites": list(listed)}), envoy)
    assert (isinstance(outcome.value, End), bool(outcome.assuming)) == (answer == "no", answer == "unknown")


_RSA = "ECDHE-RSA-AES128-GCM-SHA256"
_NO_SUITE = "lists no cipher suite for a certificate with an"


@pytest.mark.parametrize(
    ("key_type", "listed", "own", "because"),
    [
        ("ECDSA", (_RSA,), (), f"the server {_NO_SUITE} ECDSA key"),
        ("RSA", (), (_AES, _CHACHA), f"the client {_NO_SUITE} RSA key"),
        ("RSA", (_AES, _RSA), (_AES, "AES128-SHA"), "the two sides list no cipher suite in common"),
        ("RSA", (_AES, _RSA), (_RSA,), ""),
        ("ECDSA", (_AES, _RSA), (), ""),
        ("", (_RSA,), (_RSA,), ""),
    ],
)
def test_a_suite_must_fit_the_key_of_the_servers_certificate(
    key_type: str, listed: tuple[str, ...], own: tuple[str, ...], because: str
) -> None:
    pem = leaf(authority("A"), "a.example", key_type=key_type).pem if key_type else ""
    shown = [{"certificate_chain": {"inline_string": pem}}]
    peer = Peer(presented=False, validated=False)
    envoy = Connection(tls=True, tls_versions=_OLDER, cipher_suites=own, peer=peer)
    outcome = handshake(socket(tls_params={"cipher_suites": list(listed)}, tls_certificates=shown), envoy)
    assert not outcome.assuming
    assert isinstance(outcome.value, End) == bool(because)
    assert not because or outcome.steps[0].because == because
