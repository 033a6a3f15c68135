"""Whether a certificate leads to a trusted authority, and is valid at a time.

https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/security/ssl#certificate-verification
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from meshscope.simulation.verdict import YES, Verdict, no, unknown
from meshscope.xds.certificate_fields import CertificateFields, certificate_fields

_DEEPEST = 100


class Usage(StrEnum):
    """What a certificate is shown for, in the words of its extended key usage."""

    SERVER = "serverAuth"
    CLIENT = "clientAuth"


class Presented(Struct, frozen=True):
    """`chain` is what the other side shows, in DER, the leaf first."""

    chain: tuple[bytes, ...]
    usage: Usage


def trusted(shown: Presented, roots: tuple[bytes, ...], at: str, *, allow_expired: bool = False) -> Verdict:
    """Whether the chain ends at one of `roots` (DER). `at` is a time in RFC 3339, "" where it is unknown: validity is then
    taken for granted.

    An issuer is found by its name and the identifier of its key; where one of them has no identifier, by the signature.
    """
    leaf = certificate_fields(shown.chain[0])
    if leaf is None:
        return unknown("the certificate does not read")
    if leaf.usages and shown.usage not in leaf.usages and "any" not in leaf.usages:
        return no(f"it is for {' and '.join(leaf.usages)}, not for {shown.usage}")
    return _led(shown.chain, leaf, roots, "" if allow_expired else _in_utc(at))


def _led(chain: tuple[bytes, ...], leaf: CertificateFields, roots: tuple[bytes, ...], moment: str) -> Verdict:
    """From issuer to issuer until a root; each is valid at the moment."""
    known = [(der, fields) for der in (*chain[1:], *roots) if (fields := certificate_fields(der)) is not None]
    der, fields, of_whom, doubt = chain[0], leaf, "it", ""
    for authorities in range(_DEEPEST):
        if late := _out_of_time(fields, moment):
            return no(f"{of_whom} {late}")
        if der in roots:
            return unknown(doubt) if doubt else YES
        # what a root says of itself is not asked: it is trusted as it is
        issuers = (one for one in known if one[0] in roots or one[1].is_ca or one[1].is_v1)
        issuer = next((one for one in issuers if _issued(der, fields, *one)), None)
        if issuer is None:
            return no("its issuer is not among the trusted authorities")
        (der, fields), of_whom = issuer, "its authority"
        if fields.path_length is not None and authorities > fields.path_length and der not in roots:
            return no(f"an authority allows {fields.path_length} more below it, and there are {authorities}")
        if fields.has_name_constraints:
            doubt = "name constraints of an authority are not modelled"
    return no("its chain has no end")


def _issued(der: bytes, fields: CertificateFields, issuer_der: bytes, issuer: CertificateFields) -> bool:
    if fields.issuer != issuer.subject or der == issuer_der:
        return False
    if fields.authority_key and issuer.subject_key:
        return fields.authority_key == issuer.subject_key
    return _signed(der, issuer_der)


def _signed(der: bytes, issuer: bytes) -> bool:
    from cryptography import x509  # takes 50 ms; most authorities name their keys
    from cryptography.exceptions import InvalidSignature

    try:
        x509.load_der_x509_certificate(der).verify_directly_issued_by(x509.load_der_x509_certificate(issuer))
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _in_utc(at: str) -> str:
    """As certificates have their times; "" where it is none."""
    if at.endswith("Z") and len(at) == len("2033-05-02T03:41:33Z"):
        return at
    from datetime import UTC, datetime  # a capture's time is in that form already

    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return ""
    return f"{moment.astimezone(UTC) if moment.tzinfo else moment:%Y-%m-%dT%H:%M:%SZ}"


def _out_of_time(fields: CertificateFields, moment: str) -> str:
    """Why it is not valid at a moment; "" where it is. All are written alike, so that text compares as time does."""
    if not moment:
        return ""
    if moment < fields.not_before:
        return f"is valid from {fields.not_before} only, and the time is {moment}"
    return f"expired at {fields.not_after}, and the time is {moment}" if moment > fields.not_after else ""
