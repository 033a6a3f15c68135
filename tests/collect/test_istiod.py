"""istiod's debug port as a source: recorded answers of real ones, served again."""

from __future__ import annotations

from pathlib import Path

import pytest

from meshscope import Mesh, Request, open_snapshot, trace
from meshscope.collect.live import Live
from meshscope.errors import UnreachableError
from meshscope.mesh.account import ISTIOD
from meshscope.snapshot.recording import write_recording

from ..recordings import BOOKINFO, BOOKINFO_V2
from .replayed import envoy, istiod
from .server import Reply, Server, answer, silent

LIVE = Live(timeout=1.0, deadline=4.0)


def as_source(server: Server) -> str:
    return f"istiod+{server.url}"


def test_a_replica_tells_what_it_sent_to_each_of_its_proxies() -> None:
    with Server(istiod()) as server:
        mesh = Mesh(open_snapshot(as_source(server), live=LIVE))
    recorded = Mesh(open_snapshot(str(BOOKINFO)))
    assert [proxy.id for proxy in mesh.proxies] == [proxy.id for proxy in recorded.proxies]
    assert {proxy.view for proxy in mesh.proxies} == {ISTIOD}
    assert mesh.problems == ()
    assert {answer.kind for answer in mesh.answers} >= {"debug/syncz", "debug/registryz", "debug/adsz", "version"}
    found = trace(mesh, Request(source="productpage", dest="reviews", headers=(("end-user", "jason"),)))
    assert found.paths[0].hops[0].cluster == "outbound|9080|v2|reviews.default.svc.cluster.local"


def test_nothing_that_changes_istiod_is_asked() -> None:
    with Server(istiod()) as server:
        open_snapshot(as_source(server), live=LIVE)
    paths = [one.path for one in server.asked]
    assert {one.method for one in server.asked} == {"GET"}
    assert not [path for path in paths if any(word in path for word in ("push=", "clear", "force", "pprof", "sizes"))]
    assert len(paths) == len(set(paths))


def test_an_old_pilot_without_a_list_is_asked_for_what_it_may_have() -> None:
    with Server(istiod(BOOKINFO_V2)) as server:
        mesh = Mesh(open_snapshot(as_source(server), live=LIVE))
    assert {answer.kind for answer in mesh.answers} >= {"debug/syncz", "debug/adsz", "debug/cdsz"}
    asked = {one.path for one in server.asked}
    assert "/debug/edsz" in asked
    assert any("proxyID=sidecar~" in path for path in asked)


@pytest.mark.parametrize("status", [401, 403])
def test_who_is_not_let_in_is_told_how_to_be(status: int) -> None:
    words = rf"answered {status}: unauthorized .*port-forward.*--token-file"
    with Server(lambda _: answer(b"unauthorized", status)) as server, pytest.raises(UnreachableError, match=words):
        open_snapshot(as_source(server), live=LIVE)


def test_a_token_is_for_the_istiod_and_for_nobody_else() -> None:
    with Server(istiod()) as control, Server(envoy("a-1")) as admin:
        open_snapshot(as_source(control), admin.url, live=Live(token="t0k3n"))  # noqa: S106  # no secret
    assert {one.headers.get("authorization") for one in control.asked} == {"Bearer t0k3n"}
    assert {one.headers.get("authorization") for one in admin.asked} == {None}


def test_an_endpoint_that_hangs_costs_itself_alone() -> None:
    replies = istiod()

    def slow(path: str) -> Reply:
        return silent(3) if path == "/debug/registryz" else replies(path)

    with Server(slow) as server:
        snapshot = open_snapshot(as_source(server), live=LIVE)
    lost = [one for one in snapshot.captured if one.document.failure]
    assert [(one.kind, one.document.failure) for one in lost] == [("debug/registryz", "silent for 1 s")]


def test_a_recording_of_a_replica_reads_back_equal(tmp_path: Path) -> None:
    with Server(istiod()) as server:
        live = open_snapshot(as_source(server), live=LIVE)
    out = tmp_path / "out.zip"
    write_recording(live, out)
    back = open_snapshot(str(out))
    parts = [[(one.kind, one.owner, one.istiod, one.captured_at, one.document.body) for one in snapshot.captured]
             for snapshot in (live, back)]  # fmt: skip
    assert parts[0] == parts[1]
