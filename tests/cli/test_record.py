"""`meshscope record`: whatever the source, the recording answers like it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from meshscope import open_snapshot
from meshscope.cli.ring import delete_oldest, next_path
from meshscope.errors import ExitCode

from ..collect.replayed import envoy, istiod
from ..collect.server import Reply, Server, answer, resetting, silent
from .running import ROOT, Answer

Run = Callable[..., Answer]
POD = "reviews-v1-7d8c5d6f4b-x2x9k"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def started(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "meshscope", *words], env=ENVIRONMENT, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("name", ["out", "out.tar.gz", "out.zip"])
def test_a_recording_answers_like_its_source(name: str, meshscope: Run, tmp_path: Path) -> None:
    out = str(tmp_path / name)
    given = meshscope("record", out, "--from", "small")
    assert (given.code, given.out) == (ExitCode.FINE, "")
    assert "documents" in given.err
    words = ("get", "clusters", "-o", "json", "-q")
    here, there = (json.loads(meshscope(*words, "--from", source).out)["items"] for source in ("small", out))
    for row in (*here, *there):
        row.pop("location")
    assert here == there


def test_what_a_live_source_holds_is_written_with_what_it_did_not_give(meshscope: Run, tmp_path: Path) -> None:
    with Server(lambda path: answer(b"no", 500) if path == "/certs" else envoy("a-1")(path)) as server:
        given = meshscope("record", str(tmp_path / "out"), "--from", server.url)
    assert given.code == ExitCode.FINE
    assert "2 documents, 1 proxy" in given.err
    assert f"not captured: {server.url}/certs: answered 500: no" in given.err
    manifest = json.loads((tmp_path / "out" / "meshscope.json").read_text())
    assert [one["error"] for one in manifest["documents"] if one["kind"] == "certs"] == ["answered 500: no"]


def test_resuming_asks_for_what_is_missing_and_nothing_else(meshscope: Run, tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    with Server(lambda path: resetting() if path == "/certs" else envoy("a-1")(path)) as server:
        meshscope("record", out, "--from", server.url)
    with Server(envoy("a-1")) as server:
        given = meshscope("record", out, "--from", server.url, "--resume")
    assert given.code == ExitCode.FINE
    assert "/certs" in [one.path for one in server.asked]
    assert "/config_dump?include_eds" not in [one.path for one in server.asked]
    back = open_snapshot(out)
    assert {one.kind for one in back.captured} == {"server_info", "config_dump", "certs"}
    assert not any(one.document.failure for one in back.captured)


@pytest.mark.parametrize("name", ["out", "out.tar.gz"])
def test_resuming_from_another_source_adds_to_what_is_there(name: str, meshscope: Run, tmp_path: Path) -> None:
    out = str(tmp_path / name)
    for pod in ("a-1", "b-1"):
        with Server(envoy(pod)) as server:
            assert meshscope("record", out, "--from", server.url, "--resume").code == ExitCode.FINE
    captured = open_snapshot(out).captured
    assert {(one.owner.name, one.kind) for one in captured if one.owner} == {
        (pod, kind) for pod in ("a-1", "b-1") for kind in ("server_info", "config_dump", "certs")
    }


def test_resuming_what_is_no_recording_is_refused(meshscope: Run, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with Server(envoy("a-1")) as server:
        given = meshscope("record", str(tmp_path), "--from", server.url, "--resume")
    assert given.code == ExitCode.USAGE
    assert f"cannot resume {tmp_path}: it has no meshscope.json" in given.error_line
    assert server.asked == []
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_a_dead_source_costs_its_own_documents_alone(meshscope: Run, tmp_path: Path) -> None:
    out, dead = str(tmp_path / "out"), "http://127.0.0.1:1"
    with Server(envoy("a-1")) as server:
        given = meshscope("record", out, "--from", dead, "--from", server.url)
        shown = meshscope("get", "proxies", "-o", "name", "--from", server.url, "--from", dead)
        none = meshscope("get", "proxies", "--from", dead, "--from", dead)
    assert given.code == ExitCode.UNREACHABLE
    assert f"not captured: {dead}: connection refused" in given.err
    assert {one.owner.name for one in open_snapshot(out).captured if one.owner} == {"a-1"}
    assert (shown.code, "a-1" in shown.out) == (ExitCode.UNREACHABLE, True)
    assert f"problem: {dead}: connection refused" in shown.error_line
    assert (none.code, none.out) == (ExitCode.UNREACHABLE, "")
    assert f"{dead}: connection refused" in none.error_line
    again = meshscope("record", out, "--from", dead, "--resume")
    assert again.code == ExitCode.UNREACHABLE
    assert {one.owner.name for one in open_snapshot(out).captured if one.owner} == {"a-1"}


def test_a_place_that_is_taken_is_told_before_anybody_is_asked(meshscope: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with Server(envoy("a-1")) as server:
        for place in (tmp_path, tmp_path / "missing" / "out"):
            given = meshscope("record", str(place), "--from", server.url)
            assert (given.code, given.out) == (ExitCode.USAGE, "")
            assert str(place) in given.error_line
    assert server.asked == []
    assert (tmp_path / "mine").read_text() == "mine"


def test_a_source_that_nobody_answers_leaves_nothing_behind(meshscope: Run, tmp_path: Path) -> None:
    given = meshscope("record", str(tmp_path / "out"), "--from", "http://127.0.0.1:1")
    assert given.code == ExitCode.UNREACHABLE
    assert "connection refused" in given.error_line
    assert list(tmp_path.iterdir()) == []


def test_secrets_are_left_out_when_asked_for(meshscope: Run, tmp_path: Path) -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJqYXNvbiJ9.c2lnbmF0dXJlLWJ5dGVz"  # noqa: S105  # no secret
    dump = json.dumps({"configs": [{"@type": "type.googleapis.com/envoy.admin.v3.BootstrapConfigDump", "bootstrap": {
        "node": {"id": f"sidecar~10.0.0.1~{POD}.default~x", "metadata": {"TOKEN": token}}}}]})  # fmt: skip
    with Server(envoy(POD, dump=dump.encode())) as server:
        for word in ("--redact", "--anonymize"):
            given = meshscope("record", str(tmp_path / word), "--from", server.url, word)
            assert given.code == ExitCode.FINE
            texts = [path.read_text() for path in (tmp_path / word).rglob("*.json")]
            assert texts
            assert not any(token in text for text in texts)
    assert not any("reviews" in path.read_text() for path in (tmp_path / "--anonymize").rglob("*.json"))


def test_the_first_interrupt_keeps_what_came(tmp_path: Path) -> None:
    def replies(path: str) -> Reply:
        return envoy("a-1")(path) if path in ("/server_info", "/config_dump?include_eds") else silent(30)

    with Server(replies) as server, started("record", str(tmp_path / "out"), "--from", server.url) as process:
        ends = time.monotonic() + 20
        while len(server.asked) < 8 and time.monotonic() < ends:
            time.sleep(0.02)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=20)
    assert process.returncode == ExitCode.INTERRUPTED
    assert "captured documents are kept" in told
    back = open_snapshot(str(tmp_path / "out"))
    assert {one.kind for one in back.captured} >= {"server_info", "config_dump"}
    assert any("cancelled" in problem.message for problem in back.problems)


def test_an_interrupt_while_resuming_keeps_what_was_there(meshscope: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with Server(envoy("a-1")) as server:
        assert meshscope("record", str(out), "--from", server.url).code == ExitCode.FINE
    before = {path: path.read_bytes() for path in out.rglob("*.json") if path.name != "meshscope.json"}
    with (
        Server(envoy("b-1")) as fast,
        Server(lambda _: silent(30)) as slow,
        started("record", str(out), "--from", fast.url, "--from", slow.url, "--resume") as process,
    ):
        ends = time.monotonic() + 20
        while not (slow.asked and len(fast.asked) > 5) and time.monotonic() < ends:
            time.sleep(0.02)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=20)
    assert process.returncode == ExitCode.INTERRUPTED
    assert "Traceback" not in told
    assert {path: path.read_bytes() for path in before} == before
    owners = {one.owner.name for one in open_snapshot(str(out)).captured if one.owner and not one.document.failure}
    assert owners == {"a-1", "b-1"}


@pytest.mark.long
@pytest.mark.parametrize("verb", [("record", "OUT"), ("get", "clusters"), ("trace", "http://x/")])
def test_an_interrupt_at_any_time_is_told_in_plain_lines(verb: tuple[str, ...], tmp_path: Path) -> None:
    words = [word.replace("OUT", str(tmp_path / "out.tar.gz")) for word in verb]

    def replies(path: str) -> Reply:
        return envoy("a-1")(path) if path == "/server_info" else silent(30)

    with Server(replies) as server:
        for attempt in range(10):
            with started(*words, "--from", server.url, "--from", server.url) as process:
                time.sleep(0.1 + attempt * 0.12)
                process.send_signal(signal.SIGINT)
                _, told = process.communicate(timeout=20)
            if "Traceback" in told and "meshscope/cli" not in told:
                continue  # Python itself was still starting
            assert "Traceback" not in told, told
            assert "never retrieved" not in told
            assert process.returncode in (ExitCode.INTERRUPTED, -signal.SIGINT), told
            assert told.count("\n") <= 4, told


def test_a_ring_keeps_the_last_ones_and_survives_a_source_that_goes_away(tmp_path: Path) -> None:
    ring = tmp_path / "ring"
    with started("record", str(ring), "--from", "http://127.0.0.1:1", "--every", "0.2s", "--keep", "2") as process:
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert list(ring.iterdir()) == []
    (ring / "mine.tar.gz").write_text("mine")
    with started("record", str(ring), "--from", "small", "--every", "0.1s", "--last", "2") as process:
        ends = time.monotonic() + 20
        seen: set[str] = set()
        while len(seen) < 5 and time.monotonic() < ends:
            seen |= {path.name for path in ring.glob("2*Z.tar.gz")}
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    left = sorted(path.name for path in ring.iterdir() if path.name != "mine.tar.gz")
    assert len(left) == 2
    assert left == sorted(seen | set(left))[-2:]
    assert (ring / "mine.tar.gz").read_text() == "mine"
    assert open_snapshot(str(ring / left[-1])).captured


def test_names_in_a_ring_sort_by_time(tmp_path: Path) -> None:
    names = []
    for _ in range(5):
        names.append(next_path(tmp_path).name)
        time.sleep(0.002)
    assert names == sorted(set(names))
    for name in names:
        (tmp_path / name).touch()
    delete_oldest(tmp_path, 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == names[2:]


@pytest.mark.parametrize("word", ["0s", "x", "-1s", "5d", ""])
def test_a_duration_that_is_none_is_told(word: str, meshscope: Run) -> None:
    given = meshscope("record", "out", "--every", word)
    assert given.code == ExitCode.USAGE
    assert "30s, 5m or 1h" in given.error_line


def test_an_istiod_is_recorded_and_traced_offline(meshscope: Run, tmp_path: Path) -> None:
    out = str(tmp_path / "out.tar.gz")
    with Server(istiod()) as server:
        assert meshscope("record", out, "--from", f"istiod+{server.url}").code == ExitCode.FINE
    given = meshscope("trace", "productpage", "reviews", "-H", "end-user: jason", "-o", "json", "--from", out)
    hop = json.loads(given.out)["paths"][0]["hops"][0]
    assert hop["cluster"] == "outbound|9080|v2|reviews.default.svc.cluster.local"
