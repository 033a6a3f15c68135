"""What a public certificate says of itself. Key material is never read: blocks of another label are not looked at."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from meshscope.xds.certificate_fields import EMPTY_NAME, certificate_fields

if TYPE_CHECKING:
    from cryptography import x509

_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)

VALID, EXPIRED, NOT_YET_VALID, UNKNOWN = "valid", "expired", "not_yet_valid", "unknown"


class CertificateFacts(Struct, frozen=True):
    """`serial` in lower-case hexadecimal without leading zeros; times as `2033-05-02T03:41:33Z`.

    `sans` are DNS names, URIs, e-mail and IP addresses as plain text; `subject` and `issuer` stand as in RFC 4514.
    """

    serial: str
    not_before: str
    not_after: str
    sans: tuple[str, ...] = ()
    subject: str = ""
    issuer: str = ""
    is_ca: bool = False


def certificate_facts(pem_or_der: bytes) -> tuple[CertificateFacts, ...] | str:
    """The certificates of a PEM text or one in DER, leaf before authorities; else the reason in one line.

    Certificates of the same sort keep their order. A text without any certificate is no failure of reading: the answer
    is a reason too, so that nothing is taken for an empty chain.
    """
    from cryptography import x509  # takes 50 ms; only secrets pay for it

    is_pem = b"-----BEGIN" in pem_or_der
    try:
        if is_pem:
            found = [x509.load_pem_x509_certificate(block) for block in _BLOCK.findall(pem_or_der)]
        else:
            found = [x509.load_der_x509_certificate(pem_or_der)]
        facts = [_facts(certificate) for certificate in found]
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        return "not a certificate: " + (" ".join(str(error).split()) or type(error).__name__)
    return tuple(sorted(facts, key=lambda fact: fact.is_ca)) or "no certificate in this PEM text"


def subject_of(der: bytes) -> str | None:
    """The subject as in RFC 4514, "" for an empty one (as Istio's workloads have it); None where it does not read."""
    fields = certificate_fields(der)
    if fields is None:
        return None
    if fields.subject == EMPTY_NAME:
        return ""
    facts = certificate_facts(der)
    return None if isinstance(facts, str) else facts[0].subject


def validity(certificate: CertificateFacts, at: str) -> str:
    """`valid`, `expired` or `not_yet_valid` at a time in RFC 3339 (both ends are valid); `unknown` without a time."""
    try:
        moment = _moment(at)
    except ValueError:
        return UNKNOWN
    if moment < _moment(certificate.not_before):
        return NOT_YET_VALID
    return EXPIRED if moment > _moment(certificate.not_after) else VALID


def time_left(not_after: str, at: str) -> timedelta | None:
    """From a time in RFC 3339 to the end of validity, negative after it; None without a time."""
    try:
        return _moment(not_after) - _moment(at)
    except ValueError:
        return None


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _facts(certificate: x509.Certificate) -> CertificateFacts:
    return CertificateFacts(
        serial=f"{certificate.serial_number:x}",
        not_before=_written(certificate.not_valid_before_utc),
        not_after=_written(certificate.not_valid_after_utc),
        sans=_sans(certificate),
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        is_ca=_is_ca(certificate),
    )


def _written(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _sans(certificate: x509.Certificate) -> tuple[str, ...]:
    from cryptography import x509  # loaded by the caller

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    plain = (x509.DNSName, x509.UniformResourceIdentifier, x509.IPAddress, x509.RFC822Name)
    return tuple(str(name.value) for name in names if isinstance(name, plain))


def _is_ca(certificate: x509.Certificate) -> bool:
    from cryptography import x509  # loaded by the caller

    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
