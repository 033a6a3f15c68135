from __future__ import annotations

import ipaddress
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from meshscope.xds.certificate import CertificateFacts, certificate_facts, subject_of, validity

KEY = ec.generate_private_key(ec.SECP256R1())


def certificate(
    name: str, *, serial: int = 0xAB, is_ca: bool | None = False, sans: tuple[x509.GeneralName, ...] = ()
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder(subject, subject, KEY.public_key(), serial)
        .not_valid_before(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
        .not_valid_after(datetime(2033, 5, 2, 3, 41, 33, tzinfo=UTC))
    )
    if sans:
        builder = builder.add_extension(x509.SubjectAlternativeName(sans), critical=False)
    if is_ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    return builder.sign(KEY, hashes.SHA256())


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def private_key() -> bytes:
    return KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def facts(body: bytes) -> tuple[CertificateFacts, ...]:
    found = certificate_facts(body)
    assert isinstance(found, tuple)
    return found


def test_facts_are_those_of_the_certificate() -> None:
    sans = (
        x509.UniformResourceIdentifier("spiffe://cluster.local/ns/a/sa/b"),
        x509.DNSName("*.example.com"),
        x509.IPAddress(ipaddress.ip_address("10.0.0.1")),
        x509.DirectoryName(x509.Name([])),
    )
    assert facts(pem(certificate("leaf", serial=0x0ABC, sans=sans))) == (
        CertificateFacts(
            serial="abc",
            not_before="2026-01-02T03:04:05Z",
            not_after="2033-05-02T03:41:33Z",
            sans=("spiffe://cluster.local/ns/a/sa/b", "*.example.com", "10.0.0.1"),
            subject="CN=leaf",
            issuer="CN=leaf",
            is_ca=False,
        ),
    )


@given(st.integers(1, 2**159 - 1))
def test_serials_are_hexadecimal_and_der_reads_as_pem(serial: int) -> None:
    one = certificate("a", serial=serial)
    assert facts(pem(one)) == facts(one.public_bytes(serialization.Encoding.DER))
    assert int(facts(pem(one))[0].serial, 16) == serial


def test_a_certificate_without_extensions_is_no_authority() -> None:
    assert facts(pem(certificate("old", is_ca=None)))[0].is_ca is False


def test_the_leaf_stands_first_and_authorities_keep_their_order() -> None:
    chain = [certificate("root", is_ca=True), certificate("leaf"), certificate("middle", is_ca=True)]
    assert [fact.subject for fact in facts(b"\n".join(map(pem, chain)))] == ["CN=leaf", "CN=root", "CN=middle"]


def test_blocks_of_another_label_and_text_around_are_not_looked_at() -> None:
    body = b"# chain\r\n" + private_key() + pem(certificate("leaf")).replace(b"\n", b"\r\n") + private_key()
    assert [fact.subject for fact in facts(body)] == ["CN=leaf"]


@pytest.mark.parametrize(
    "body",
    [b"", b"\x30\x03\x02\x01\x00", b"redacted", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"],
)
def test_what_is_no_certificate_is_a_reason_in_one_line(body: bytes) -> None:
    reason = certificate_facts(body)
    assert isinstance(reason, str)
    assert reason.startswith("not a certificate: ")
    assert "\n" not in reason


def test_a_key_alone_is_a_reason_that_shows_nothing_of_it() -> None:
    assert certificate_facts(private_key()) == "no certificate in this PEM text"


@given(st.binary(max_size=60))
def test_any_bytes_are_read_without_failing(body: bytes) -> None:
    assert isinstance(certificate_facts(body), (str, tuple))


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-01-02T03:04:04Z", "not_yet_valid"),
        ("2026-01-02T03:04:05Z", "valid"),
        ("2033-05-02T03:41:33Z", "valid"),
        ("2033-05-02T03:41:33.5Z", "expired"),
        ("2033-05-02T05:41:33+02:00", "valid"),
        ("2033-05-02T05:41:34+02:00", "expired"),
        ("", "unknown"),
        ("yesterday", "unknown"),
    ],
)
def test_validity_is_judged_at_the_given_time(at: str, expected: str) -> None:
    assert validity(facts(pem(certificate("a")))[0], at) == expected


def test_an_empty_subject_is_told_from_one_that_does_not_read() -> None:
    nameless = x509.Name([])
    built = (
        x509.CertificateBuilder(nameless, nameless, KEY.public_key(), 1)
        .not_valid_before(datetime(2026, 1, 2, tzinfo=UTC))
        .not_valid_after(datetime(2033, 5, 2, tzinfo=UTC))
        .sign(KEY, hashes.SHA256())
    )
    assert subject_of(built.public_bytes(serialization.Encoding.DER)) == ""
    assert subject_of(certificate('a "b", c').public_bytes(serialization.Encoding.DER)) == r"CN=a \"b\"\, c"


@given(st.binary(max_size=60))
def test_what_is_no_certificate_has_no_known_subject(body: bytes) -> None:
    assert subject_of(body) in (None, "")
