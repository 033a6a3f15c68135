"""What a handshake asks of a certificate, read from its DER without a library: a trace must not wait for one to load.

https://www.rfc-editor.org/rfc/rfc5280#section-4.1
`certificate.py` reads the same for people, with `cryptography`.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from ipaddress import ip_address

from msgspec import Struct

EMPTY_NAME = b"\x30\x00"
"""A name of no parts, in DER."""
_BEGIN, _END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"
_SUBJECT_KEY, _ALT_NAMES, _CONSTRAINTS = b"\x55\x1d\x0e", b"\x55\x1d\x11", b"\x55\x1d\x13"
_NAME_CONSTRAINTS = b"\x55\x1d\x1e"
_AUTHORITY_KEY, _EXTENDED_USAGE = b"\x55\x1d\x23", b"\x55\x1d\x25"
_USAGES = {
    b"\x2b\x06\x01\x05\x05\x07\x03\x01": "serverAuth",
    b"\x2b\x06\x01\x05\x05\x07\x03\x02": "clientAuth",
    b"\x55\x1d\x25\x00": "any",
}
_KEY_TYPES = {b"\x2a\x86\x48\xce\x3d\x02\x01": "ECDSA", b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01": "RSA"}
_SEQUENCE, _UTC_TIME, _VERSION, _EXTENSIONS = 0x30, 0x17, 0xA0, 0xA3


class CertificateFields(Struct, frozen=True, kw_only=True):
    """`issuer` and `subject` as DER; times as `2033-05-02T03:41:33Z`. Key identifiers are empty where the certificate has none.

    `usages` () is any. `key_hash` is the SHA-256 of the public key's SubjectPublicKeyInfo, as pins have it; `key_type` is
    RSA, ECDSA or "" (https://www.rfc-editor.org/rfc/rfc3279#section-2.3).

    `is_v1`: of the version without extensions. `path_length`: how many authorities may stand below this one; None: any number.
    """

    issuer: bytes
    subject: bytes
    not_before: str
    not_after: str
    key_hash: bytes
    key_type: str = ""
    is_ca: bool = False
    is_v1: bool = False
    path_length: int | None = None
    has_name_constraints: bool = False
    subject_key: bytes = b""
    authority_key: bytes = b""
    usages: tuple[str, ...] = ()
    uris: tuple[str, ...] = ()
    dns: tuple[str, ...] = ()
    ips: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every alternative name, by kind."""
        return (*self.dns, *self.uris, *self.ips, *self.emails)


def certificates(pem_or_der: bytes) -> tuple[bytes, ...]:
    """The certificates of a PEM text, or the one in DER, in their order; () where there is none."""
    if _BEGIN not in pem_or_der:
        return (pem_or_der,) if pem_or_der[:1] == bytes((_SEQUENCE,)) else ()
    found = []
    for part in pem_or_der.split(_BEGIN)[1:]:
        body, end, _ = part.partition(_END)
        try:
            found.append(b64decode(body) if end else b"")
        except ValueError:
            found.append(b"")
    return tuple(der for der in found if der)


@lru_cache(maxsize=4096)
def certificate_fields(der: bytes) -> CertificateFields | None:
    """None where it does not read."""
    try:
        return _fields(der)
    except (IndexError, ValueError):
        return None


def _fields(der: bytes) -> CertificateFields:
    _, start, _ = _element(der, 0)
    _, at, end = _element(der, start)
    parts = [*_elements(der, at, end)]
    is_v1 = parts[0][0] != _VERSION
    parts = parts if is_v1 else parts[1:]
    _, _, issuer, validity, subject, key = parts[:6]
    times = [_time(der, *each) for each in _elements(der, validity[2], validity[3])]
    found: dict[str, object] = {}
    for tag, _, inner, _ in parts[6:]:
        if tag == _EXTENSIONS:
            _, first, last = _element(der, inner)
            for _, _, begin, stop in _elements(der, first, last):
                _note_extension(der, begin, stop, found)
    return CertificateFields(
        issuer=der[issuer[1] : issuer[3]],
        subject=der[subject[1] : subject[3]],
        not_before=times[0],
        not_after=times[1],
        is_v1=is_v1,
        key_hash=sha256(der[key[1] : key[3]]).digest(),
        key_type=_key_type(der, key[2]),
        **found,  # type: ignore[arg-type]  # the names are those of the fields
    )


def _key_type(der: bytes, at: int) -> str:
    _, start, _ = _element(der, at)
    _, begin, end = _element(der, start)
    return _KEY_TYPES.get(der[begin:end], "")


def _note_extension(der: bytes, start: int, end: int, found: dict[str, object]) -> None:
    parts = [*_elements(der, start, end)]
    kind = der[parts[0][2] : parts[0][3]]
    at = parts[-1][2]  # an OCTET STRING, after the flag that it is critical
    if kind == _SUBJECT_KEY:
        _, begin, last = _element(der, at)
        found["subject_key"] = der[begin:last]
    elif kind == _AUTHORITY_KEY:
        _, begin, last = _element(der, at)
        keys = (der[first:till] for tag, _, first, till in _elements(der, begin, last) if tag == 0x80)
        found["authority_key"] = next(keys, b"")
    elif kind == _CONSTRAINTS:
        _, begin, last = _element(der, at)
        inner = [*_elements(der, begin, last)]
        found["is_ca"] = any(tag == 0x01 and der[first] != 0 for tag, _, first, _ in inner)
        lengths = (int.from_bytes(der[first:till], "big") for tag, _, first, till in inner if tag == 0x02)
        found["path_length"] = next(lengths, None)
    elif kind == _NAME_CONSTRAINTS:
        found["has_name_constraints"] = True
    elif kind == _EXTENDED_USAGE:
        _, begin, last = _element(der, at)
        asked = (der[first:till] for _, _, first, till in _elements(der, begin, last))
        found["usages"] = tuple(_USAGES.get(one, one.hex()) for one in asked)
    elif kind == _ALT_NAMES:
        _, begin, last = _element(der, at)
        _note_names(der, begin, last, found)


def _note_names(der: bytes, start: int, end: int, found: dict[str, object]) -> None:
    names: dict[str, list[str]] = {"emails": [], "dns": [], "uris": [], "ips": []}
    kinds = {0x81: "emails", 0x82: "dns", 0x86: "uris", 0x87: "ips"}
    for tag, _, first, till in _elements(der, start, end):
        value = der[first:till]
        if tag in kinds:
            names[kinds[tag]].append(str(ip_address(value)) if tag == 0x87 else value.decode("latin-1"))
    found.update({kind: tuple(values) for kind, values in names.items()})


def _time(der: bytes, tag: int, _: int, start: int, end: int) -> str:
    """A UTCTime has two digits for the year: those below 50 are of this century."""
    text = der[start:end].decode("ascii").rstrip("Z")
    if tag == _UTC_TIME:
        text = ("20" if int(text[:2]) < 50 else "19") + text
    year, rest = text[:4], [text[at : at + 2] for at in range(4, 14, 2)]
    month, day, hour, minute, second = (f"{int(part):02}" for part in rest)
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}Z"


def _elements(der: bytes, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Tag, where it begins, and start and end of its contents."""
    while at < end:
        tag, start, stop = _element(der, at)
        yield tag, at, start, stop
        at = stop


def _element(der: bytes, at: int) -> tuple[int, int, int]:
    """Tag, start and end of the contents of a DER element. Raises IndexError where it is cut off."""
    length, start = der[at + 1], at + 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(der[at + 2 : start], "big")
    if start + length > len(der):
        raise IndexError("an element is longer than its text")
    return der[at], start, start + length
