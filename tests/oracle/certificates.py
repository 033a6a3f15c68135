"""A certificate authority of one run, the server's certificate, and the client's with a SPIFFE identity."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

SERVER = "a.example"
CLIENT = "spiffe://cluster.local/ns/a/sa/b"


class Pair(NamedTuple):
    """A certificate and its key, as PEM."""

    certificate: str
    key: str


class _Authority(NamedTuple):
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


@cache
def _authority() -> _Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    return _Authority(
        _signed("authority", key, key, "authority", x509.BasicConstraints(ca=True, path_length=None)), key
    )


def authority() -> str:
    return _authority().certificate.public_bytes(serialization.Encoding.PEM).decode()


@cache
def server() -> Pair:
    return _pair(SERVER, x509.SubjectAlternativeName([x509.DNSName(SERVER)]))


@cache
def client() -> Path:
    """A file with the client's certificate and key, gone with the process."""
    pair = _pair("client", x509.SubjectAlternativeName([x509.UniformResourceIdentifier(CLIENT)]))
    file = Path(_folder().name) / "client.pem"
    file.write_text(pair.certificate + pair.key)
    return file


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory()


def _pair(name: str, names: x509.ExtensionType) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = serialization.Encoding.PEM
    certificate = _signed(name, key, _authority().key, "authority", names)
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Pair(certificate.public_bytes(pem).decode(), secret.decode())


def _signed(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
    issuer: str,
    extension: x509.ExtensionType,
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(_named(issuer), _named(name), key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    return builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints)).sign(
        by, hashes.SHA256()
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
