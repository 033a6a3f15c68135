"""A source that is read again: what changed, what did not, what stopped answering."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.collect.cancelling import is_finished
from meshscope.collect.file_version import file_version
from meshscope.collect.live import Live
from meshscope.collect.rereading import NOT_ASKED, Reading, Server, kept, read, read_again
from meshscope.errors import CancelledError, UnreachableError, UsageError
from meshscope.location import Document
from meshscope.snapshot.snapshot import Captured, ProxyId, Snapshot
from meshscope.work import Work

from .replayed import envoy, istiod
from .server import Server as Web
from .server import silent

LIVE = Live(timeout=1.0, deadline=3.0)
POD = "web-1"


# --- recordings ----------------------------------------------------------------------------------------------------------


def test_files_are_read_again_once_they_changed(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("kind: A\n")
    first = read(str(tmp_path), LIVE)
    assert read_again(first, LIVE, whole=True).snapshot is first.snapshot
    file.write_text("kind: Another\n")
    second = read_again(first, LIVE)
    assert second.snapshot.captured[0].document.body == b"kind: Another\n"
    assert second.silent == ()
    (tmp_path / "b.yaml").write_text("kind: B\n")
    assert len(read_again(second, LIVE).snapshot.captured) == 2


def test_a_file_that_is_gone_keeps_its_last_state_until_it_is_back(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("kind: A\n")
    first = read(str(file), LIVE)
    file.rename(tmp_path / "b.yaml")
    lost = read_again(first, LIVE)
    assert lost.snapshot is first.snapshot
    assert lost.is_silent
    assert "no file or directory" in lost.silent[0].why
    (tmp_path / "b.yaml").rename(file)
    assert not read_again(lost, LIVE).silent


def test_what_can_be_read_once_only_is_not_read_again(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    before = file_version(str(pipe))
    os.utime(pipe, ns=(1, 1))
    assert file_version(str(pipe)) == before
    assert [file_version(word) for word in ("-", "demo")] == ["-", "demo"]


@pytest.mark.parametrize("source", ["", "\0", "/nowhere/at/all", "x" * 5000])
def test_what_is_no_file_is_an_error_of_the_user(source: str) -> None:
    with pytest.raises(UsageError):
        read(source, LIVE)


# --- live sources --------------------------------------------------------------------------------------------------------


def test_an_envoy_that_stops_answering_keeps_its_documents_and_says_since_when(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(f"2026-11-24T16:40:{second:02}Z" for second in range(60))
    monkeypatch.setattr("meshscope.collect.rereading.utc_now", lambda: next(clock))
    with Web(envoy(POD)) as web:
        first = read(web.url, LIVE)
        assert first.version == NOT_ASKED
        second = read_again(first, LIVE)
        assert second.snapshot is not first.snapshot
    lost = read_again(second, LIVE)
    assert lost.snapshot is second.snapshot
    assert lost.answered_at == second.answered_at
    (silence,) = lost.silent
    assert (silence.server, silence.why) == (Server(), "connection refused")
    again = read_again(lost, LIVE)
    assert again.silent == lost.silent
    assert silence.since > second.answered_at


def test_a_source_that_is_not_there_at_the_start_is_an_error() -> None:
    with pytest.raises(UnreachableError):
        read("http://127.0.0.1:1", LIVE)


def test_an_istiod_without_news_is_not_asked_for_everything() -> None:
    with Web(istiod()) as web:
        source = f"istiod+{web.url}"
        second = read_again(read(source, LIVE), LIVE)
        asked = len(web.asked)
        third = read_again(second, LIVE)
        assert third.snapshot is second.snapshot
        assert [one.path for one in web.asked[asked:]] == ["/debug/syncz"]
        assert read_again(third, LIVE, whole=True).snapshot is not second.snapshot


def test_a_server_that_hangs_is_left_soon_after_cancellation() -> None:
    cancelled = threading.Event()
    before = Reading("", Snapshot(), "1")
    with Web(lambda _path: silent(30)) as web:
        threading.Timer(0.2, cancelled.set).start()
        started = time.monotonic()
        with pytest.raises(CancelledError):
            read_again(Reading(web.url, before.snapshot, "1"), Live(timeout=30), Work(None, cancelled.is_set))
        assert time.monotonic() - started < 10


def test_a_task_that_ends_before_cancellation_is_finished() -> None:
    async def run() -> tuple[bool, bool]:
        short = await is_finished(asyncio.ensure_future(asyncio.sleep(0)), lambda: False)
        return short, await is_finished(asyncio.ensure_future(asyncio.sleep(60)), lambda: True)

    assert asyncio.run(run()) == (True, False)


# --- some servers of a cluster -------------------------------------------------------------------------------------------

States = st.dictionaries(st.sampled_from("abcdef"), st.booleans())
"""Proxies, and whether each answered."""


def cluster(states: dict[str, bool], moment: str) -> Reading:
    captured = []
    for name, answers in states.items():
        owner = ProxyId("", "shop", name)
        if answers:
            captured += [
                Captured(Document.of(f"{name}/{kind}", moment.encode()), kind, owner, "", moment)
                for kind in ("config_dump", "clusters")
            ]
        else:
            captured.append(Captured(Document.lost(f"{name}/config_dump", "refused"), "config_dump", owner, "", moment))
        captured.append(Captured(Document.of(f"istiod {name}", b"{}"), "istiod_config_dump", owner, "istiod-1", moment))
    return Reading("k8s:", Snapshot(tuple(captured)), None, moment)


@given(States, States)
def test_a_pod_that_does_not_answer_keeps_its_documents_and_one_that_is_gone_does_not(
    one: dict[str, bool], other: dict[str, bool]
) -> None:
    found = kept(cluster(one, "1"), cluster(other, "2"))
    silent_ones = {name for name, answers in other.items() if not answers and one.get(name)}
    assert {silence.server.owner.name for silence in found.silent if silence.server.owner} == silent_ones
    assert {each.owner.name for each in found.snapshot.captured if each.owner} == set(other)
    for each in found.snapshot.captured:
        assert each.owner
        is_old = each.owner.name in silent_ones and not each.istiod
        assert each.captured_at == ("1" if is_old else "2")
        assert (found.silence_of(each) is not None) == is_old
    assert len({(each.owner, each.kind, each.istiod) for each in found.snapshot.captured}) == len(
        found.snapshot.captured
    )


def test_an_istiod_that_does_not_answer_keeps_what_it_sent_to_each_proxy() -> None:
    before = cluster({"a": True}, "1")
    lost = Captured(Document.lost("istiod-1/debug/list", "refused"), "debug/list", None, "istiod-1", "2")
    now = Reading("k8s:", Snapshot((*cluster({"a": True}, "2").snapshot.captured[:2], lost)), None, "2")
    found = kept(before, now)
    assert [(each.kind, each.captured_at) for each in found.snapshot.captured] == [
        ("config_dump", "2"), ("clusters", "2"), ("istiod_config_dump", "1"),
    ]  # fmt: skip
    assert found.silent[0].server == Server(istiod="istiod-1")
    later = kept(found, Reading("k8s:", now.snapshot, None, "3"))
    assert (later.silent[0].since, len(later.snapshot.captured)) == ("2", 3)
