"""Answers on one's own terminal hide keys, passwords and the data of Secrets, in every verb, output and dialect."""

from __future__ import annotations

import contextlib
import io
import json
from base64 import b64encode
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml

from meshscope.cli.app import run
from meshscope.path import camel
from meshscope.snapshot.sensitive import LAST_APPLIED, SECRET_FIELDS

TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3."
MARK = "zorbulon"
COMMANDS = [
    *(["get", kind, "-o", output] for kind in ("all", "listeners", "clusters", "secrets", "secrets.core")
      for output in ("json", "yaml", "wide", "jsonpath={..}")),
    *(["describe", what, "-o", output] for what in ("listener/l", "cluster/c", "secret/s", "secrets.core/one")
      for output in ("table", "json", "yaml")),
    *(["find", what, "-o", "json"] for what in (MARK, f"{MARK}1", "s", b64encode(MARK.encode()).decode()[:8])),
    ["trace", "--listener", "l", "https://x/", "-o", "json"],
    ["report", "-"],
]  # fmt: skip


def secrets() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"{MARK}{next(numbers)}"


def envoy(spell: Callable[[str], str], secret: Callable[[], str]) -> dict[str, Any]:
    def hidden(form: Callable[[], dict[str, str]]) -> dict[str, Any]:
        return {spell(field): form() for field in SECRET_FIELDS}

    def socket(side: str) -> dict[str, Any]:
        texts = hidden(lambda: {spell("inline_string"): secret()})
        in_bytes = hidden(lambda: {spell("inline_bytes"): b64encode(secret().encode()).decode()})
        common = {spell("tls_certificates"): [texts, in_bytes], "password": secret()}
        config = {"@type": f"{TLS}{side}TlsContext", spell("common_tls_context"): common, **in_bytes}
        return {spell("transport_socket"): {"name": "tls", spell("typed_config"): config}}

    address = {spell("socket_address"): {"address": "0.0.0.0", spell("port_value"): 443}}  # noqa: S104  # in a dump
    listener = {"name": "l", "address": address, spell("filter_chains"): [{**socket("Downstream"), "filters": []}]}
    held = {"name": "s", spell("generic_secret"): {"secret": {spell("inline_string"): secret()}}}
    cluster = {"name": "c", **socket("Upstream")}
    return {spell("static_resources"): {"listeners": [listener], "secrets": [held], "clusters": [cluster]}}


def kubernetes(secret: Callable[[], str]) -> dict[str, Any]:
    applied = json.dumps({"kind": "Secret", "stringData": {"a": secret()}})
    data = {"tls.key": b64encode(secret().encode()).decode()}
    meta = {"name": "one", "namespace": "n", "annotations": {LAST_APPLIED: applied}}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "data": data, "stringData": {"b": secret()}}


@pytest.mark.parametrize("written", [json.dumps, yaml.safe_dump])
@pytest.mark.parametrize("spell", [str, camel])
def test_no_answer_shows_a_key_a_password_or_a_secret(
    spell: Callable[[str], str], written: Callable[[Any], str], tmp_path: Path
) -> None:
    secret = secrets()
    (tmp_path / "dump").write_text(written(envoy(spell, secret)))
    (tmp_path / "objects").write_text(written(kubernetes(secret)))
    shown = 0
    for words in COMMANDS:
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            code = run([*words, "--from", str(tmp_path)])
        told = out.getvalue()
        asked = words[1] if words[0] == "find" else "\0"
        assert not [one for one in (MARK, b64encode(MARK.encode()).decode()[:10]) if one in told.replace(asked, "")], (
            words
        )
        shown += code == 0 and "[redacted]" in told
    assert shown > 10
    assert int(secret().removeprefix(MARK)) > 30
