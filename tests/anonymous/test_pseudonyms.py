"""Pseudonyms: the same word, the same name; grammar and the software's own words stay."""

from __future__ import annotations

import ast
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import meshscope
from meshscope.anonymous.name_collection import collect_names
from meshscope.anonymous.pseudonyms import Pseudonyms
from meshscope.anonymous.vocabulary import RANDOM, Vocabulary, VocabularyBuilder
from meshscope.effect.istiod_flags import ALL, ALPHA, INFERENCE, MULTI_CLUSTER_HOSTS

from ..redaction.test_texts import SHAPES

KEY = b"0123456789abcdef"
NAMES = Pseudonyms(
    Vocabulary(
        {"reviews": "svc", "acme": "ns", "shop": "app", "7d8c5d6f4b": RANDOM, "x2x9k": RANDOM, "orders": "path"}
    ),
    KEY,
)
WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=9)


def grown(value: object) -> Vocabulary:
    builder = VocabularyBuilder()
    collect_names(value, builder)
    return builder.build()


def new(word: str) -> str:
    return NAMES.words[word.lower()].upper() if word.isupper() else NAMES.words[word]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("outbound|9080|v1|reviews.acme.svc.cluster.local", "outbound|9080|v1|{reviews}.{acme}.svc.cluster.local"),
        ("outbound_.9080_._.reviews.acme.svc.cluster.local", "outbound_.9080_._.{reviews}.{acme}.svc.cluster.local"),
        ("spiffe://cluster.local/ns/acme/sa/shop-reviews", "spiffe://cluster.local/ns/{acme}/sa/{shop}-{reviews}"),
        ("ns[acme]-policy[shop]-rule[0]", "ns[{acme}]-policy[{shop}]-rule[0]"),
        ("/apis/networking.istio.io/v1/namespaces/acme/virtual-service/shop",
         "/apis/networking.istio.io/v1/namespaces/{acme}/virtual-service/{shop}"),
        ("shop-v1-7d8c5d6f4b-x2x9k.acme-3", "{shop}-v1-{7d8c5d6f4b}-{x2x9k}.{acme}-3"),
        ("*.acme.example.com", "*.{acme}.example.com"),
        ("^/orders/\\dorders", "^/{orders}/\\d{orders}"),
        ("Reviews", "Svc-"),
        ("istio-system", "istio-system"), ("kube-system", "kube-system"), ("inbound|9080||", "inbound|9080||"),
        ("type.googleapis.com/envoy.Shop", "type.googleapis.com/envoy.Shop"),
        ("envoy.filters.http.router", "envoy.filters.http.router"), ("envoy.filters.http.acme", "envoy.filters.http.{acme}"),
        ("redactedbcdfghjk-shop", "redactedbcdfghjk-{shop}"), ("[redacted]", "[redacted]"),
        ("%REQ(ACME)% 2026-01-01T00:00:00Z", "%REQ({ACME})% 2026-01-01T00:00:00Z"),
    ],
)  # fmt: skip
def test_words_are_replaced_where_they_are_whole_and_what_joins_them_stays(text: str, wanted: str) -> None:
    expected = re.sub(r"{(\w+)}", lambda found: new(found[1]), wanted)
    assert NAMES.text(text).startswith(expected)
    assert len(NAMES.text(text)) == len(expected) or text == "Reviews"


def test_a_node_id_and_a_listener_keep_their_form() -> None:
    ip, ns = NAMES.text("10.1.2.3"), new("acme")
    pod = f"{new('shop')}-v1-{new('7d8c5d6f4b')}-{new('x2x9k')}"
    text = NAMES.text("sidecar~10.1.2.3~shop-v1-7d8c5d6f4b-x2x9k.acme~acme.svc.cluster.local")
    assert text == f"sidecar~{ip}~{pod}.{ns}~{ns}.svc.cluster.local"
    assert NAMES.text("10.1.2.3_9080") == f"{ip}_9080"
    assert NAMES.text("PassthroughCluster10.1.2.3:80") == f"PassthroughCluster{ip}:80"
    assert NAMES.text("ip-10-1-2-3.internal") == f"ip-{ip.replace('.', '-')}.internal"
    assert ip != "10.1.2.3"


