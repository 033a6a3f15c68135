"""`meshscope report`: one page, complete, never over a file that is there, and under pseudonyms where asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from meshscope.cli import report_traces
from meshscope.errors import ExitCode

from ..collect.replayed import envoy
from ..collect.server import Server
from ..recordings import RECORDINGS
from ..render.html.pages import Read
from .running import Answer, child

Run = Callable[..., Answer]
BOOKINFO = str(RECORDINGS / "bookinfo")


@pytest.fixture
def report(meshscope: Run, tmp_path: Path) -> Callable[..., Read]:
    """The page of the Bookinfo recording, written with these words."""

    def run(*words: str) -> Read:
        out = tmp_path / "page.html"
        given = meshscope("report", str(out), "--from", BOOKINFO, "--force", *words)
        assert (given.code, given.out) == (ExitCode.FINE, ""), given.err
        return Read([out.read_text(encoding="utf-8")])

    return run


def proxies(page: Read) -> list[str]:
    return [text for path, text in page.texts if path[-2:] == ("summary", "h3")]


def test_a_page_is_written_and_what_it_has_is_told(meshscope: Run, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    given = meshscope("report", str(out), "--from", BOOKINFO, "--trace", "productpage reviews")
    assert given.code == ExitCode.FINE
    assert re.fullmatch(rf"{re.escape(str(out))}: 9 proxies, 1 trace, 3 scopes, \d+ kB", given.error_line)
    assert [file.name for file in tmp_path.glob("*.html")] == ["page.html"]


def test_a_dash_is_stdout_and_only_the_page_is_on_it(meshscope: Run, tmp_path: Path) -> None:
    words = ("--from", BOOKINFO, "--trace", "productpage reviews")
    given = meshscope("report", "-", *words)
    assert (given.code, given.err) == (ExitCode.FINE, "")
    meshscope("report", str(tmp_path / "page.html"), *words)
    assert given.out == (tmp_path / "page.html").read_text(encoding="utf-8")


def test_on_a_stdout_without_utf_8_the_page_has_the_same_texts() -> None:
    pages = [
        child("report", "-", "--from", BOOKINFO, "-q", env={"PYTHONIOENCODING": encoding}).communicate()[0]
        for encoding in ("utf-8", "ascii")
    ]
    assert pages[1].isascii()
    assert not pages[0].isascii()
    assert Read([pages[0]]).texts == Read([pages[1]]).texts


def test_a_file_that_is_there_is_kept_unless_forced_and_nothing_is_asked_before(meshscope: Run, tmp_path: Path) -> None:
    mine = tmp_path / "mine.html"
    mine.write_text("mine")
    with Server(envoy("a-1")) as server:
        given = meshscope("report", str(mine), "--from", server.url)
    assert (given.code, mine.read_text(), server.asked) == (ExitCode.USAGE, "mine", [])
    assert "--force" in given.error_line
    with Server(envoy("a-1")) as server:
        given = meshscope("report", str(mine), "--from", server.url, "--force")
    assert given.code == ExitCode.FINE
    assert mine.read_text().startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("place", [".", "missing/page.html", "pipe"])
def test_what_is_no_file_is_never_replaced(place: str, meshscope: Run, tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe")
    given = meshscope("report", str(tmp_path / place), "--from", BOOKINFO, "--force")
    assert given.code == ExitCode.USAGE
    assert str(tmp_path) in given.error_line
    assert [file.name for file in tmp_path.iterdir() if file.name != "config"] == ["pipe"]


def test_a_page_that_fails_leaves_what_was_there(meshscope: Run, tmp_path: Path) -> None:
    mine = tmp_path / "mine.html"
    mine.write_text("mine")
    given = meshscope("report", str(mine), "--from", BOOKINFO, "--force", "--trace", "nobody reviews")
    assert given.code == ExitCode.USAGE
    assert "--trace 'nobody reviews': no proxy, pod or service 'nobody'" in given.error_line
    assert mine.read_text() == "mine"


def test_traces_are_there_in_their_order_and_their_proxies_are_drawn(report: Callable[..., Read]) -> None:
    page = report(
        "--trace", "productpage reviews", "--trace", "sleep http://ratings:9080/ -H 'end-user: jason' -X POST"
    )
    assert page.of("h2") == ["Overview", "Traces", "Scope"]
    questions = [text for path, text in page.texts if "h3" in path and "article" in path and "▸" in text]
    assert questions == ["productpage ▸ GET reviews", "sleep ▸ POST http://ratings:9080/  end-user: jason"]
    assert [name.rsplit("-", 2)[0] for name in proxies(page)] == [
        "productpage-v1",
        "reviews-v1",
        "reviews-v3",
        "sleep",
        "ratings-v1",
    ]


def test_every_step_of_the_way_is_there_and_the_answer_only_once(report: Callable[..., Read]) -> None:
    page = report("--trace", "istio-ingressgateway http://bookinfo.example.com/nothing")
    assert page.of("summary").count("every step") == 1
    assert page.of("span").count("✗ 404 NR  no_route") == 3  # the answer, the way in short, the way with every step
    assert page.of("span").count("http filter") == 3
    assert "--proxy" not in " ".join(page.of("span"))


def test_lines_of_a_file_are_followed_and_one_that_cannot_be_says_why(
    report: Callable[..., Read], tmp_path: Path
) -> None:
    requests = [{"source": "productpage", "dest": "reviews"}, {"source": "<nobody>", "dest": "reviews"}]
    (tmp_path / "requests.jsonl").write_text("\n".join(map(json.dumps, requests)))
    page = report("--requests", str(tmp_path / "requests.jsonl"))
    assert page.elements.count("article") == 2
    assert any(text.startswith(" line 2: no proxy, pod or service '<nobody>'") for text in page.of("p"))


def test_more_requests_than_are_followed_are_told(
    report: Callable[..., Read], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_traces, "MOST_TRACES", 2)
    file = tmp_path / "requests.jsonl"
    line = json.dumps({"source": "productpage", "dest": "reviews"})
    for typed, lines, is_cut in (((), 2, False), ((), 3, True), (("--trace", "sleep reviews"), 2, True)):
        file.write_text(f"{line}\n" * lines)
        page = report("--requests", str(file), *typed)
        assert page.elements.count("article") == 2
        assert ("the first 2 requests; meshscope trace --requests follows all" in page.of("p")) == is_cut


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a b c", "a trace has a source and a destination, not 3 words"),
        ("a 'b", "No closing quotation"),
        ("a b --wat", "No such option"),
        ("a b -H x", "-H: 'x' is not 'name: value'"),
        ("a b --help", "No such option"),
        ("", "no destination"),
    ],
)
def test_words_that_are_no_request_are_refused(text: str, said: str, meshscope: Run, tmp_path: Path) -> None:
    given = meshscope("report", str(tmp_path / "page.html"), "--from", BOOKINFO, "--trace", text)
    assert given.code == ExitCode.USAGE
    assert f"--trace {text!r}: " in given.error_line
    assert said in given.error_line
    assert not (tmp_path / "page.html").exists()


def test_named_proxies_are_drawn_and_an_unknown_one_is_told(report: Callable[..., Read], meshscope: Run) -> None:
    assert [name.rsplit("-", 2)[0] for name in proxies(report("--proxy", "sleep", "--proxy", "reviews-v2"))] == [
        "sleep",
        "reviews-v2",
    ]
    given = meshscope("report", "-", "--from", BOOKINFO, "--proxy", "nobody")
    assert (given.code, given.out) == (ExitCode.USAGE, "")
    assert "no proxy 'nobody'" in given.error_line


def test_under_pseudonyms_the_same_is_said_and_no_name_of_the_mesh(report: Callable[..., Read]) -> None:
    words = ("--trace", "productpage reviews -H 'end-user: jason'", "--proxy", "reviews-v1")
    plain, anonymous = report(*words), report(*words, "--anonymize")
    assert len(proxies(plain)) == len(proxies(anonymous)) == 1
    told = " ".join(text for _, text in anonymous.texts)
    for name in ("productpage", "reviews", "ratings", "jason", "bookinfo", "10.20.0"):
        assert name in " ".join(text for _, text in plain.texts)
        assert name not in told
    verdicts = [
        [text.split(" to ")[0] for path, text in page.texts if "h3" in path and text.startswith("✓")]
        for page in (plain, anonymous)
    ]
    assert verdicts[0] == verdicts[1] != []


@pytest.mark.parametrize("option", ["--redact", "--anonymize"])
def test_what_is_shared_has_no_secret_of_a_request(option: str, meshscope: Run, tmp_path: Path) -> None:
    for text in (
        "productpage reviews -H 'authorization: Bearer s3cr3t'",
        "productpage reviews -H 'cookie: session=s3cr3t'",
        "productpage http://reviews:9080/?access_token=s3cr3t",
        "productpage http://me:s3cr3t@reviews:9080/",
    ):
        with Server(envoy("a-1")) as server:
            given = meshscope("report", "-", "--from", server.url, option, "--trace", text)
        assert (given.code, given.out, server.asked) == (ExitCode.USAGE, "", []), text
        assert "secret" in given.error_line
    given = meshscope("report", "-", "--from", BOOKINFO, option, "--trace", "sleep reviews -H 'cookie: [redacted]'")
    assert given.code == ExitCode.FINE
    (tmp_path / "r.jsonl").write_text('{"dest": "reviews", "source": "sleep", "headers": [["x-api-key", "s3cr3t"]]}')
    given = meshscope("report", "-", "--from", BOOKINFO, option, "--requests", str(tmp_path / "r.jsonl"))
    assert given.code == ExitCode.FINE
    assert "the header x-api-key of a request may be a secret" in given.out
    assert "s3cr3t" not in given.out


def test_a_redacted_page_has_no_secret_of_the_source(meshscope: Run, tmp_path: Path) -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIs3cr3t\n-----END PRIVATE KEY-----"
    refused = {"name": "web", "error_state": {"failed_configuration": {"name": "web"}, "details": f"bad key {key}"}}
    section = {"@type": "type.googleapis.com/envoy.admin.v3.ListenersConfigDump", "dynamic_listeners": [refused]}
    (tmp_path / "dump.json").write_text(json.dumps({"configs": [section]}))
    words = ("report", "-", "--from", str(tmp_path / "dump.json"))
    plain, redacted = meshscope(*words).out, meshscope(*words, "--redact").out
    assert "MIIs3cr3t" in plain
    assert "MIIs3cr3t" not in redacted
    assert "[redacted]" in redacted


@pytest.mark.parametrize("source", ["small", "envoy", "hostile", "kubernetes"])
def test_every_source_has_a_page(source: str, meshscope: Run) -> None:
    given = meshscope("report", "-", "--from", source)
    assert given.code == ExitCode.FINE, given.err
    assert Read([given.out]).of("h2") == ["Overview", "Scope"]
