"""Certificates for tests: authorities, and what they sign."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from ipaddress import ip_address
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

Extension = tuple[x509.ExtensionType, bool]
"""An extension, and whether it is critical."""
ALWAYS = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class Signed(NamedTuple):
    certificate: x509.Certificate
    key: Key

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def secret(self) -> str:
        encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        return self.key.private_bytes(encoding, form, serialization.NoEncryption()).decode()

    @property
    def key_hash(self) -> bytes:
        """The SHA-256 of its public key, as pins have it."""
        encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        return sha256(self.key.public_key().public_bytes(encoding, form)).digest()


@cache
def authority(  # noqa: PLR0913  # each but the first two is an option
    name: str,
    by: Signed | None = None,
    *,
    known_by_key: bool = True,
    ca: bool = True,
    path_length: int | None = None,
    only: str = "",
) -> Signed:
    """`by` None: it signs itself. `known_by_key`: its certificate names its key. `only`: its name constraint."""
    extensions: list[Extension] = [(x509.BasicConstraints(ca=ca, path_length=path_length if ca else None), True)]
    if only:
        extensions.append((x509.NameConstraints([x509.DNSName(only)], None), True))
    issuer = by.certificate.subject.rfc4514_string().removeprefix("CN=") if by else name
    return _signed(Names(name, issuer), extensions, by, known_by_key=known_by_key)


@cache
def leaf(  # noqa: PLR0913  # each but the first two is an option
    by: Signed,
    *names: str,
    usage: str = "",
    subject: str = "",
    valid: tuple[datetime, datetime] = ALWAYS,
    known_by_key: bool = True,
    key_type: str = "ECDSA",
) -> Signed:
    """`names` with `://` are URIs, digits are addresses, an @ is a mailbox; `usage` is server or client, "" any. Certificates
    of key type RSA share one key, which takes long to make.
    """
    extensions: list[Extension] = (
        [(x509.SubjectAlternativeName([_general(name) for name in names]), False)] if names else []
    )
    if usage:
        one = ExtendedKeyUsageOID.SERVER_AUTH if usage == "server" else ExtendedKeyUsageOID.CLIENT_AUTH
        extensions.append((x509.ExtendedKeyUsage([one]), False))
    issuer = by.certificate.subject.rfc4514_string().removeprefix("CN=")
    key = _rsa() if key_type == "RSA" else None
    return _signed(Names(subject, issuer, valid), extensions, by, key, known_by_key=known_by_key)


class Names(NamedTuple):
    """Whose certificate it is and whose work, and when it is valid."""

    subject: str
    issuer: str
    valid: tuple[datetime, datetime] = ALWAYS


def _general(name: str) -> x509.GeneralName:
    if "://" in name:
        return x509.UniformResourceIdentifier(name)
    if "@" in name:
        return x509.RFC822Name(name)
    return x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)


@cache
def _rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _signed(
    names: Names, extensions: list[Extension], by: Signed | None, key: Key | None = None, *, known_by_key: bool
) -> Signed:
    key = key or ec.generate_private_key(ec.SECP256R1())
    above = by.key if by else key
    builder = (
        x509.CertificateBuilder(
            _named(names.issuer), _named(names.subject), key.public_key(), x509.random_serial_number()
        )
        .not_valid_before(names.valid[0])
        .not_valid_after(names.valid[1])
    )
    if known_by_key:
        extensions = [*extensions, (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
                      (x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), False)]  # fmt: skip
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return Signed(builder.sign(above, hashes.SHA256()), key)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)] if name else [])
