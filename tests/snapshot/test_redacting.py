"""What may be posted: nothing secret survives, whatever document it stands in, and everything else stays as it was."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meshscope import Mesh, Request, open_snapshot, trace
from meshscope.location import Document
from meshscope.path import camel
from meshscope.snapshot.json_text import values_of
from meshscope.snapshot.redacting import redacted, redacted_snapshot
from meshscope.snapshot.snapshot import Captured, Problem, Snapshot

from ..recordings import RECORDINGS

HIDDEN, HIDDEN_BYTES = "[redacted]", "W3JlZGFjdGVkXQ=="
SECRET = "hunter2-s3cr3t-0123456789"  # noqa: S105  # what must not survive
SECRET_BYTES = b64encode(SECRET.encode()).decode()
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqYXNvbiJ9.c2lnbmF0dXJlLTEyMw"
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET_BYTES}\n-----END RSA PRIVATE KEY-----\n"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def document(body: object, kind: str = "", name: str = "dump.json") -> Captured:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Captured(Document.of(name, text), kind)


def posted(body: object, kind: str = "", name: str = "dump.json") -> bytes:
    new = redacted(document(body, kind, name)).document
    text = new.body
    assert not new.failure
    return text


def value(body: object) -> Any:
    return json.loads(posted(body))


def camelled(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {camel(key): camelled(member) for key, member in tree.items()}
    return [camelled(item) for item in tree] if isinstance(tree, list) else tree


HIDING_PLACES: list[Any] = [
    {"tls_certificate": {"private_key": {"inline_string": SECRET}}},
    {"tls_certificate": {"private_key": {"inline_bytes": SECRET_BYTES}, "password": {"inline_string": SECRET}}},
    {"tls_certificate": {"pkcs12": {"inline_bytes": SECRET_BYTES}}},
    {"private_key_provider": {"provider_name": "qat", "typed_config": {"private_key": {"inline_string": SECRET}}}},
    {"session_ticket_keys": {"keys": [{"inline_bytes": SECRET_BYTES}]}},
    {"generic_secret": {"secret": {"inline_string": SECRET}}},
    {"generic_secret": {"secrets": {"key": {"inline_string": SECRET}}}},
    {"users": {"inline_string": SECRET}},
    {"users": {"inline_bytes": SECRET_BYTES}},
    {"credentials": [{"key": SECRET, "client": "shop"}]},
    {"auth_password": {"inline_string": SECRET}},
    {"access_token": SECRET},
    {"call_credentials": [{"google_refresh_token": SECRET}]},
    {"aws": {"inline_credential": {"access_key_id": SECRET, "secret_access_key": SECRET, "session_token": SECRET}}},
    {"request_headers_to_add": [{"header": {"key": "Authorization", "value": SECRET}}]},
    {"response_headers_to_add": [{"header": {"key": "set-cookie", "raw_value": SECRET_BYTES}}]},
    {"initial_metadata": [{"key": "x-api-key", "value": SECRET}]},
    {"headers": [{"name": "x-api-key", "exact_match": SECRET}]},
    {"headers": [{"name": "authorization", "string_match": {"safe_regex": {"regex": f"Bearer {SECRET}"}}}]},
    {"headers": {"x-api-key": {"exact": SECRET}}},
    {"headers": {"request": {"set": {"authorization": SECRET, "cookie": f"sid={SECRET}"}}}},
    {"when": [{"key": "request.headers[x-api-key]", "values": [SECRET]}]},
    {"kind": "Secret", "data": {"tls.key": SECRET_BYTES}, "stringData": {"plain": SECRET}},
    {"kind": "SecretList", "items": [{"data": {"tls.key": SECRET_BYTES}}]},
    {"metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": SECRET, "team": SECRET}}},
    {"containers": [{"env": [{"name": "DB", "value": SECRET}], "args": [f"--password={SECRET}"]}]},
    {"PROXY_CONFIG": {"proxyMetadata": {"DB": SECRET}}, "ANNOTATIONS": {"team": SECRET}},
    {"metadata": {"annotations": {"proxy.istio.io/config": f"proxyMetadata:\n  DB: {SECRET}\n"}}},
    {"environment_variables": {"DB": SECRET}},
    {"data": {"application.properties": f"db.password={SECRET}\nother=1"}},
    {"config": json.dumps({"password": SECRET})},
    {"local_jwks": {"inline_string": json.dumps({"keys": [{"kty": "RSA", "n": "n", "e": "AQAB", "d": SECRET}]})}},
    {"jwks": json.dumps({"keys": [{"kty": "oct", "k": SECRET}]})},
    {"address": f"https://user:{SECRET}@registry.example/x"},
    {"text": PEM},
    {"text": b64encode(PEM.encode()).decode()},
    {"inline_bytes": b64encode(PEM.encode()).decode()},
]
"""Each holds the secret where a real document may."""

LEAVES = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["v1", "10.0.0.1", "default"])
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcdefg"), inner, max_size=3),
    max_leaves=12,
)


@st.composite
def hidden_somewhere(draw: st.DrawFn) -> Any:
    """A tree with one of the hiding places in it, in either spelling."""
    tree = draw(st.sampled_from(HIDING_PLACES))
    tree = camelled(tree) if draw(st.booleans()) else tree
    for _ in range(draw(st.integers(0, 4))):
        around = draw(st.dictionaries(st.sampled_from("abcdefg"), TREES, max_size=2))
        tree = around | {"typed_config": tree} if draw(st.booleans()) else [draw(TREES), tree]
    return tree


@settings(max_examples=300)
@given(hidden_somewhere())
def test_no_planted_secret_survives_in_json(tree: Any) -> None:
    body = posted(tree)
    assert SECRET.encode() not in body
    assert SECRET_BYTES.encode() not in body


@given(hidden_somewhere())
def test_nor_in_yaml(tree: Any) -> None:
    import yaml  # the text is made of it

    body = posted(yaml.safe_dump([tree]).encode(), name="x.yaml")
    assert SECRET.encode() not in body
    assert SECRET_BYTES.encode() not in body


@given(hidden_somewhere())
def test_redacting_twice_is_redacting_once(tree: Any) -> None:
    once = posted(tree)
    assert posted(once) == once


@given(TREES)
def test_a_document_without_secrets_keeps_its_very_bytes(tree: Any) -> None:
    body = json.dumps([tree], indent=1).encode()
    assert posted(body) == body


@given(TREES, st.sampled_from(HIDING_PLACES))
def test_what_stands_beside_a_secret_stays(tree: Any, place: Any) -> None:
    assert value({"a": tree, "b": place})["a"] == tree


def test_numbers_stay_as_they_are_written() -> None:
    body = b'{"password":"x","n":[18446744073709551615,1e400,1.10,-0.0]}'
    assert posted(body) == b'{"password":"[redacted]","n":[18446744073709551615,1e400,1.10,-0.0]}'


@pytest.mark.parametrize("text", [f"a {JWT} b", f"Bearer {JWT}", JWT])
def test_tokens_go_from_any_text(text: str) -> None:
    assert JWT not in value({"a": text})["a"]


@pytest.mark.parametrize(
    "kept",
    [
        {"private_key": {"filename": "/etc/certs/key.pem"}},
        {"tls_certificate": {"certificate_chain": {"inline_string": CERTIFICATE}}},
        {"trusted_ca": {"inline_bytes": b64encode(CERTIFICATE.encode()).decode()}},
        {"local_jwks": {"inline_string": json.dumps({"keys": [{"kty": "EC", "x": "x", "y": "y"}]})}},
        {"key_sources": [{"cookie": "sid"}, {"header": "x-api-key"}]},
        {"token_secret": {"name": "token", "sds_config": {"ads": {}}}},
        {"token_bucket": {"max_tokens": 10}},
        {"request_headers_to_add": [{"header": {"key": "authorization", "value": "%REQ(x-token)%"}}]},
        {"headers": [{"name": "authorization", "string_match": {"prefix": "Bearer "}}]},
        {"headers": [{"name": "cookie", "string_match": {"safe_regex": {"regex": "^(.*;)?user=jason$"}}}]},
        {"annotations": {"sidecar.istio.io/inject": "true", "traffic.sidecar.istio.io/excludeOutboundPorts": "80"}},
        {"env": [{"name": "ISTIO_META_DNS_CAPTURE", "value": "true"}, {"name": "A", "valueFrom": {"fieldRef": {}}}]},
        {"volumes": [{"secret": {"secretName": "certs"}}], "automountServiceAccountToken": True},
        {"kind": "ConfigMap", "data": {"a": "b"}},
        {"uri": "spiffe://cluster.local/ns/a/sa/b", "cluster": "outbound|80||tokens.default.svc.cluster.local"},
    ],
)
def test_what_tells_no_secret_stays(kept: Any) -> None:
    body = json.dumps(kept).encode()
    assert posted(body) == body


def test_bytes_are_replaced_by_bytes() -> None:
    new = value({"session_ticket_keys": {"keys": [{"inline_bytes": SECRET_BYTES}]}})
    assert b64decode(new["session_ticket_keys"]["keys"][0]["inline_bytes"]) == HIDDEN.encode()


def test_a_symmetric_key_hides_its_whole_set_and_a_public_one_stays() -> None:
    public = {"kty": "RSA", "n": "n", "e": "AQAB"}
    assert value({"jwks": json.dumps({"keys": [public, {"kty": "oct", "k": SECRET}]})}) == {"jwks": HIDDEN}
    assert json.loads(value({"jwks": json.dumps({"keys": [public | {"d": "d"}]})})["jwks"]) == {"keys": [public]}


def test_a_text_that_breaks_off_is_lost_and_says_why() -> None:
    new = redacted(document(b'{"password": "x')).document
    assert new.body == b""
    assert new.failure.startswith("could not be redacted: ")


def test_a_broken_manifest_is_lost_too_but_a_plain_text_is_read_as_text() -> None:
    broken = redacted(document(b"apiVersion: v1\nkind: Secret\ndata: {a: [\n")).document
    assert broken.body == b""
    assert broken.failure
    assert posted(b"see https://u:p@host/ for it\n", name="README") == b"see https://[redacted]@host/ for it\n"


def test_several_yaml_documents_stay_several() -> None:
    body = posted(b"kind: Secret\nstringData: {a: b}\n---\nkind: ConfigMap\ndata: {a: b}\n", "manifests")
    values = [json.loads(bytes(one)) for one in values_of(Document.of("", body))]
    assert values == [{"kind": "Secret", "stringData": {"a": HIDDEN}}, {"kind": "ConfigMap", "data": {"a": "b"}}]


def test_yaml_without_secrets_keeps_its_lines() -> None:
    body = b"# a comment\nkind: ConfigMap\ndata: {a: b}\n"
    assert posted(body, "manifests") == body


LOG = (
    '[2026-01-01T00:00:00.000Z] "GET /cart?user=7 HTTP/1.1" 200 - via_upstream - "-" 0 5 1 1 "10.0.0.9" "curl/8"'
    ' "id" "shop" "10.0.0.1:80" outbound|80||shop.a.svc.cluster.local 10.0.0.2:1 10.0.0.3:80 10.0.0.2:2 - default'
)


def test_access_logs_lose_queries_cookies_and_credentials() -> None:
    line = json.dumps({"path": "/a?x=1", "cookie": "sid=1", "authorization": "Basic dTpw", "code": 200})
    assert json.loads(posted(line.encode(), "access_log")) == {
        "path": f"/a?{HIDDEN}", "cookie": HIDDEN, "authorization": HIDDEN, "code": 200,
    }  # fmt: skip
    assert posted(LOG.encode(), "access_log") == LOG.replace("user=7", HIDDEN).encode()
    assert b"sid=1" not in posted(f'{LOG} "sid=1; theme=dark"'.encode(), "access_log")
    xfcc = f'{LOG} "By=spiffe://a/ns/b/sa/c;Hash=00;URI=spiffe://d"'.replace("?user=7", "")
    assert posted(xfcc.encode(), "access_log") == xfcc.encode()


def test_a_line_of_a_log_that_breaks_off_is_hidden_and_the_others_stay() -> None:
    assert posted(b'{"path":"/a"}\n{"authoriz', "access_log") == b'{"path":"/a"}\n[redacted]'


def test_a_document_is_redacted_when_asked_for_and_its_original_let_go() -> None:
    loads = []

    def load() -> bytes:
        loads.append(1)
        return b'{"password":"x"}'

    original = Document("dump.json", load)
    new = redacted(Captured(original)).document
    assert not loads
    assert new.body == b'{"password":"[redacted]"}'
    assert "body" not in original.__dict__
    new.forget()
    assert new.body == b'{"password":"[redacted]"}'
    assert len(loads) == 2


def test_what_was_lost_stays_lost() -> None:
    lost = Document.lost("config_dump", "https://u:p@host/config_dump: no answer")
    assert redacted(Captured(lost)).document.failure == "https://[redacted]@host/config_dump: no answer"

    def load() -> bytes:
        raise OSError("gone")

    late = redacted(Captured(Document("x", load))).document
    assert late.body == b""
    assert late.failure == "gone"


def test_sources_and_problems_lose_their_passwords_too() -> None:
    source = "https://user:pass@host:15000"
    new = redacted_snapshot(Snapshot((document({}),), (Problem(source, f"{source}: 403"),), (source,), "2026"))
    assert "pass" not in str(new)
    assert new.captured_at == "2026"


@pytest.mark.parametrize("name", ["bookinfo", "bookinfo-v2", "website"])
def test_recorded_meshes_without_secrets_are_untouched(name: str) -> None:
    before = open_snapshot(str(RECORDINGS / name))
    for old, new in zip(
        before.captured, redacted_snapshot(open_snapshot(str(RECORDINGS / name))).captured, strict=True
    ):
        assert new.document.body == old.document.body


def test_a_trace_on_the_redacted_recording_is_the_same() -> None:
    request = Request(source="productpage", dest="http://reviews:9080/reviews/0")
    traces = [
        trace(Mesh(snapshot), request)
        for snapshot in (
            open_snapshot(str(RECORDINGS / "bookinfo")),
            redacted_snapshot(open_snapshot(str(RECORDINGS / "bookinfo"))),
        )
    ]
    assert str([path.hops for path in traces[0].paths]) == str([path.hops for path in traces[1].paths])
    assert len(traces[0].paths) > 1


@pytest.mark.parametrize("fence", ["```", "~~~yaml"])
def test_a_key_in_a_code_block_is_not_posted(fence: str) -> None:
    text = f"It breaks:\n\n{fence}\nstatic_resources:\n  private_key: {{inline_string: hush}}\n{fence}\n"
    new = redacted(Captured(Document.of("issue.md", text.encode()))).document
    assert new.body == b""
    assert "Markdown" in new.failure
    assert posted(b"a ``` for https://u:p@host/\n", name="README") == b"a ``` for https://[redacted]@host/\n"
