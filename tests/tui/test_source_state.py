"""What the title says of the sources."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from meshscope.collect.rereading import Reading, Server, Silence
from meshscope.snapshot.snapshot import ProxyId, Snapshot
from meshscope.tui.source_state import SourceState, silent_others, silent_proxies, source_state

from ..mesh.meshes import bootstrap, dump, mesh_of, owner

NOW = datetime(2026, 11, 24, 16, 41, 20, tzinfo=UTC)
LIVE = Reading("http://a:15000", Snapshot(), "1", "2026-11-24T16:41:08Z")
ISTIOD = Reading("istiod+http://b:15014", Snapshot(), "1", "2026-11-24T16:41:18Z")
RECORDING = Reading("dump.json", Snapshot(), "1", "2026-11-24T10:00:00Z")
LOST = Silence(Server(), "2026-11-24T16:41:03Z", "connection refused")


def reading(source: Reading, *silent: Silence) -> Reading:
    return Reading(source.source, source.snapshot, source.version, source.answered_at, silent)


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ((), ""),
        ((RECORDING,), ""),
        ((RECORDING, LIVE, ISTIOD), "live · 12 s ago"),
        ((ISTIOD,), "live · 2 s ago"),
        ((Reading("k8s:", Snapshot(), None, "2026-11-24T16:31:20Z"),), "live · 10 min ago"),
        ((Reading("k8s:", Snapshot(), None, "2026-11-24T06:41:20Z"),), "live · 10 h ago"),
        ((Reading("k8s:", Snapshot(), None, "2026-11-24T16:41:21Z"),), "live · 0 s ago"),
    ],
)
def test_live_sources_have_an_age_and_recordings_have_none(readings: tuple[Reading, ...], expected: str) -> None:
    assert source_state(readings, NOW) == SourceState(expected)


def test_a_frozen_picture_says_so_instead_and_what_is_being_read_is_beside_it() -> None:
    assert source_state((LIVE,), NOW, frozen_at="16:40:12").text == "frozen 16:40:12"
    assert source_state((LIVE,), NOW, progress=(2, 5)).text == "live · 12 s ago · reading 40 %"
    assert source_state((RECORDING,), NOW, progress=(2, 5)).text == "reading 40 %"


def test_who_stopped_answering_is_named_and_several_are_counted() -> None:
    state = source_state((LIVE, reading(ISTIOD, LOST)), NOW)
    assert state == SourceState("✗ istiod b:15014 stopped answering 16:41:03", is_trouble=True)
    of_pod = Silence(Server(ProxyId("", "shop", "web-1")), "2026-11-24T16:41:01Z", "x")
    several = source_state((reading(LIVE, LOST, of_pod),), NOW, frozen_at="16:42:00")
    assert several.text == "✗ 2 servers stopped answering 16:41:01 · frozen 16:42:00"


def test_a_hostile_name_is_shown_and_not_obeyed() -> None:
    state = source_state((reading(LIVE, Silence(Server(istiod="\x1b[2J\u202e"), LOST.since, "x")),), NOW)
    assert "\x1b" not in state.text
    assert "\u202e" not in state.text


def test_a_proxy_is_as_old_as_the_documents_that_are_shown_of_it() -> None:
    mesh = mesh_of(
        dump(bootstrap("web-1.shop"), name="one", source="k8s:", owner=owner("web-1", "shop")),
        dump(bootstrap("web-2.shop"), name="two", source="k8s:", owner=owner("web-2", "shop")),
        dump(bootstrap("web-3.shop"), name="three", source="file"),
    )
    names = {proxy.id.name: proxy.id for proxy in mesh.proxies}
    silence = Silence(Server(names["web-1"]), "2026-11-24T16:41:03Z", "refused")
    readings = [Reading("k8s:", Snapshot(), None, "", (silence,)), RECORDING]
    assert silent_proxies(mesh, readings) == {
        names["web-1"]: "stopped answering 16:41:03 (refused): its last state is shown"
    }
    assert list(silent_others(readings)) == []
    whole = [Reading("k8s:", Snapshot(), None, "", (Silence(Server(), silence.since, "refused"),))]
    text = "k8s: stopped answering 16:41:03 (refused): its last state is shown"
    assert silent_proxies(mesh, whole) == dict.fromkeys((names["web-1"], names["web-2"]), text)
    assert list(silent_others(whole)) == [text]
