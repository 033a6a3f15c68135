from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from meshscope.xds.message import Undecodable, decode
from meshscope.xds.secret import DataSource, Secret
from meshscope.xds.tls import DownstreamTlsContext, UpstreamTlsContext

PEM = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"
KEY = "very-secret-key-material"


def secret(value: object) -> Secret:
    found = decode(json.dumps(value).encode(), Secret)
    assert isinstance(found, Secret), found
    return found


@pytest.mark.parametrize(
    ("value", "kind", "public"),
    [
        ({"tls_certificate": {"certificate_chain": {"inline_string": PEM}}}, "certificate", PEM.encode()),
        (
            {"tls_certificate": {"certificate_chain": {"inline_bytes": b64encode(PEM.encode()).decode()}}},
            "certificate",
            PEM.encode(),
        ),
        ({"validation_context": {"trusted_ca": {"inline_string": PEM}}}, "ca", PEM.encode()),
        ({"tls_certificate": {"certificate_chain": {"filename": "/etc/cert.pem"}}}, "certificate", b""),
        ({"tls_certificate": {}}, "certificate", b""),
        ({"generic_secret": {"secret": {"inline_string": KEY}}}, "", b""),
        ({"session_ticket_keys": {"keys": [{"inline_string": KEY}]}}, "", b""),
        ({"name": "requested"}, "", b""),
    ],
)
def test_a_secret_tells_its_type_and_its_public_part(value: object, kind: str, public: bytes) -> None:
    assert (secret(value).type, secret(value).public_certificates()) == (kind, public)


@pytest.mark.parametrize("text", ["%%%", "abc", "W3JlZGFjdGVkXQ==\n"])
def test_bytes_that_are_no_base64_are_no_bytes(text: str) -> None:
    assert DataSource(inline_bytes=text).inline() == b""


KEYS: list[dict[str, Any]] = [
    {"tls_certificate": {"certificate_chain": {"inline_string": PEM}, "private_key": {"inline_string": KEY}}},
    {"tls_certificate": {"private_key": {"inline_bytes": KEY}, "password": {"inline_string": KEY}}},
    {"tls_certificate": {"private_key_provider": {"typed_config": {"key": KEY}}}},
    {"session_ticket_keys": {"keys": [{"inline_string": KEY}]}},
    {"generic_secret": {"secret": {"inline_string": KEY}}},
    {"generic_secret": {"secrets": {"a": {"inline_string": KEY}}}},
]


@pytest.mark.parametrize("value", KEYS)
def test_no_key_is_in_the_text_of_a_secret(value: object) -> None:
    assert KEY not in repr(secret(value))


@pytest.mark.parametrize("value", KEYS[:3])
def test_no_private_key_is_in_the_json_of_a_secret(value: object) -> None:
    assert KEY.encode() not in msgspec.json.encode(secret(value))


@pytest.mark.parametrize("value", KEYS[3:])
def test_no_other_key_is_in_the_json_of_a_secret(value: object) -> None:
    assert KEY.encode() not in msgspec.json.encode(secret(value))


@pytest.mark.parametrize("kind", [DownstreamTlsContext, UpstreamTlsContext])
def test_no_inline_key_is_in_the_text_of_a_tls_context(kind: type) -> None:
    context = {"common_tls_context": {"tls_certificates": [KEYS[0]["tls_certificate"]]}}
    found = decode(json.dumps(context).encode(), kind)
    assert isinstance(found, kind)
    assert KEY not in repr(found)


@given(st.binary(max_size=60))
def test_any_bytes_read_as_a_secret_or_say_why_not(body: bytes) -> None:
    assert isinstance(decode(Raw(body), Secret), (Secret, Undecodable))
