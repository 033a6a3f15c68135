"""What may be posted: nothing that is not known to be configuration survives, whatever document it stands in."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from meshscope import Mesh, Request, open_snapshot, trace
from meshscope.location import Document
from meshscope.path import camel
from meshscope.redaction.fields import Form, form_of, plain
from meshscope.redaction.name_keys import LABEL_KEYS, NAME_MAPS
from meshscope.redaction.redacting import RedactedSnapshot, redact, redacted_snapshot
from meshscope.snapshot.json_text import values_of
from meshscope.snapshot.snapshot import Captured, Problem, Snapshot

from ..anonymous.test_anonymising import REQUESTS, shape
from ..recordings import RECORDINGS
from .places import ENVOY, KUBERNETES, LOG_LINES, Place, bootstrap, config_map, header_set, typed
from .test_name_keys import TYPED

HIDDEN, HIDDEN_BYTES = "[redacted]", "W3JlZGFjdGVkXQ=="
SECRET = "hunter2-s3cr3t-0123456789"  # noqa: S105  # what must not survive
FORMS = (SECRET, b64encode(SECRET.encode()).decode(), SECRET.encode().hex())
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
KEY = b"0123456789abcdef"


def document(body: object, kind: str = "", name: str = "dump.json") -> Captured:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Captured(Document.of(name, text), kind)


def redacted(one: Captured, keep: tuple[str, ...] = ()) -> Captured:
    return redact(Snapshot((one,)), keep, KEY).snapshot.captured[0]


def posted(body: object, kind: str = "", name: str = "dump.json", keep: tuple[str, ...] = ()) -> bytes:
    new = redacted(document(body, kind, name), keep).document
    text = new.body
    assert not new.failure
    return bytes(text)


def camelled(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {camel(key): camelled(member) for key, member in tree.items()}
    return [camelled(item) for item in tree] if isinstance(tree, list) else tree


def yaml_of(*trees: Any) -> bytes:
    import yaml  # the text is made of it

    return yaml.safe_dump_all(trees).encode()


def dump(tree: Any) -> Any:
    section = {"@type": "type.googleapis.com/envoy.admin.v3.BootstrapConfigDump", "bootstrap": tree}
    return {"configs": [section]}


def enlarged(tree: Any) -> Any:
    """Every object with a member more, so that each is too large to be rewritten as a whole."""
    if isinstance(tree, dict):
        return {key: enlarged(member) for key, member in tree.items()} | {"zz": [{"z": "z" * 3000}]}
    return [enlarged(item) for item in tree] if isinstance(tree, list) else tree


def survivors(body: bytes) -> list[str]:
    return [form for form in FORMS if form.encode() in body]


@pytest.mark.parametrize("place", range(len(ENVOY)))
@pytest.mark.parametrize("spelling", [lambda tree: tree, camelled])
def test_no_planted_secret_survives_in_envoys_configuration(place: int, spelling: Any) -> None:
    tree = bootstrap(spelling(ENVOY[place](SECRET)))
    large = enlarged(tree)
    for body, name in ((dump(tree), "dump.json"), (tree, "a.json"), (yaml_of(tree), "a.yaml"), (large, "b.json")):
        assert survivors(posted(body, name=name)) == []


@pytest.mark.parametrize("place", range(len(KUBERNETES)))
def test_nor_in_an_object_of_kubernetes(place: int) -> None:
    tree = KUBERNETES[place](SECRET)
    for body, name in ((tree, "x.json"), (yaml_of(tree, tree), "x.yaml")):
        assert survivors(posted(body, name=name)) == []


@pytest.mark.parametrize("place", range(len(LOG_LINES)))
def test_nor_in_a_log(place: int) -> None:
    line = LOG_LINES[place](SECRET)
    assert survivors(posted(f"{line}\n{line}\n".encode(), "access_log", "shop.log")) == []


TEXTS = [f"see {SECRET}\n", f"server {{ set $x {SECRET}; }}\n", f"# {SECRET}\nkey = {SECRET}\n"]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("kind", ["", "stats", "clusters", "listeners"])
def test_nor_in_a_text(text: str, kind: str) -> None:
    assert survivors(posted(text.encode(), kind, "README")) == []


def test_an_unknown_document_keeps_nothing_but_its_form() -> None:
    tree = {"name": SECRET, "host": [SECRET], "cluster": {"path": SECRET, "port": 80, "is_on": True}}
    assert json.loads(posted(tree)) == {
        "name": HIDDEN, "host": [HIDDEN], "cluster": {"path": HIDDEN, "port": 80, "is_on": True},
    }  # fmt: skip


MAPS = {plain(key) for key in LABEL_KEYS | NAME_MAPS}
"""Maps of a user's own names, to which any key may belong: what stands there is a label, or a name."""


