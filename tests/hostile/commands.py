"""Command lines over a hostile source, and what every one of them has to keep to."""

from __future__ import annotations

import contextlib
import io
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import yaml

from meshscope.cli.app import run
from meshscope.errors import ExitCode
from meshscope.istio.kinds.istio_kinds import ISTIO_KINDS
from meshscope.listing.registry import KINDS

from .mutating import WORDS

OUTPUTS = ("table", "wide", "json", "jsonl", "yaml", "name", "svg", "columns=name", "jsonpath={.items[*]}")
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
SLOW = 20.0
"""Seconds in which every command over a document of some hundred KB ends, on a busy machine."""
_KINDS = (*KINDS, *(kind.kind.lower() for kind in ISTIO_KINDS), "pods", "gateways.gateway.networking.k8s.io", "all")
_METHODS = ("GET", "POST", "CONNECT", "", "OPTIONS")
_HOSTS = (
    "reviews",
    "reviews.default.svc.cluster.local",
    "nginx",
    "productpage",
    "10.20.0.21",
    "x.example",
    "ratings:9080",
)
_NAMED = ("reviews", "productpage", "nginx", "outbound|9080||reviews.default.svc.cluster.local", "bookinfo", "x")


class BrokenPromiseError(AssertionError):
    """A command that did not end as every command ends."""


def commands(random: Random, folder: Path) -> Iterator[list[str]]:
    """Some command lines of every verb. What they write goes into `folder`."""

    def word() -> str:
        return random.choice((*WORDS, *_NAMED))

    for kind in random.sample(_KINDS, 3):
        yield [
            "get",
            kind,
            "-o",
            random.choice(OUTPUTS),
            *_some(random, [["--state", "all"], ["-v"], ["--view", "istiod"]]),
        ]
    yield ["get", random.choice(_KINDS), word(), "-o", "json"]
    yield ["describe", f"{random.choice(_KINDS)}/{word()}", "-o", random.choice(("table", "json", "yaml"))]
    yield ["find", word(), "-o", random.choice(("table", "json", "wide"))]
    yield ["trace", *_traced(random), "-o", random.choice(("table", "wide", "json", "svg", "yaml"))]
    yield ["effect", *random.choice(([], [f"vs/{word()}"], ["dr/reviews"])), "-o", random.choice(("table", "json"))]
    if (manifests := folder / "with.yaml").exists():
        yield ["effect", "--with", str(manifests), "-o", random.choice(("table", "json"))]
        yield ["trace", *_traced(random), "--with", str(manifests), "-o", random.choice(("table", "json", "jsonl"))]
    yield ["pc", random.choice(("routes", "clusters", "all", "listeners")), "reviews"]
    requests = folder / "requests.jsonl"
    requests.write_bytes(b"\n".join(_line(random) for _ in range(3)))
    yield ["trace", "--requests", str(requests), "-o", random.choice(("jsonl", "table", "json"))]
    if random.random() < 0.3:
        how = random.choice(([], ["--redact"], ["--anonymize"]))
        yield ["record", str(folder / f"{random.random()}{random.choice(('', '.zip', '.tar.gz'))}"), *how]
    if random.random() < 0.15:
        yield ["report", str(folder / "page.html"), "--force", *random.choice(([], ["--redact"], ["--anonymize"]))]


def kept(words: list[str], source: str) -> None:
    """Runs a command line in this process. Raises BrokenPromiseError."""
    out, err = io.StringIO(), io.StringIO()
    started = time.monotonic()
    arguments = [*words, "--from", source]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(arguments)
    took = time.monotonic() - started
    told = err.getvalue()
    promises = {
        "no defect": "internal error" not in told and "Traceback" not in told,
        "an exit code of the contract": code in tuple(ExitCode),
        "an end in time": took < SLOW,
        "no control characters": not FORBIDDEN.search(told)
        and not (_is_text(words) and FORBIDDEN.search(out.getvalue())),
        "one line for an error": code not in (ExitCode.USAGE, ExitCode.UNREADABLE)
        or "meshscope" in told.splitlines()[-1],
        "an output that parses": code not in (ExitCode.FINE, ExitCode.NO) or _parses(words, out.getvalue()),
    }
    if broken := [name for name, is_kept in promises.items() if not is_kept]:
        raise BrokenPromiseError(f"{arguments}: not {' and not '.join(broken)}: {code}, {took:.1f} s, {told[-500:]!r}")


def _format(words: list[str]) -> str:
    return words[words.index("-o") + 1] if "-o" in words else "table"


def _is_text(words: list[str]) -> bool:
    return _format(words) in ("table", "wide", "name") and words[0] != "report"


def _parses(words: list[str], text: str) -> bool:
    try:
        if _format(words) in ("json", "jsonl"):  # one value, or several one after another
            at, decoder = 0, json.JSONDecoder()
            while at < len(text.rstrip()):
                _, at = decoder.raw_decode(text, at)
                while text[at : at + 1].isspace():
                    at += 1
        elif _format(words) == "yaml" and len(text) < 100_000:
            list(yaml.load_all(text, yaml.CSafeLoader))
    except (ValueError, yaml.YAMLError):
        return False
    except RecursionError:  # this reader's own bound
        return True
    return True


def _some(random: Random, options: list[list[str]]) -> list[str]:
    return [word for option in options if random.random() < 0.3 for word in option]


def _traced(random: Random) -> list[str]:
    host = random.choice((*_HOSTS, *WORDS))
    options = _some(random, [
        ["--method", random.choice(_METHODS)], ["-H", f"{random.choice(WORDS)}: {random.choice(WORDS)}"],
        ["--path", random.choice(("/", *WORDS))], ["--view", "istiod"],
    ])  # fmt: skip
    start = random.choice(([], ["productpage"], ["nginx"], ["sleep"], ["ingressgateway"]))
    return [*start, random.choice((host, f"http://{host}/", f"tcp://{host}")), *options]


def _line(random: Random) -> bytes:
    value: dict[str, Any] = {"source": random.choice(("productpage", "nginx", 5, None)), "dest": random.choice(_HOSTS)}
    value[random.choice(("headers", "path", "method", "port", "x", "protocol", "jwt", "cookies"))] = random.choice((
        *WORDS, 5, None, [], {}, [["a"]], [["a", "b"]], {"a": {"b": 1}}, -1, 1e300, True,
    ))  # fmt: skip
    text = json.dumps(value).encode()
    return random.choice((text, text, text, text[:-1], b"[" * 3000, b"", b"\xff", b"null"))