def test_a_range_is_masked_and_a_path_after_an_address_is_no_range() -> None:
    assert NAMES.text("10.1.0.0/16").endswith(".0.0/16")
    assert NAMES.text("http://10.1.2.3/16/x") == f"http://{NAMES.text('10.1.2.3')}/16/x"


@pytest.mark.parametrize("text", ["17:09:16", "a::b", "1.40.0", "x::10::0", "12:34:56:78:90:1b"])
def test_what_only_looks_like_an_address_stays(text: str) -> None:
    assert NAMES.text(text) == text


def test_what_a_replica_set_made_keeps_its_length() -> None:
    assert re.fullmatch(r"[0-9a-z]{10}", new("7d8c5d6f4b"))
    assert re.fullmatch(r"[0-9a-z]{5}", new("x2x9k"))


def test_words_of_paths_are_letters_alone() -> None:
    assert re.fullmatch(r"[a-z]+", new("orders"))


def test_a_field_stays_and_a_name_as_a_key_goes() -> None:
    names = Pseudonyms(Vocabulary({"users": "svc", "acme": "ns"}), KEY)
    assert [names.key(key) for key in ("users", "userAgent", "cluster-vips")] == ["users", "userAgent", "cluster-vips"]
    assert names.key("acme_name") == f"{names.words['acme']}_name"
    assert "Zorbulon" not in names.key("myZorbulon")
    assert "details" not in names.key("details.default.svc")
    assert "3945" not in names.key("nginx-pod-b3945f6866-694f3.default")
    assert names.key("acme") == names.words["acme"]
    assert names.text("users") != "users"


@given(st.lists(WORDS, min_size=2, max_size=30, unique=True))
def test_different_words_get_different_names_that_are_dns_labels(words: list[str]) -> None:
    names = Pseudonyms(Vocabulary(dict.fromkeys(words, "svc")), KEY)
    made = [names.text(word) for word in words]
    assert len(set(made)) == len(words)
    assert not set(made) & set(words)
    assert all(re.fullmatch(r"[a-z][a-z0-9-]*[a-z0-9]", one) for one in made)


@given(st.lists(WORDS, min_size=1, max_size=4), st.lists(WORDS, min_size=1, max_size=4))
def test_a_text_that_begins_another_at_a_words_edge_still_does(start: list[str], rest: list[str]) -> None:
    names = Pseudonyms(grown({"hosts": [*start, *rest]}), KEY)
    whole = "/".join(start + rest)
    assert names.text(whole).startswith(names.text("/".join(start)) + "/")
    assert names.text(whole).endswith("/" + names.text("/".join(rest)))


@given(WORDS, WORDS, st.sampled_from(["prefix", "suffix", "contains"]))
def test_a_matchers_piece_of_a_word_stays_a_piece_of_it(piece: str, rest: str, how: str) -> None:
    whole = {"prefix": piece + rest, "suffix": rest + piece, "contains": rest + piece + rest}[how]
    names = Pseudonyms(grown({how: piece, "exact": whole}), KEY)
    found = {"prefix": str.startswith, "suffix": str.endswith, "contains": str.__contains__}[how]
    assert found(names.text(whole), names.text(piece))
    asked = {"prefix": piece + "zzq", "suffix": "zzq" + piece, "contains": piece + "zzq"}[how]
    assert found(names.text(asked), names.text(piece))


@pytest.mark.parametrize("word", ["acmes", "zorbulon", "Zorbulon", "ZORBULON", "a1b2c3", "myZorbulon", "9a"])
def test_a_word_that_was_not_collected_is_replaced_too(word: str) -> None:
    assert word.lower() not in NAMES.text(word).lower()
    assert NAMES.text(f"/{word}?x={word}") == f"/{NAMES.text(word)}?x={NAMES.text(word)}"


