from __future__ import annotations

from pathlib import Path

from msgspec import Raw

from meshscope.envoy.certs import LoadedCertificate, loaded_certificates
from meshscope.location import Document, Location
from meshscope.snapshot.snapshot import Problem

CERTS = Path(__file__).parents[1] / "data/envoy/admin/inmate/certs.json"


def read(body: bytes) -> tuple[tuple[LoadedCertificate, ...], tuple[Problem, ...]]:
    return loaded_certificates(Raw(body), Location(Document.of("certs.json", body)))


def test_a_recorded_proxy_holds_its_certificate_and_the_meshs_authority() -> None:
    loaded, problems = read(CERTS.read_bytes())
    assert problems == ()
    workload, authority = loaded[:2]
    assert (workload.type, authority.type) == ("certificate", "ca")
    assert workload.serial == "598d4d8c0f28610ee097e0bb5ce63cfc"
    assert workload.sans == ("spiffe://cluster.local/ns/closed/sa/inmate",)
    assert (workload.valid_from, workload.expiration_time) == ("2026-11-24T17:05:58Z", "2026-11-25T17:07:58Z")
    assert (workload.path, workload.days_until_expiration) == ("<inline>", 0)
    assert (authority.sans, authority.days_until_expiration) == ((), 3649)


def test_a_certificate_leads_back_to_its_line() -> None:
    body = CERTS.read_bytes()
    for certificate in read(body)[0]:
        line = certificate.location.place().line
        assert line is not None
        assert certificate.serial in "".join(body.decode().split("\n")[line : line + 3])


def test_names_of_all_sorts_are_plain_text_and_serials_have_no_leading_zero() -> None:
    names = b'[{"dns": "a.example"}, {"uri": "spiffe://x/y"}, {"ip_address": "10.0.0.1"}]'
    body = b'{"certificates": [{"cert_chain": [{"serial_number": "0AB", "subject_alt_names": %s}]}]}' % names
    (certificate,) = read(body)[0]
    assert certificate.sans == ("a.example", "spiffe://x/y", "10.0.0.1")
    assert (certificate.serial, certificate.days_until_expiration) == ("ab", None)


def test_a_certificate_that_does_not_read_is_a_problem_and_the_rest_stays() -> None:
    loaded, problems = read(b'{"certificates": [{"cert_chain": [{"path": 3}, {"path": "/b"}]}]}')
    assert [certificate.path for certificate in loaded] == ["/b"]
    assert problems[0].message.startswith("certificates[0].cert_chain[0]: ")
    assert len(read(b"[]")[1]) == 1
