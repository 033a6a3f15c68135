"""Two listeners of one Envoy, one in front of the other: random TLS on both sides, and certificates of all sorts."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from hypothesis import strategies as st

from ..certificates import Signed, authority, leaf
from .messages import Json, Message, extension, one, some, true

FRONT, BACK = "spiffe://td/ns/f/sa/front", "spiffe://td/ns/b/sa/back"
HOSTS = ("up.example", "other.test", "10.0.0.9")


NOW = datetime.now(UTC)
_DAY = timedelta(days=1)
_VALID, _EXPIRED, _EARLY = (NOW - _DAY, NOW + _DAY), (NOW - 3 * _DAY, NOW - _DAY), (NOW + _DAY, NOW + 3 * _DAY)
AUTHORITIES = {"A": authority("A"), "B": authority("B"), "middle": authority("middle", authority("A"))}


class Pair(NamedTuple):
    """A certificate; one of the authority `middle` is shown with that one's."""

    signed: Signed
    by: str

    def message(self) -> Json:
        chain = self.signed.pem + (AUTHORITIES[self.by].pem if self.by == "middle" else "")
        return {"certificate_chain": {"inline_string": chain}, "private_key": {"inline_string": self.signed.secret}}


def pair(by: str, names: tuple[str, ...], **more: Any) -> Pair:
    return Pair(leaf(AUTHORITIES[by], *names, **more), by)


# --- what is random ------------------------------------------------------------------------------------------------------

_names = st.sampled_from(
    ((BACK,), (FRONT,), ("up.example",), ("*.example",), ("up.example", BACK), (FRONT, "front.test"), ())
)
pairs = st.one_of(
    st.builds(pair, st.sampled_from(("A", "A", "A", "B", "middle")), _names),
    st.builds(pair, st.just("A"), _names, valid=st.sampled_from((_VALID, _EXPIRED, _EARLY))),
    st.builds(pair, st.just("A"), _names, usage=st.sampled_from(("", "server", "client"))),
    st.builds(pair, st.just("A"), _names, subject=st.sampled_from(("", "named"))),
    st.builds(pair, st.just("A"), _names, key_type=st.just("RSA")),
)
_roots = st.lists(st.sampled_from(("A", "A", "A", "B", "middle")), min_size=1, max_size=2, unique=True).map(
    lambda listed: "".join(AUTHORITIES[one].pem for one in listed)
)
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
_pins = pairs.map(lambda pair: [sha256(pair.signed.der).hexdigest()])
_key_pins = pairs.map(lambda pair: [b64encode(pair.signed.key_hash).decode()])
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
_suites = st.lists(
    st.sampled_from(
        (
            "ECDHE-ECDSA-AES128-GCM-SHA256",
            "[ECDHE-ECDSA-AES256-GCM-SHA384|ECDHE-ECDSA-CHACHA20-POLY1305]",
            "ECDHE-ECDSA-CHACHA20-POLY1305",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "ECDHE-RSA-AES128-GCM-SHA256",
            "[ECDHE-ECDSA-AES128-GCM-SHA256|ECDHE-RSA-CHACHA20-POLY1305]",
        )
    ),
    min_size=1,
    max_size=2,
    unique=True,
)
"""For keys of both types; each is one of the defaults, too."""
_parameters = st.builds(
    lambda versions, suites: {**versions, **suites}, st.one_of(st.just({}), _versions), some(cipher_suites=_suites)
)
_alpn = st.sampled_from((["h2"], ["http/1.1"], ["h2", "http/1.1"], ["istio"], ["istio", "h2"]))


def _common(certificates: st.SearchStrategy[list[Json]]) -> Message:
    return some(
        {"tls_certificates": certificates},
        validation_context=validations,
        alpn_protocols=_alpn,
        tls_params=st.one_of(st.just({}), _versions, _parameters),
    )


servers: Message = some(
    {"common_tls_context": _common(pairs.map(lambda pair: [pair.message()]))},
    require_client_certificate=true,
    require_sni=true,
).map(lambda context: extension("transport_sockets.tls.v3.DownstreamTlsContext", context))
_client_certificates = st.lists(pairs.map(lambda pair: pair.message()), max_size=1)
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
    """`server` and `client` are transport sockets, {} for plain text. `principal` None: the back lets everybody in."""

    server: Json
    client: Json
    options: Json
    codec: str
    retries: Json
    principal: Json | None
    host: str


def _or_plain(contexts: Message) -> Message:
    """Plain text now and then: {}."""
    return st.integers(0, 7).flatmap(lambda number: contexts if number else st.just({}))


scenes = st.builds(
    Scene,
    _or_plain(servers),
    _or_plain(clients),
    upstream_options,
    codecs,
    retries,
    st.one_of(st.none(), principals),
    st.sampled_from(HOSTS),
)
