"""Envoy's `/certs`: the certificates that a proxy has loaded.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/certs.proto
"""

from __future__ import annotations

from msgspec import Raw, Struct

from meshscope.location import Location
from meshscope.path import path_text
from meshscope.snapshot.snapshot import Problem
from meshscope.xds.message import Message, Undecodable, decode


class LoadedCertificate(Struct, frozen=True, kw_only=True):
    """`type` is certificate or ca; `path` a file or `<inline>`; `serial` lower-case hexadecimal without leading zeros.

    Times as `2033-05-02T03:41:33Z`. `days_until_expiration` is Envoy's own count at the time of its answer, or None.
    """

    type: str
    path: str
    serial: str
    sans: tuple[str, ...]
    valid_from: str
    expiration_time: str
    days_until_expiration: int | None
    location: Location


class _Name(Message, frozen=True):
    dns: str = ""
    uri: str = ""
    ip_address: str = ""


class _Details(Message, frozen=True):
    path: str = ""
    serial_number: str = ""
    subject_alt_names: tuple[_Name, ...] = ()
    days_until_expiration: int | None = None
    valid_from: str = ""
    expiration_time: str = ""


class _Entry(Message, frozen=True):
    ca_cert: tuple[Raw, ...] = ()
    cert_chain: tuple[Raw, ...] = ()


class _Answer(Message, frozen=True):
    certificates: tuple[_Entry, ...] = ()


def loaded_certificates(value: Raw, location: Location) -> tuple[tuple[LoadedCertificate, ...], tuple[Problem, ...]]:
    """Every certificate as often as it is loaded. One that cannot be read is a problem."""
    answer = decode(value, _Answer)
    if isinstance(answer, Undecodable):
        return (), (Problem(location.document.name, f"/certs: {answer.why}"),)
    loaded, problems = [], []
    for index, entry in enumerate(answer.certificates):
        for member, type_, raws in (("cert_chain", "certificate", entry.cert_chain), ("ca_cert", "ca", entry.ca_cert)):
            for number, raw in enumerate(raws):
                details, place = decode(raw, _Details), location.below(("certificates", index, member, number))
                if isinstance(details, Undecodable):
                    problems.append(Problem(location.document.name, f"{path_text(place.path)}: {details.why}"))
                else:
                    loaded.append(_loaded(details, type_, place))
    return tuple(loaded), tuple(problems)


def _loaded(details: _Details, type_: str, place: Location) -> LoadedCertificate:
    return LoadedCertificate(
        type=type_,
        path=details.path,
        serial=details.serial_number.lower().lstrip("0"),
        sans=tuple(name.dns or name.uri or name.ip_address for name in details.subject_alt_names),
        valid_from=details.valid_from,
        expiration_time=details.expiration_time,
        days_until_expiration=details.days_until_expiration,
        location=place,
    )
