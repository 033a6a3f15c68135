"""A name survives nowhere: planted in every string field of every typed message, as a key, in every document kind."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from meshscope.anonymous.anonymising import anonymise
from meshscope.anonymous.known_fields import is_field
from meshscope.location import Document
from meshscope.snapshot.snapshot import Captured, Snapshot

from ..redaction.places import ENVOY, KUBERNETES, LOG_LINES, bootstrap
from ..redaction.test_name_keys import BUILT_HERE, TYPED, messages

NAME = "zorbulon"
KEY = b"0123456789abcdef"
FIELDS = sorted({key for _, key in TYPED})
FORMS = [
    NAME, NAME.capitalize(), NAME.upper(), f"{NAME}Thing", f"my{NAME.capitalize()}", f"a/{NAME}_1|{NAME}.svc",
    f"http://{NAME}.example.com/{NAME}?{NAME}={NAME}", f"^/{NAME}/[a-z]+$", f"/apis/x/{NAME}", json.dumps({NAME: NAME}),
    f"envoy.{NAME}", f"type.googleapis.com/{NAME}.X", f"x-{NAME}", f"ALLOW_{NAME.upper()}",
]  # fmt: skip
WRAPS: list[Callable[[str, str], Any]] = [
    lambda key, text: {key: text},
    lambda key, text: {key: [text]},
    lambda key, text: {key: {text: text}},
    lambda key, text: {key: [{text: text}]},
]


def posted(body: bytes, kind: str = "", name: str = "dump.json") -> bytes:
    other = Captured(Document.of("envoy.json", json.dumps(bootstrap({})).encode()))
    new = anonymise(Snapshot((other, Captured(Document.of(name, body), kind))), KEY).snapshot.captured[1].document
    text = new.body
    assert not new.failure
    return bytes(text)


def names_in(body: bytes) -> list[bytes]:
    return re.findall(rb"(?i)[^,{]*zorbulon[^,}]*", body)[:5]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("wrap", range(len(WRAPS)))
def test_in_no_field_of_any_typed_message(form: str, wrap: int) -> None:
    tree = bootstrap({"items": [WRAPS[wrap](key, form) for key in FIELDS]})
    assert names_in(posted(json.dumps(tree).encode())) == []


@pytest.mark.parametrize("place", range(len(ENVOY)))
def test_in_no_place_of_envoys_configuration(place: int) -> None:
    assert names_in(posted(json.dumps(bootstrap(ENVOY[place](NAME))).encode())) == []


@pytest.mark.parametrize("place", range(len(KUBERNETES)))
def test_in_no_object(place: int) -> None:
    assert names_in(posted(json.dumps(KUBERNETES[place](NAME)).encode(), "manifests")) == []


LINES = [*(line(NAME) for line in LOG_LINES)]
TEXTS = [
    ("stats", f"listener.10.77.99.5_9080.{NAME}: 5\ncluster.outbound|80||{NAME}.a.svc.upstream_rq_total: 1\n"),
    ("clusters", f"{NAME}::10.77.99.5:80::hostname::{NAME}\n{NAME}::10.77.99.5:80::health_flags::healthy\n"),
    ("listeners", f"{NAME}::10.77.99.5:80\n"),
    *(("access_log", f"{line}\n") for line in LINES),
]


@pytest.mark.parametrize(("kind", "text"), TEXTS)
def test_in_no_line(kind: str, text: str) -> None:
    body = posted(text.encode(), kind, kind)
    assert names_in(body) == []
    assert b"10.77.99.5" not in body


def test_words_of_the_software_stay_in_lines() -> None:
    body = posted(TEXTS[0][1].encode(), "stats", "stats").decode()
    assert re.fullmatch(
        r"listener\.10\.[\d.]+_9080\.\w+: 5\ncluster\.outbound\|80\|\|[\w-]+\.a\.svc\.upstream_rq_total: 1\n", body
    )
    assert posted(TEXTS[1][1].encode(), "clusters", "clusters").endswith(b"::health_flags::healthy\n")


OBJECTS: list[Any] = [
    {
        "apiVersion": f"{NAME}.example/v1",
        "kind": "Zorbulon",
        "metadata": {"name": NAME},
        "spec": {"zorbulonHost": NAME, NAME: {NAME: 1}},
    },
    {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "istio"},
        "data": {
            "mesh": f"trustDomain: {NAME}.corp\ndefaultConfig: {{tracing: {{zipkin: {{address: '{NAME}.obs:9411'}}}}}}",
            f"{NAME}.conf": NAME,
        },
    },
    {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {
            "name": "v",
            "uid": f"1-{NAME}",
            "labels": {f"{NAME}.io/x": "y", NAME: "z"},
            "annotations": {f"{NAME}.io/x": "y"},
        },
        "spec": {
            "gateways": [NAME, f"{NAME}/{NAME}"],
            "http": [
                {
                    "match": [
                        {
                            "uri": {"regex": f"/({NAME}|x)/[a-z]+"},
                            "headers": {f"x-{NAME}": {"exact": "a"}},
                            "queryParams": {NAME: {"exact": "a"}},
                        }
                    ],
                    "headers": {"request": {"set": {f"x-{NAME}": "a"}}},
                    "route": [{"destination": {"host": NAME}}],
                }
            ],
        },
    },
    {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p"},
        "spec": {
            "nodeSelector": {f"{NAME}/pool": NAME},
            "tolerations": [{"key": NAME, "value": NAME}],
            "volumes": [{"name": NAME, "nfs": {"server": NAME, "path": f"/{NAME}"}}],
            "containers": [
                {
                    "name": NAME,
                    "env": [{"name": "ZORBULON_SERVICE_HOST", "value": NAME}],
                    "envFrom": [{"configMapRef": {"name": NAME}}],
                    "ports": [{"name": f"http-{NAME}"}],
                    "volumeMounts": [{"name": NAME, "mountPath": f"/{NAME}"}],
                }
            ],
        },
    },
]


@pytest.mark.parametrize("tree", OBJECTS)
def test_in_no_key_of_an_object(tree: Any) -> None:
    assert names_in(posted(json.dumps(tree).encode(), "manifests", "x.json")) == []


def test_every_field_of_a_typed_message_is_known_as_one() -> None:
    fields = {
        field.encode_name
        for message in messages()
        if message.__name__ not in BUILT_HERE
        for field in msgspec.structs.fields(message)
    }
    assert [field for field in sorted(fields) if not is_field(field)] == []


@pytest.mark.parametrize("key", [NAME, "details-v1", "a1b2c3", "b3945f6866", "myZorbulon", "x.default.svc", "a" * 100])
def test_a_name_is_no_field(key: str) -> None:
    assert not is_field(key)