def with_a_new_field(tree: Any, field: str, under: str = "") -> Any:
    """Every object of a document with one field more."""
    if isinstance(tree, dict):
        new = {key: with_a_new_field(member, field, plain(key)) for key, member in tree.items()}
        return new if under in MAPS else new | {field: SECRET}
    return [with_a_new_field(item, field) for item in tree] if isinstance(tree, list) else tree


RECORDED = [
    pytest.param(name, number, id=f"{name}-{number}")
    for name in ("website", "bookinfo")
    for number in range(len(open_snapshot(str(RECORDINGS / name)).captured))
    if number % (1 if name == "website" else 5) == 0
]


@pytest.mark.parametrize(("name", "number"), RECORDED)
def test_a_field_that_nobody_knows_survives_in_no_object_of_any_recorded_document(name: str, number: int) -> None:
    one = open_snapshot(str(RECORDINGS / name)).captured[number]
    try:
        values = [json.loads(bytes(value)) for value in values_of(one.document)] if one.kind != "access_log" else []
    except ValueError:
        return  # a text
    texts = [json.dumps(with_a_new_field(value, "x_zorbulon")).encode() for value in values]
    changed = replace(one, document=Document.of("changed.json", b"\n".join(texts)))
    assert survivors(redacted(changed).document.body) == []


FIELDS = sorted({key for _, key in TYPED})
SHOWN = [
    f"https://me:{SECRET}@host/x", f"https://host/x?code={SECRET}&sig={SECRET}", f"/x?{SECRET}",
    f"-----BEGIN EC PRIVATE KEY-----\n{SECRET}\n-----END EC PRIVATE KEY-----", f"Bearer {SECRET}", f"my_password={SECRET}",
    json.dumps({"token": f"{SECRET} {SECRET}"}), "-" + SECRET * 100,
]  # fmt: skip
"""Secrets that show by their form, so that not even a known field keeps them."""
WRAPS: list[Any] = [
    lambda key, text: {key: text},
    lambda key, text: {key: [text]},
    lambda key, text: {key: {"acme": text}},
]


@pytest.mark.parametrize("text", SHOWN)
@pytest.mark.parametrize("wrap", range(len(WRAPS)))
def test_no_field_of_any_typed_message_keeps_what_shows_as_a_secret(text: str, wrap: int) -> None:
    tree = bootstrap({"items": [WRAPS[wrap](key, text) for key in FIELDS if key != "regex"]})
    body = posted(tree)
    where = [part[-80:] for part in body.split(SECRET.encode())[:-1]]
    assert where == []


@pytest.mark.parametrize("key", FIELDS)
def test_a_field_keeps_a_plain_text_only_where_it_is_listed(key: str) -> None:
    survives = SECRET.encode() in posted(bootstrap({key: SECRET}))
    assert not survives or form_of(plain(key)) in (Form.NAME, Form.HOST, Form.PATH, Form.WORD)


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
    """A tree with one of the places in it."""
    place: Place = draw(st.sampled_from(ENVOY))
    tree = place(SECRET)
    for _ in range(draw(st.integers(0, 4))):
        around = draw(st.dictionaries(st.sampled_from("abcdefg"), TREES, max_size=2))
        tree = around | {"typed_config": tree} if draw(st.booleans()) else {"items": [draw(TREES), tree]}
    return bootstrap(tree)


@settings(max_examples=100, deadline=None)
@given(hidden_somewhere())
def test_nothing_around_a_secret_lets_it_through(tree: Any) -> None:
    body = posted(tree)
    assert survivors(body) == []
    assert posted(body) == body


def test_numbers_stay_as_they_are_written() -> None:
    numbers = b'"n":[18446744073709551615,1e400,1.10,-0.0]'
    assert numbers in posted(b'{"static_resources":{"secret":"x"},' + numbers + b"}")


