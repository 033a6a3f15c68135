"""Write docs/answers.md: situations that people meet, with what the program says of each.

uv run python scripts/make_answers.py            writes the file
uv run python scripts/make_answers.py --check    exits with 1 if the program says something else
"""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import sys
from pathlib import Path

from msgspec import Struct

from meshscope.cli.app import run

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docs" / "answers.md"
COLUMNS = 100
BOOKINFO = "recordings/bookinfo"
SHOP, EDGE, REFUSED = "docs/answers/shop", "docs/answers/edge.yaml", "docs/answers/refused.json"
AT_EDGE = "--to 10.0.0.1:8080"


class Situation(Struct, frozen=True):
    """`words` are what a person types after `meshscope trace`; `code` is the exit code."""

    title: str
    sentence: str
    words: str
    source: str
    code: int = 1

    @property
    def command(self) -> str:
        return f"meshscope trace {self.words} --from {self.source}"

    def answer(self) -> str:
        """What the program writes to a terminal of that width without colours, without blanks at the ends of lines.

        Raises RuntimeError if it exits with another code, or has something to say on stderr.
        """
        out, err = _Terminal(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(["trace", *shlex.split(self.words), "--from", self.source, "--no-color"])
        if code != self.code or err.getvalue():
            raise RuntimeError(f"{self.command}: exit code {code}, {err.getvalue()}")
        return "\n".join(line.rstrip() for line in out.getvalue().strip("\n").splitlines())


class _Terminal(io.StringIO):
    """So that lines have an end."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


SITUATIONS = (
    Situation(
        "A canary by weight",
        "Each way has its share; what they have in common is there once.",
        "productpage reviews",
        BOOKINFO,
        0,
    ),
    Situation(
        "A copy, another path, another host",
        "The route rewrites path and host, has a timeout and retries, and sends a copy to another cluster.",
        "checkout http://cart/v1/items",
        SHOP,
        0,
    ),
    Situation(
        "A host with a letter wrong",
        "No virtual host has the name; the nearest one does not differ by much.",
        f"http://shop.exampel.com/cart/1 {AT_EDGE}",
        EDGE,
    ),
    Situation(
        "A path with a letter wrong",
        "The host is known and none of its routes has the path; the nearest ones are first.",
        f"http://shop.example.com/catalogus/1 {AT_EDGE}",
        EDGE,
    ),
    Situation(
        "A path that a regular expression nearly matches",
        "What counts is how much of the path matched, not the order of the routes.",
        f"http://shop.example.com/pages/abc/12345 {AT_EDGE}",
        EDGE,
    ),
    Situation(
        "A page that the gateway does not have",
        "The same in a recorded mesh, where the object to look at is known.",
        "istio-ingressgateway http://bookinfo.example.com/productpag",
        BOOKINFO,
    ),
    Situation(
        "Denied by an AuthorizationPolicy",
        "The policy names a service account with a letter missing.",
        "checkout http://orders/",
        SHOP,
    ),
    Situation(
        "A policy that would deny",
        "A dry run changes no answer, and says what it would do.",
        "checkout http://orders/export",
        SHOP,
        0,
    ),
    Situation(
        "No token", "The path asks for a token and the request has none.", "checkout http://orders/admin/1", SHOP
    ),
    Situation(
        "Plain text to a server that wants mutual TLS",
        "The caller's proxy logs 503 UC, the server's something else.",
        "checkout http://stock/",
        SHOP,
    ),
    Situation(
        "A certificate with another name",
        "The caller's proxy refuses the server's certificate: 503 UF.",
        "checkout http://payments/",
        SHOP,
    ),
    Situation(
        "A subset without pods", "The route leads to a subset that no pod belongs to.", "checkout http://search/", SHOP
    ),
    Situation(
        "A subset that does not exist",
        "The route names a subset that no DestinationRule defines.",
        "checkout http://search/next/",
        SHOP,
    ),
    Situation(
        "Two of three endpoints are sick",
        "Below the panic threshold Envoy sends to all endpoints, sick ones too.",
        f"http://shop.example.com/prices {AT_EDGE}",
        EDGE,
        0,
    ),
    Situation(
        "A fault that someone left on",
        "One header is enough to get it.",
        "reviews-v2 http://ratings:9080/ratings/0 -H 'end-user: tester'",
        BOOKINFO,
    ),
    Situation("A redirect", "The proxy answers, with where to go.", f"http://shop.example.com/old {AT_EDGE}", EDGE, 0),
    Situation(
        "An answer from the configuration",
        "Nothing behind the proxy is asked.",
        f"http://shop.example.com/closed {AT_EDGE}",
        EDGE,
    ),
    Situation(
        "An address that the mesh does not know",
        "It is let through, which is not the same as a service of the mesh.",
        "checkout http://198.51.100.7/",
        SHOP,
        0,
    ),
    Situation(
        "REGISTRY_ONLY",
        "The sidecar of another workload lets nothing through that the mesh does not know.",
        "fenced http://198.51.100.7/",
        SHOP,
    ),
    Situation(
        "REGISTRY_ONLY without HTTP",
        "The same for a connection.",
        "fenced 198.51.100.7:5432",
        SHOP,
    ),
    Situation(
        "A script on the way",
        "What is not modelled is an assumption, and the answer says how it ends if it holds.",
        "http://shop.example.com/cart/1 --to 10.0.0.1:8081",
        EDGE,
    ),
    Situation(
        "An update that Envoy refused",
        "The listener is missing because its configuration was not accepted.",
        f"http://shop.example.com/ {AT_EDGE}",
        REFUSED,
    ),
)


def text() -> str:
    """The whole page."""
    lines = [
        "# Answers to what goes wrong",
        "",
        "Situations that people meet, and what `meshscope trace` says of each, on a terminal of 100 columns. The sources are",
        "the recordings and the small files beside this page, so that each command can be run in a checkout.",
        "This page is generated by `scripts/make_answers.py`.",
    ]
    for one in SITUATIONS:
        lines += ["", f"## {one.title}", "", one.sentence, "", "```console", f"$ {one.command}", one.answer(), "```"]
    return "\n".join(lines) + "\n"


def page() -> str:
    """The same whatever the terminal, the user's settings and the working directory are."""
    before, place = dict(os.environ), Path.cwd()
    for name in ("MESHSCOPE_FROM", "NO_COLOR", "LINES"):
        os.environ.pop(name, None)
    os.environ |= {"COLUMNS": str(COLUMNS), "TERM": "xterm", "LC_ALL": "C.UTF-8", "XDG_CONFIG_HOME": str(ROOT / "none")}
    os.chdir(ROOT)
    try:
        return text()
    finally:
        os.chdir(place)
        os.environ.clear()
        os.environ.update(before)


def main() -> int:
    if "--check" in sys.argv[1:]:
        return 0 if FILE.exists() and FILE.read_text(encoding="utf-8") == page() else 1
    FILE.write_text(page(), encoding="utf-8")
    print(f"{len(SITUATIONS)} answers in docs/{FILE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
