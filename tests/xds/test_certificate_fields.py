from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from meshscope.xds.certificate import certificate_facts
from meshscope.xds.certificate_fields import EMPTY_NAME, CertificateFields, certificate_fields, certificates

from ..certificates import Signed, authority, leaf

_name = st.one_of(
    st.from_regex(r"[a-z][a-z0-9]{0,10}(\.[a-z]{1,5}){0,2}", fullmatch=True),
    st.from_regex(r"spiffe://[a-z]{1,9}(/[a-z]{1,9}){0,4}", fullmatch=True),
    st.ip_addresses().map(str),
    st.from_regex(r"[a-z]{1,9}@[a-z]{1,9}\.[a-z]{2}", fullmatch=True),
)


@given(st.lists(_name, max_size=4), st.sampled_from(("", "server", "client")), st.sampled_from(("", "named")))
def test_it_reads_what_a_library_reads(names: list[str], usage: str, subject: str) -> None:
    made = leaf(authority("A"), *names, usage=usage, subject=subject)
    fields, facts = fields_of(made), certificate_facts(made.der)
    assert not isinstance(facts, str)
    assert sorted(fields.names) == sorted(facts[0].sans) == sorted(names)
    assert (fields.not_before, fields.not_after) == (facts[0].not_before, facts[0].not_after)
    assert (fields.subject == EMPTY_NAME) == (not subject)
    assert fields.usages == ((f"{usage}Auth",) if usage else ())
    assert fields.key_hash == made.key_hash


def test_an_authority_is_named_by_what_it_signs() -> None:
    root, signed = fields_of(authority("A")), fields_of(leaf(authority("A"), "a.example"))
    assert (signed.issuer, signed.authority_key) == (root.subject, root.subject_key)
    assert (root.is_ca, signed.is_ca) == (True, False)
    assert fields_of(authority("B")).subject_key != root.subject_key


def test_a_text_has_its_certificates_in_their_order_and_nothing_else() -> None:
    first, second = leaf(authority("A"), "a.example"), authority("A")
    secret = first.secret
    assert certificates(f"{first.pem}{secret}{second.pem}".encode()) == (first.der, second.der)
    assert certificates(first.der) == (first.der,)
    assert certificates(b"") == certificates(secret.encode()) == certificates(b"[redacted]") == ()
    assert certificates(b"-----BEGIN CERTIFICATE-----\nno end") == ()


@given(st.binary(max_size=80))
def test_what_is_no_certificate_has_no_fields(body: bytes) -> None:
    assert certificate_fields(body) is None


@given(st.data())
def test_a_certificate_that_is_cut_or_changed_never_raises(data: st.DataObject) -> None:
    der = bytearray(leaf(authority("A"), "a.example", "spiffe://td/x", "10.0.0.1", usage="server").der)
    der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    certificate_fields(bytes(der[: data.draw(st.integers(0, len(der)))]))


def fields_of(made: Signed) -> CertificateFields:
    fields = certificate_fields(made.der)
    assert fields is not None
    return fields