KEPT: list[Any] = [
    {"private_key": {"filename": "/etc/certs/key.pem"}},
    {"tls_certificate": {"certificate_chain": {"inline_string": CERTIFICATE}}},
    {"trusted_ca": {"inline_bytes": b64encode(CERTIFICATE.encode()).decode()}},
    {"local_jwks": {"inline_string": json.dumps({"keys": [{"kty": "EC", "x": "x", "y": "y"}]})}},
    {"key_sources": [{"cookie": "sid"}, {"header": "x-api-key"}]},
    {"token_secret": {"name": "token", "sds_config": {"ads": {}}}},
    {"token_bucket": {"max_tokens": 10, "fill_interval": "1.5s"}},
    {"request_headers_to_add": [{"header": {"key": "authorization", "value": "%REQ(x-token)%"}}]},
    {"headers": [{"name": "authorization", "string_match": {"prefix": "Bearer "}}]},
    {"headers": [{"name": ":method", "string_match": {"exact": "GET"}}, {"name": "x-a", "present_match": True}]},
    {"match": {"path": "/cart", "safe_regex": {"regex": "/[a-z]+/v[0-9]"}}, "route": {"cluster": "outbound|80||a.b.svc"}},
    {"domains": ["*.example.com", "shop:80"], "address": {"socket_address": {"address": "10.0.0.1", "port_value": 80}}},
    {"lb_policy": "ROUND_ROBIN", "type": "STRICT_DNS", "connect_timeout": "0.250s", "last_updated": "2026-01-01T00:00:00.123Z"},
    {"uri": "spiffe://cluster.local/ns/a/sa/b", "cluster": "outbound|80||tokens.default.svc.cluster.local:80"},
    {"filter_metadata": {"istio": {"config": "/apis/networking.istio.io/v1/namespaces/a/virtual-service/b"}}},
    {"common_lb_config": {"metadata_match": {"filter_metadata": {"envoy.lb": {"version": "v1", "acme": "blue"}}}}},
    {"log_format": {"text_format_source": {"inline_string": "[%START_TIME%] %REQ(:METHOD)% \"%BYTES_SENT%\"\n"}}},
    {"node": {"id": "sidecar~10.0.0.1~a.b~b.svc", "metadata": {"NAMESPACE": "b", "LABELS": {"acme": "x"}}}},
]  # fmt: skip


@pytest.mark.parametrize("kept", KEPT)
def test_what_is_known_to_be_configuration_stays(kept: Any) -> None:
    for tree in (kept, camelled(kept)):
        body = json.dumps({"static_resources": {"clusters": [tree]}}).encode()
        assert posted(body) == body


KEPT_OBJECTS: list[Any] = [
    {"apiVersion": "multicluster.x-k8s.io/v1alpha1", "kind": "ServiceImport", "metadata": {"name": "a"},
     "spec": {"type": "ClusterSetIP", "ips": ["10.0.0.1"], "ports": [{"port": 80, "name": "http"}], "sessionAffinity": "None"}},
    {"apiVersion": "inference.networking.k8s.io/v1", "kind": "InferencePool", "metadata": {"name": "a"},
     "spec": {"targetPorts": [{"number": 80}], "endpointPickerRef": {"name": "b", "failureMode": "FailOpen"}}},
    {"apiVersion": "v1", "kind": "Pod", "metadata": {"annotations": {"sidecar.istio.io/inject": "true",
     "traffic.sidecar.istio.io/excludeOutboundPorts": "80,81"}}},
    {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "c", "image": "docker.io/istio/proxyv2@sha256:00",
     "env": [{"name": "ISTIO_META_DNS_CAPTURE", "value": "true"}, {"name": "A", "valueFrom": {"fieldRef": {}}}]}]}},
    {"apiVersion": "acme.example/v1", "kind": "Zorbulon", "metadata": {"name": "a", "labels": {"app": "b"}}},
    {"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "spec": {"hosts": ["a"], "http": [
     {"match": [{"uri": {"prefix": "/a"}}], "route": [{"destination": {"host": "b", "subset": "v1"}}], "timeout": "1s"}]}},
]  # fmt: skip


@pytest.mark.parametrize("kept", KEPT_OBJECTS)
def test_what_is_known_of_an_object_stays(kept: Any) -> None:
    body = json.dumps(kept).encode()
    assert posted(body) == body


def test_bytes_are_replaced_by_bytes() -> None:
    place = {
        "session_ticket_keys": {"keys": [{"inline_bytes": FORMS[1]}]},
        "health_checks": [{"tcp_health_check": {"send": {"text": FORMS[2]}}}],
    }
    new = json.loads(posted({"static_resources": {"clusters": [place]}}))["static_resources"]["clusters"][0]
    assert b64decode(new["session_ticket_keys"]["keys"][0]["inline_bytes"]) == HIDDEN.encode()
    assert bytes.fromhex(new["health_checks"][0]["tcp_health_check"]["send"]["text"]) == HIDDEN.encode()


