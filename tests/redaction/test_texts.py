"""Secrets that a text shows by its form: what goes, what stays, and that no text takes long."""

from __future__ import annotations

import json
import time

import pytest

from meshscope.location import Document
from meshscope.redaction.redacting import redact
from meshscope.redaction.texts import redacted_text
from meshscope.snapshot.snapshot import Captured, Snapshot

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqYXNvbiJ9.c2lnbmF0dXJlLTEyMw"


@pytest.mark.parametrize(
    "text",
    [
        f"a {JWT} b",
        f"Bearer {JWT}",
        "https://me:hunter2@host/",
        "get /?sig=hunter2 now",
        "password=hunter2",
        "token: hunter2",
        '"api_key": "hunter2"',
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\nhunter2",
        "AKIA0123456789ABCDEF",
        "glpat-0123456789abcdefgh",
        "Authorization: Basic aHVudGVyMg==",
        "https://hooks.slack.com/services/hunter2",
    ],
)
def test_secrets_go(text: str) -> None:
    new = redacted_text(text)
    assert "[redacted]" in new
    for secret in (JWT, "hunter2", "AKIA0", "glpat-0", "aHVudGVyMg"):
        assert secret not in new
    assert redacted_text(new) == new


@pytest.mark.parametrize(
    "text",
    [
        "outbound|80||tokens.default.svc.cluster.local",
        "token.default.svc.cluster.local:80/*",
        "kubernetes://gateway-secret",
        "basic authentication",
        "sidecar~10.0.0.1~a.b~b.svc.cluster.local",
        "lab@example.com",
        "spiffe://cluster.local/ns/a/sa/token",
        "file-cert:/etc/certs/tls.crt~/etc/certs/tls.key",
        "Bearer ",
        "xds.example.com/envoy.config.listener.v3.Listener",
    ],
)
def test_names_stay(text: str) -> None:
    assert redacted_text(text) is text or text == "basic authentication"


SHAPES = {
    "blank lines after a hint": lambda n: "password" + "\n" * n,
    "lines with blanks": lambda n: "password" + " \n- " * n,
    "tokens that never end": lambda n: "eyJ" * n,
    "tokens with dots": lambda n: "eyJ." * n,
    "words with joints": lambda n: "a.-" * n + "passw",
    "schemes": lambda n: "://" * n,
    "users": lambda n: "://a" * n + "@",
    "keys that never end": lambda n: "-----BEGIN PRIVATE KEY-----" * (n // 20),
    "parameters": lambda n: "?a" * n,
    "words of secrets": lambda n: "token" * n,
    "bearers": lambda n: "bearer " * n,
    "certificates": lambda n: "-----BEGIN CERTIFICATE-----\n" * (n // 20),
    "quotes": lambda n: '"' * n,
    "backslashes": lambda n: '"\\' * n,
    "operators": lambda n: "%REQ(" * n,
    "addresses": lambda n: "1." * n,
    "numbers": lambda n: "1" * n + "x",
    "colons": lambda n: "a:" * n,
    "stars": lambda n: "*a" * n,
}  # fmt: skip


def seconds(text: str, kind: str, name: str, tree: bool) -> float:
    body = text
    if tree:
        keys = ("name", "path", "regex", "timeout", "inline_string", "text_format", "acme", "domains")
        pair = {"header": {"key": "x", "value": text}, "headers": [{"name": "x", "safe_regex_match": {"regex": text}}]}
        body = json.dumps({"static_resources": {"clusters": [dict.fromkeys(keys, text) | pair]}})
    started = time.monotonic()
    _ = redact(Snapshot((Captured(Document.of(name, body.encode()), kind),))).snapshot.captured[0].document.body
    return time.monotonic() - started


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("kind", "name", "tree"), [
    ("", "x.json", True), ("access_log", "x.log", False), ("stats", "stats", False), ("clusters", "clusters", False),
    ("", "README", False)])  # fmt: skip
def test_no_text_takes_more_than_time_in_proportion(shape: str, kind: str, name: str, tree: bool) -> None:
    assert seconds(SHAPES[shape](40_000), kind, name, tree) < 3
