"""Two listeners of one Envoy, one in front of the other: random TLS on both sides, and certificates of all sorts."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID as Usage
from hypothesis import strategies as st

from .messages import Json, Message, extension, one, some, true

FRONT, BACK = "spiffe://td/ns/f/sa/front", "spiffe://td/ns/b/sa/back"
HOSTS = ("up.example", "other.test", "10.0.0.9")


class Pair(NamedTuple):
    """A certificate with what is shown beside it and its key, as PEM; `der` is the certificate, `key_pin` an SPKI pin."""

    chain: str
    key: str
    der: bytes
    key_pin: str

    def message(self) -> Json:
        return {"certificate_chain": {"inline_string": self.chain}, "private_key": {"inline_string": self.key}}


Extension = tuple[x509.ExtensionType, bool]
"""An extension, and whether it is critical."""


class Signer(NamedTuple):
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


@cache
def signer(name: str, by: str = "") -> Signer:
    """An authority; its certificate is its own work, or that of another one."""
    key = ec.generate_private_key(ec.SECP256R1())
    above = signer(by).key if by else key
    ca = (x509.BasicConstraints(ca=True, path_length=None), True)
    return Signer(_signed(Subject(name, by or name), key, above, [ca]), key)


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


class Subject(NamedTuple):
    """Whose certificate it is and whose work, and the days between which it is valid."""

    name: str
    issuer: str
    days: tuple[int, int] = (-1, 1)


@cache
def leaf(
    by: str = "A", names: tuple[str, ...] = (BACK,), days: tuple[int, int] = (-1, 1), usage: str = "", subject: str = ""
) -> Pair:
    """`usage`: server, client or any. An authority `middle` is of A, and shown too."""
    key = ec.generate_private_key(ec.SECP256R1())
    above = signer(by, "A") if by == "middle" else signer(by)
    general = [x509.UniformResourceIdentifier(one) if "://" in one else x509.DNSName(one) for one in names]
    extensions: list[Extension] = [(x509.SubjectAlternativeName(general), False)] if names else []
    if usage:
        one = Usage.SERVER_AUTH if usage == "server" else Usage.CLIENT_AUTH
        extensions.append((x509.ExtendedKeyUsage([one]), False))
    certificate = _signed(Subject(subject, by, days), key, above.key, extensions)
    encoding, public = serialization.Encoding, serialization.PublicFormat.SubjectPublicKeyInfo
    secret = key.private_bytes(encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pin = hashlib.sha256(key.public_key().public_bytes(encoding.DER, public)).digest()
    return Pair(
        pem(certificate) + (pem(above.certificate) if by == "middle" else ""),
        secret.decode(),
        certificate.public_bytes(encoding.DER),
        b64encode(pin).decode(),
    )


def _signed(
    subject: Subject, key: ec.EllipticCurvePrivateKey, by: ec.EllipticCurvePrivateKey, extensions: list[Extension]
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        _named(subject.issuer), _named(subject.name), key.public_key(), x509.random_serial_number()
    )
    first, last = (now + timedelta(days=days) for days in subject.days)
    builder = builder.not_valid_before(first).not_valid_after(last)
    keys: list[Extension] = [
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), False),
    ]
    for extension_, critical in (*extensions, *keys):
        builder = builder.add_extension(extension_, critical=critical)
    return builder.sign(by, hashes.SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)] if name else [])


# --- what is random ------------------------------------------------------------------------------------------------------

_names = st.sampled_from(
    ((BACK,), (FRONT,), ("up.example",), ("*.example",), ("up.example", BACK), (FRONT, "front.test"), ())
)
pairs = st.one_of(
    st.builds(leaf, st.sampled_from("AAAB"), _names),
    st.builds(leaf, st.just("A"), _names, st.sampled_from(((-3, -1), (1, 3), (-1, 1)))),
    st.builds(leaf, st.just("A"), _names, st.just((-1, 1)), st.sampled_from(("", "server", "client"))),
    st.builds(leaf, st.just("A"), _names, st.just((-1, 1)), st.just(""), st.sampled_from(("", "named"))),
    st.builds(leaf, st.just("middle"), _names),
)
_authorities = st.lists(st.sampled_from("AAB"), min_size=1, max_size=2).map(
    lambda listed: "".join(pem(signer(one).certificate) for one in listed)
)
_roots = st.one_of(_authorities, _authorities, _authorities, st.builds(lambda: pem(signer("middle", "A").certificate)))
_texts = st.one_of(
    one(exact=st.sampled_from((BACK, FRONT, "up.example", "x.example", "front.test"))),
    one(prefix=st.sampled_from(("spiffe://td/", "up"))),
    one(suffix=st.just(".example")),
    one(safe_regex=st.just({"regex": "spiffe://td/ns/./sa/.*"})),
)
_kinds = st.sampled_from(("URI", "URI", "DNS"))
_matchers = st.lists(
    st.builds(lambda kind, text: {"san_type": kind, "matcher": text}, _kinds, _texts), min_size=1, max_size=2
)
_pins = pairs.map(lambda pair: [hashlib.sha256(pair.der).hexdigest()])
_key_pins = pairs.map(lambda pair: [pair.key_pin])
validations: Message = st.one_of(
    some({"trusted_ca": _roots.map(lambda text: {"inline_string": text})}),
    some(
        {"trusted_ca": _roots.map(lambda text: {"inline_string": text})},
        match_typed_subject_alt_names=_matchers,
        allow_expired_certificate=true,
    ),
    some(
        {"trusted_ca": _roots.map(lambda text: {"inline_string": text})},
        verify_certificate_hash=_pins,
        verify_certificate_spki=_key_pins,
        trust_chain_verification=st.sampled_from(("ACCEPT_UNTRUSTED", "VERIFY_TRUST_CHAIN")),
    ),
)
_versions = st.sampled_from(
    (
        {"tls_minimum_protocol_version": "TLSv1_3"},
        {"tls_maximum_protocol_version": "TLSv1_2"},
        {"tls_maximum_protocol_version": "TLSv1_3"},
        {"tls_minimum_protocol_version": "TLSv1_3", "tls_maximum_protocol_version": "TLSv1_3"},
    )
)
_alpn = st.sampled_from((["h2"], ["http/1.1"], ["h2", "http/1.1"], ["istio"], ["istio", "h2"]))


def _common(certificates: st.SearchStrategy[list[Json]]) -> Message:
    return some(
        {"tls_certificates": certificates},
        validation_context=validations,
        alpn_protocols=_alpn,
        tls_params=st.one_of(st.just({}), _versions),
    )


servers: Message = some(
    {"common_tls_context": _common(pairs.map(lambda pair: [pair.message()]))},
    require_client_certificate=true,
    require_sni=true,
).map(lambda context: extension("transport_sockets.tls.v3.DownstreamTlsContext", context))
_client_certificates = st.one_of(
    st.just([]), pairs.map(lambda pair: [pair.message()]), pairs.map(lambda p: [p.message()])
)
clients: Message = some(
    {"common_tls_context": _common(_client_certificates)},
    sni=st.sampled_from(("up.example", "other.test")),
).map(lambda context: extension("transport_sockets.tls.v3.UpstreamTlsContext", context))
_h2: Json = {"http2_protocol_options": {}}
_options: Message = st.one_of(
    st.just({"explicit_http_config": {"http_protocol_options": {}}}),
    st.just({"explicit_http_config": _h2}),
    st.just({"auto_config": {"http_protocol_options": {}, **_h2}}),
    st.just({"use_downstream_protocol_config": _h2}),
)
upstream_options: Message = st.builds(
    lambda options, more: {"@type": OPTIONS_TYPE, **options, **more},
    _options,
    st.one_of(
        st.just({}),
        some(auto_sni=true, auto_san_validation=true).map(
            lambda each: {"upstream_http_protocol_options": each} if each else {}
        ),
    ),
)
OPTIONS_TYPE = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
codecs = st.sampled_from(("AUTO", "AUTO", "HTTP1", "HTTP2"))
retries: Message = st.one_of(
    st.just({}),
    st.just({}),
    st.sampled_from(("connect-failure", "5xx", "reset", "gateway-error", "retriable-4xx")).map(
        lambda on: {"retry_policy": {"retry_on": on, "num_retries": 1}}
    ),
)
principals = st.one_of(
    one(exact=st.sampled_from((FRONT, BACK, "up.example", "front.test", "CN=named", ""))),
    one(prefix=st.just("spiffe://td/")),
)


class Scene(NamedTuple):
    """`principal` None: the back lets everybody in."""

    server: Json
    client: Json
    options: Json
    codec: str
    retries: Json
    principal: Json | None
    host: str


scenes = st.builds(
    Scene, servers, clients, upstream_options, codecs, retries, st.one_of(st.none(), principals), st.sampled_from(HOSTS)
)