def test_a_symmetric_key_hides_its_whole_set_and_a_public_one_stays() -> None:
    def jwks(*keys: dict[str, str]) -> str:
        tree = {"static_resources": {"clusters": [{"inline_string": json.dumps({"keys": keys})}]}}
        return str(json.loads(posted(tree))["static_resources"]["clusters"][0]["inline_string"])

    public = {"kty": "RSA", "n": "n", "e": "AQAB"}
    assert jwks(public, {"kty": "oct", "k": SECRET}).startswith(HIDDEN)
    assert json.loads(jwks(public | {"d": "d", "zorbulon": SECRET})) == {"keys": [public]}


def test_a_text_that_breaks_off_is_lost_and_says_why() -> None:
    new = redacted(document(b'{"password": "x')).document
    assert new.body == b""
    assert new.failure.startswith("could not be redacted: ")


def test_a_broken_manifest_is_lost_too() -> None:
    broken = redacted(document(b"apiVersion: v1\nkind: Secret\ndata: {a: [\n", name="a.yaml")).document
    assert broken.body == b""
    assert broken.failure


def test_several_yaml_documents_stay_several() -> None:
    body = posted(
        b"kind: Secret\nstringData: {a: b}\n---\napiVersion: v1\nkind: ConfigMap\ndata: {a: b}\n", "manifests"
    )
    values = [json.loads(bytes(one)) for one in values_of(Document.of("", body))]
    assert values == [
        {"kind": "Secret", "stringData": {"a": HIDDEN}},
        {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": HIDDEN}},
    ]


def test_yaml_in_which_nothing_is_replaced_keeps_its_lines_unless_it_has_comments() -> None:
    text = b"apiVersion: v1\nkind: Service\nmetadata: {name: a}\n"
    assert posted(text, "manifests") == text
    assert b"hush" not in posted(b"# hush\n" + text + b"# hush\n", "manifests")


LOG = (
    '[2026-01-01T00:00:00.000Z] "GET /cart?user=7 HTTP/1.1" 200 - via_upstream - "-" 0 5 1 1 "10.0.0.9" "-"'
    ' "-" "shop" "10.0.0.1:80" outbound|80||shop.a.svc.cluster.local 10.0.0.2:1 10.0.0.3:80 10.0.0.2:2 - default'
)


def test_access_logs_keep_their_known_fields() -> None:
    line = json.dumps({"path": "/a?x=1", "cookie": "sid=1", "response_code": 200, "response_flags": "UH"})
    new = json.loads(posted(line.encode(), "access_log"))
    assert new["path"].startswith("/a?x=redacted")
    assert new | {"path": ""} == {"path": "", "cookie": HIDDEN, "response_code": 200, "response_flags": "UH"}
    before, _, after = LOG.partition("7")
    text = posted(LOG.encode(), "access_log").decode()
    assert text.startswith(before + "redacted")
    assert text.endswith(after)


def test_a_line_of_a_log_that_breaks_off_is_hidden_and_the_others_stay() -> None:
    assert posted(b'{"path":"/a"}\n{"authoriz', "access_log") == b'{"path":"/a"}\n[redacted]'


def test_a_document_is_redacted_when_asked_for_and_its_original_let_go() -> None:
    loads = []

    def load() -> bytes:
        loads.append(1)
        return b'{"static_resources":{"secret":"x"}}'

    original = Document("dump.json", load)
    snapshot = redacted_snapshot(Snapshot((Captured(original),)))
    new = snapshot.captured[0].document
    assert not loads
    body = new.body
    assert body.startswith(b'{"static_resources":{"secret":"[redacted] ')
    assert "body" not in original.__dict__
    new.forget()
    assert new.body == body
    assert len(loads) == 2
    assert dict(snapshot.replaced) == {"unknown field": 1}


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


def test_the_kinds_of_what_was_replaced_are_counted_wherever_they_stand() -> None:
    one = bootstrap(header_set("a")(SECRET))
    two = [document(dump(one), name="a.json"), document(dump(one), name="b.json")]
    new = redacted_snapshot(Snapshot(tuple(two)))
    for captured in new.captured:
        _ = captured.document.body
    first = dict(new.replaced)
    assert first == {"header value": 12}
    new.captured[0].document.forget()
    _ = new.captured[0].document.body
    assert dict(new.replaced) == first


def test_a_pattern_lets_values_of_its_names_through() -> None:
    tree = bootstrap({**header_set("x-tenant-id")("blue"), **ENVOY[0](SECRET)} | header_set("x-tenant-id")("blue"))
    assert b"blue" not in posted(tree)
    assert b"blue" in posted(tree, keep=("X-Tenant-*",))
    assert b"blue" not in posted(tree, keep=("tenant",))
    text = config_map("nginx.conf", "server {}")
    assert b"server {}" in posted(text, keep=("nginx.conf",))
    assert b"server {}" not in posted(text, keep=("*.yaml",))
    variables = {"env": [{"name": "REGION", "value": "north"}, {"name": "OTHER", "value": "south"}]}
    pod = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [variables]}}
    body = posted(pod, keep=("region",))
    assert (b"north" in body, b"south" in body) == (True, False)


