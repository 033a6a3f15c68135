from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import Any

import pytest

from meshscope.simulation.connection import Envoy, Peer
from meshscope.simulation.tls.credential import Credential
from meshscope.simulation.tls.secrets import NO_SECRETS, Secrets
from meshscope.simulation.tls.trust import Usage
from meshscope.simulation.tls.validation import Validation, validation
from meshscope.simulation.verdict import Verdict
from meshscope.xds.certificate_fields import certificate_fields
from meshscope.xds.secret import Secret
from meshscope.xds.tls import CommonTlsContext

from ...certificates import authority, leaf
from ..reading import read

A, B = authority("A"), authority("B")
CA = {"trusted_ca": {"inline_string": A.pem}}
BACK = leaf(A, "back.example", "spiffe://td/back")
PEER = Credential((BACK.der,)).peer


def asked(common: dict[str, Any], secrets: Secrets = NO_SECRETS) -> Validation:
    found = validation(read(CommonTlsContext, common), secrets)
    assert found is not None
    return found


def verdict(context: dict[str, Any], peer: Peer = PEER, *names: str) -> Verdict:
    return asked({"validation_context": context}).of(peer, Envoy(), Usage.SERVER, names=names)


def name(kind: str, text: str) -> dict[str, Any]:
    return {**CA, "match_typed_subject_alt_names": [{"san_type": kind, "matcher": {"exact": text}}]}


@pytest.mark.parametrize(
    ("context", "because"),
    [
        (CA, ""),
        (name("DNS", "back.example"), ""),
        (name("URI", "spiffe://td/back"), ""),
        ({"trusted_ca": {"inline_string": B.pem}},
         "the client refuses the server's certificate: its issuer is not among the trusted authorities"),
        (name("DNS", "other"),
         "the client asks for a certificate with name =other; the server's has spiffe://td/back, back.example"),
        ({**CA, "verify_certificate_hash": ["00"]}, "the certificate has neither the pinned key nor the pinned hash"),
        ({"trusted_ca": {"inline_string": B.pem}, "trust_chain_verification": "ACCEPT_UNTRUSTED"}, ""),
    ],
)  # fmt: skip
def test_trust_names_and_pins_in_this_order(context: dict[str, Any], because: str) -> None:
    assert verdict(context).because == because
    assert verdict(context).is_yes is (because == "")


def test_one_pin_is_enough_however_it_is_written() -> None:
    digest = hashlib.sha256(BACK.der).hexdigest()
    fields = certificate_fields(BACK.der)
    assert fields is not None
    key = b64encode(fields.key_hash).decode()
    colons = ":".join(digest[at : at + 2] for at in range(0, len(digest), 2)).upper()
    of_key, of_all = {"verify_certificate_spki": [key]}, {"verify_certificate_hash": [digest]}
    others = {"verify_certificate_hash": ["00"]}
    for pins in (of_all, {"verify_certificate_hash": [colons, "00"]}, of_key, {**of_key, **others}):
        assert verdict({**CA, **pins}).is_yes


def test_the_names_of_a_request_are_asked_for_beside_the_others() -> None:
    assert verdict(CA, PEER, "back.example").is_yes
    assert verdict(CA, PEER, "other.example").is_no
    assert verdict(name("DNS", "other"), PEER, "back.example").is_no
    assert verdict({}, PEER, "back.example").is_no, "without a trusted CA Envoy refuses every certificate"


@pytest.mark.parametrize(
    ("context", "peer", "because"),
    [
        (CA, Peer(presented=True), "the server's certificate is not captured"),
        ({"trusted_ca": {"filename": "/ca.pem"}}, PEER, "the client's trusted CA is not captured: file /ca.pem"),
        ({**CA, "custom_validator_config": {"name": "x"}}, PEER, "custom_validator_config is not modelled"),
        ({**CA, "crl": {"inline_string": "x"}}, PEER, "crl of the client is not modelled"),
        ({**CA, "max_verify_depth": 1}, PEER, "max_verify_depth of the client is not modelled"),
        ({"system_root_certs": {}}, PEER, "the client's trusted CA is not captured: system_root_certs, which no dump holds"),
        ({**CA, "verify_certificate_hash": ["00"]}, Peer(presented=True, validated=True),
         "whether the certificate has the pinned key or hash is unknown"),
    ],
)  # fmt: skip
def test_what_is_not_captured_is_unknown(context: dict[str, Any], peer: Peer, because: str) -> None:
    assert (verdict(context, peer).is_unknown, verdict(context, peer).because) == (True, because)


def test_a_combined_context_is_the_default_with_what_sds_delivers_over_it() -> None:
    secret = read(Secret, {"name": "ca", "validation_context": name("DNS", "back.example")})
    secrets = Secrets({"ca": secret}.get)
    reference = {"validation_context_sds_secret_config": {"name": "ca"}}
    assert asked(reference, secrets).of(PEER, Envoy(), Usage.SERVER).is_yes
    default = {"match_typed_subject_alt_names": [{"san_type": "URI", "matcher": {"exact": "spiffe://td/other"}}]}
    both = asked({"combined_validation_context": {"default_validation_context": default, **reference}}, secrets)
    assert both.roots == (A.der,)
    assert len(both.context.match_typed_subject_alt_names) == 2
    assert both.of(PEER, Envoy(), Usage.SERVER).is_yes, "one of the names is enough"
    assert both.of(Credential((leaf(A, "x").der,)).peer, Envoy(), Usage.SERVER).is_no


def test_an_authority_that_was_not_captured_is_unknown_but_for_the_meshs_own() -> None:
    def of(secret: str) -> Verdict:
        return asked({"validation_context_sds_secret_config": {"name": secret}}).of(PEER, Envoy(), Usage.CLIENT)

    assert of("ca").because == "the server's trusted CA is not captured: secret ca is not in this input"
    assert of("ROOTCA").is_yes


@pytest.mark.parametrize(
    ("context", "asks", "requires"),
    [
        ({}, False, False),
        (CA, True, False),
        (name("DNS", "a"), True, True),
        ({**CA, "verify_certificate_hash": ["00"]}, True, True),
        ({**CA, "verify_certificate_hash": ["00"], "trust_chain_verification": "ACCEPT_UNTRUSTED"}, True, False),
        ({"trust_chain_verification": "ACCEPT_UNTRUSTED"}, True, False),
    ],
)
def test_names_and_pins_require_a_certificate(context: dict[str, Any], *, asks: bool, requires: bool) -> None:
    found = asked({"validation_context": context})
    assert (found.asks, found.requires) == (asks, requires)


def test_without_a_context_nothing_is_asked() -> None:
    assert validation(CommonTlsContext(), NO_SECRETS) is None
