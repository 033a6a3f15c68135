"""Compare the traces of recordings with those of the same recordings redacted and anonymised.

uv run python scripts/compare_shared.py RECORDING…

A recording has an `observed.jsonl`, a request a line (`{"request": {"from", "to", "host", "path", "headers" …}}`). Prints for
each recording how many requests there are, and how many are traced otherwise; exit 1 where one without a credential is.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from meshscope import Mesh, Request, open_snapshot, trace
from meshscope.anonymous.anonymising import anonymise
from meshscope.cli.sharing import renamed, with_stand_ins
from meshscope.redaction.headers import is_credential
from meshscope.redaction.redacting import redact
from meshscope.simulation.trace import Trace


def asked(line: dict[str, Any]) -> Request:
    given = line["request"]
    fields: dict[str, Any] = {
        "source": given["from"],
        "to": given["to"],
        "method": given.get("method", "GET"),
        "headers": list((given.get("headers") or {}).items()),
    }
    if given.get("scheme") == "tcp":
        return msgspec.convert(fields | {"protocol": "tcp"}, Request)
    fields |= {"authority": given.get("host") or given.get("sni") or given["to"], "path": given.get("path", "/")}
    if given.get("sni") or given.get("scheme") == "https":
        fields |= {
            "scheme": "https",
            "tls": True,
            "sni": given.get("sni"),
            "alpn": given.get("alpn") or ["h2", "http/1.1"],
        }
    return msgspec.convert(fields | {"client_cert": True} if given.get("cert") else fields, Request)


def told(answer: Trace) -> Any:
    """What does not depend on names: each way with its probability, its end and its verdicts."""
    return [
        (path.probability, path.disposition, path.response and path.response.code,
         [(step.kind, step.verdict) for hop in path.hops for step in hop.steps],
         [len(hop.endpoints or ()) for hop in path.hops])
        for path in answer.paths
    ]  # fmt: skip


def compare(folder: str) -> int:
    redacted = redact(open_snapshot(folder))
    anonymous = anonymise(open_snapshot(folder), b"0123456789abcdef")
    before = Mesh(open_snapshot(folder))
    shared: dict[str, tuple[Mesh, Callable[[Request], Request]]] = {
        "--redact": (Mesh(redacted.snapshot), lambda request: with_stand_ins(request, redacted.values)),
        "--anonymize": (
            Mesh(anonymous.snapshot),
            lambda request: renamed(with_stand_ins(request, anonymous.values), anonymous.text),
        ),
    }
    lines = {
        json.dumps(line["request"]): line
        for line in map(json.loads, Path(folder, "observed.jsonl").read_text().splitlines())
    }
    requests = [asked(line) for line in lines.values()]
    plain = [one for one in requests if not any(is_credential(name) for name, _ in one.headers)]
    wrong = 0
    for option, (after, new) in shared.items():
        others = sum(told(trace(before, one)) != told(trace(after, new(one))) for one in plain)
        left_out = len(requests) - len(plain)
        print(f"{folder} {option}: {len(plain)} requests, {others} otherwise, {left_out} with a credential left out")
        wrong += others
    return wrong


if __name__ == "__main__":
    sys.exit(1 if sum(map(compare, sys.argv[1:])) else 0)