def test_a_value_that_is_set_here_and_matched_there_has_one_stand_in() -> None:
    tree = bootstrap(
        header_set("x-user")("jason") | {"match": {"headers": [{"name": "x-user", "string_match": {"exact": "jason"}}]}}
    )
    new = json.loads(posted(tree))["static_resources"]["clusters"][0]
    assert new["match"]["headers"][0]["string_match"]["exact"] == new["request_headers_to_add"][0]["header"]["value"]
    assert new["match"]["headers"][0]["string_match"]["exact"].startswith("redacted")


def asked_of(request: Request, to: RedactedSnapshot) -> Request:
    values = to.values
    headers = tuple((name, values.header(name, value)) for name, value in request.headers)
    return replace(request, dest=values.path(request.dest), headers=headers)


@cache
def meshes(name: str) -> tuple[Mesh, RedactedSnapshot, Mesh]:
    new = redact(open_snapshot(str(RECORDINGS / name)), key=KEY)
    return Mesh(open_snapshot(str(RECORDINGS / name))), new, Mesh(new.snapshot)


@pytest.mark.parametrize("name", ["bookinfo", "bookinfo-v2"])
def test_every_trace_of_a_recording_is_the_same(name: str) -> None:
    before, names, after = meshes(name)
    dispositions = set()
    for request in REQUESTS:
        old, new = trace(before, request), trace(after, asked_of(request, names))
        assert shape(new) == shape(old), request
        dispositions |= {path.disposition for path in old.paths}
    assert len(dispositions) >= 3


@pytest.mark.parametrize("name", ["bookinfo", "bookinfo-v2", "website"])
def test_proxies_objects_and_services_of_a_recording_are_the_same(name: str) -> None:
    before, _, after = meshes(name)
    assert [proxy.id for proxy in after.proxies] == [proxy.id for proxy in before.proxies]
    assert [str(item) for item in after.objects] == [str(item) for item in before.objects]
    assert [service.host for service in after.network.services] == [service.host for service in before.network.services]
    assert [problem.message for problem in after.problems] == [problem.message for problem in before.problems]


@pytest.mark.parametrize("fence", ["```", "~~~yaml"])
def test_a_key_in_a_code_block_is_not_posted(fence: str) -> None:
    text = f"It breaks:\n\n{fence}\nstatic_resources:\n  private_key: {{inline_string: hush}}\n{fence}\n"
    new = redacted(Captured(Document.of("issue.md", text.encode()))).document
    assert new.body == b""
    assert "Markdown" in new.failure


def test_an_extension_of_an_unknown_type_keeps_its_type() -> None:
    tree = bootstrap(typed("acme.Filter", a="b"))
    new = json.loads(posted(tree))["typed_config"]
    assert new["@type"] == "type.googleapis.com/acme.Filter"
    assert new["a"].startswith(HIDDEN)


def test_what_an_object_asks_for_stays_equal_to_what_a_proxy_has_and_unlike_anything_else() -> None:
    config = {"rules": [{"token": SECRET, "n": 1}]}
    plugin = {"apiVersion": "extensions.istio.io/v1alpha1", "kind": "WasmPlugin", "spec": {"pluginConfig": config}}
    value = {"@type": "type.googleapis.com/google.protobuf.StringValue", "value": json.dumps(config)}
    proxy = bootstrap(typed("envoy.extensions.filters.http.wasm.v3.Wasm", config={"configuration": value}))
    new = redact(Snapshot((document(plugin), document(proxy, name="b.json"))), key=KEY).snapshot.captured
    asked, held = (json.loads(one.document.body) for one in new)
    asked = asked["spec"]["pluginConfig"]
    assert json.loads(held["typed_config"]["config"]["configuration"]["value"]) == asked
    assert asked["rules"][0]["n"] == 1
    assert (
        asked
        != json.loads(posted(plugin | {"spec": {"pluginConfig": {"rules": [{"token": "x", "n": 1}]}}}))["spec"][
            "pluginConfig"
        ]
    )


@pytest.mark.parametrize("kept", ["tokens", "api_keys", "rule2", "maxHttpTokens"])
def test_a_key_that_may_be_a_value_goes_with_it(kept: str) -> None:
    new = json.loads(posted({"clients": {SECRET: "a", kept: "b"}}))["clients"]
    assert kept in new
    assert not survivors(json.dumps(new).encode())