def test_a_setting_keeps_words_of_the_software_alone() -> None:
    for text in (
        "ROUND_ROBIN",
        "IfNotPresent",
        "connect-failure,refused-stream,retriable-4xx",
        "TLSv1_3",
        "v1.2.3",
        "HTTP2",
    ):
        assert NAMES.setting(text) == text
    for text in ("zorbulon", "ZORBULON", "MyZorbulon", "if-zorbulon"):
        assert "zorbulon" not in NAMES.setting(text).lower()


@pytest.mark.parametrize("flag", [ALL, ALPHA, MULTI_CLUSTER_HOSTS, *INFERENCE])
def test_the_flags_of_istiod_that_are_read_keep_their_names(flag: str) -> None:
    """As names of variables in its Deployment, which are names like any other."""
    assert NAMES.text(flag) == flag


ROOMS = ("xds", "simulation", "effect", "istio", "mesh")
CONSTANT = re.compile(r"[A-Z]{3,}|[A-Z]+(?:_[A-Z0-9]+)+")
CONSTANTS = sorted({
    node.value
    for room in ROOMS
    for file in (Path(meshscope.__file__).parent / room).rglob("*.py")
    for node in ast.walk(ast.parse(file.read_text()))
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and CONSTANT.fullmatch(node.value)
})  # fmt: skip


def test_every_constant_that_this_program_decides_by_is_a_word_of_the_software() -> None:
    assert len(CONSTANTS) > 200
    assert [constant for constant in CONSTANTS if NAMES.setting(constant) != constant] == []


def test_classes_of_a_pattern_stay() -> None:
    assert NAMES.pattern(r"^/shop/[0-9a-f]{8}\d+(?i)$") == rf"^/{new('shop')}/[0-9a-f]{{8}}\d+(?i)$"


def test_a_line_keeps_the_names_of_statistics() -> None:
    assert NAMES.line("cluster.shop.upstream_rq_total: 3") == f"cluster.{new('shop')}.upstream_rq_total: 3"
    assert "zorbulon" not in NAMES.line("zorbulon_rq::10.0.0.1:80::cx_active::0")


def test_case_is_kept() -> None:
    names = Pseudonyms(grown({"hosts": ["shop.acme"], "exact": "SHOP"}), KEY)
    assert names.text("SHOP") == names.text("shop").upper()
    assert names.text("ACME").lower() == names.text("acme")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"domains": ["shop.acme.example.com", "*"]}, {"shop", "acme"}),
        ({"labels": {"team": "Payments", "version": "v2"}}, {"Payments"}),
        ({"cluster": "outbound|80|gold|cart.acme.svc.cluster.local"}, {"gold", "cart", "acme"}),
        ({"id": "sidecar~10.0.0.1~cart-0.acme~x"}, {"cart", "acme"}),
        ({"uri": "spiffe://corp/ns/acme/sa/robot"}, {"corp", "acme", "robot"}),
        ({"name": "gold", "match": {"prefix": "/offers"}}, {"gold", "offers"}),
        ({"headers": [{"name": "end-user", "string_match": {"exact": "jason"}}]}, {"jason"}),
        ({"server_names": ["10.0.0.1"], "hostname": "PassthroughCluster10.0.0.1"}, set()),
        ({"@type": "type.googleapis.com/x", "name": "envoy.filters.http.router", "typed_config": {"x": "shop"}}, set()),
        ({"namespace": "istio-system", "prefix": "/healthz", "exact": "GET"}, set()),
    ],
)
def test_names_are_found_where_documents_have_them(value: object, words: set[str]) -> None:
    assert set(grown(value).words) == words


@pytest.mark.parametrize("shape", SHAPES)
def test_no_text_takes_more_than_time_in_proportion(shape: str) -> None:
    text = SHAPES[shape](40_000)
    started = time.monotonic()
    names = Pseudonyms(grown({"prefix": "a", "contains": "bc", "domains": [text], "regex": text}), KEY)
    for rename in (names.text, names.line, names.pattern, names.setting, names.key):
        rename(text)
    assert time.monotonic() - started < 3
