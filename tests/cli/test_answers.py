"""The page of answers: it is what the program says, and what it says is what a reader needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from .running import ROOT

PAGE = (ROOT / "docs" / "answers.md").read_text(encoding="utf-8")
ANSWERS = dict(part.split("\n", 1) for part in PAGE.split("\n## ")[1:])
OFF = "← one letter off"
DECISIVE: dict[str, tuple[str, ...]] = {
    "A canary by weight": ("✓ delivered", "90 %", "10 %", "retries 3 × 2s", "timeout none", "mTLS"),
    "A copy, another path, another host": (
        "rewrites authority cart.internal", "rewrites path /items", "mirror outbound|80||orders", "timeout 5s",
    ),
    "A host with a letter wrong": ("✗ 404 NR", f"shop.example.com  {OFF}"),
    "A path with a letter wrong": ("✗ 404 NR", f"prefix '/catalogue/'  {OFF}", "routes[1] catalogue"),
    "A path that a regular expression nearly matches": ("wants     regex '/pages/[a-z]+/[0-9]{1,4}'",),
    "A page that the gateway does not have": (f"'/productpage'  {OFF}", "VirtualService default/bookinfo", "istio.yaml:18"),
    "Denied by an AuthorizationPolicy": (
        "✗ 403", OFF, "change    AuthorizationPolicy default/orders-allow rules[0]  docs/answers/shop/istio.yaml:8",
        "403 via_upstream",
    ),
    "A policy that would deny": ("✓ delivered", "dry run would deny it: AuthorizationPolicy default/orders-dry-run"),
    "No token": ("✗ 401", "Jwt is missing", "--jwt"),
    "Plain text to a server that wants mutual TLS": (
        "✗ 503 UC", "accepts mutual TLS only", "PeerAuthentication default/stock-strict  docs/answers/shop/istio.yaml:",
        "DestinationRule default/stock", "checkout-1.default: 503 UC", "filter_chain_not_found", "plain text",
    ),
    "A certificate with another name": ("✗ 503 UF", "sa/payments-v2", "change    DestinationRule default/payments"),
    "A subset without pods": ("✗ 503 UH", "it has no endpoints", "change    DestinationRule default/search"),
    "A subset that does not exist": ("✗ 503 NC", "there is outbound|80|spare|", "change    VirtualService default/search"),
    "Two of three endpoints are sick": ("✓ delivered", "panic: too few hosts are healthy"),
    "A fault that someone left on": ("✗ 500 FI", "abort with 500 (100%)", "change    VirtualService default/ratings"),
    "A redirect": ("✓ 308  redirect  to http://shop.example.com/new",),
    "An answer from the configuration": ("✗ 410  direct_response", "docs/answers/edge.yaml:"),
    "An address that the mesh does not know": ("an unknown address", "without the mesh's TLS and policies"),
    "REGISTRY_ONLY": ("✗ 502", "is a black hole: the mesh does not know the host"),
    "REGISTRY_ONLY without HTTP": ("▸ TCP", "✗ connection closed UH", "is a black hole"),
    "A script on the way": ("? unknown", "if so     delivered", "headers.lua"),
    "An update that Envoy refused": ("✗ connection closed  no_listener", "refused   listener web", "script load error"),
}  # fmt: skip


def test_the_page_is_what_the_program_says() -> None:
    done = subprocess.run([sys.executable, ROOT / "scripts" / "make_answers.py", "--check"], check=False, cwd=ROOT)
    assert done.returncode == 0, "run scripts/make_answers.py, and read the difference before you commit it"


def test_each_situation_has_its_decisive_words() -> None:
    assert list(DECISIVE) == list(ANSWERS)


@pytest.mark.parametrize("title", DECISIVE)
def test_an_answer_says_what_decides(title: str) -> None:
    text = ANSWERS[title]
    assert [words for words in DECISIVE[title] if words not in text] == []


@pytest.mark.parametrize("title", DECISIVE)
def test_an_answer_has_its_verdict_first_and_no_line_too_many(title: str) -> None:
    (block,) = ANSWERS[title].split("```console\n")[1:]
    command, *lines = block.removesuffix("```\n").rstrip("`\n").splitlines()
    assert command.startswith("$ meshscope trace ")
    assert any(glyph in " ".join(lines[:2]) for glyph in "✓✗?")
    assert max(map(len, lines)) <= 100
    assert len(lines) <= 24
