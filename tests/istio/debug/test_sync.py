from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from meshscope.istio.debug.sync import ProxySync, read_sync, sync_state

from ..documents import LINES, value


def one(**row: object) -> ProxySync:
    (found,), problems = read_sync(Raw(json.dumps([{"proxy": "a.shop", **row}]).encode()), "syncz")
    assert problems == ()
    return found


@pytest.mark.parametrize("line", LINES)
def test_recorded_proxies_of_every_release_are_in_sync(line: str) -> None:
    found, problems = read_sync(value(line, "syncz.json"), "syncz")
    assert problems == ()
    assert {(proxy.name.partition("-")[0], proxy.namespace) for proxy in found} == {
        ("nginx", "default"),
        ("istio", "istio-system"),
    }
    for proxy in found:
        assert (proxy.cds, proxy.lds, proxy.eds, proxy.rds, proxy.ecds) == (*["synced"] * 4, "not_sent")
        assert proxy.istio_version.startswith(line)
        assert (proxy.endpoint_percent is not None) == (line == "1.4")


@pytest.mark.parametrize(
    ("sent", "acked", "error", "state"),
    [
        ("", "", "", "not_sent"),
        ("", "a", "", "not_sent"),
        ("a", "a", "", "synced"),
        ("a", "", "", "stale"),
        ("b", "a", "", "stale"),
        ("b", "a", "refused", "error"),
        ("", "", "refused", "error"),
    ],
)
def test_a_state_follows_from_what_was_sent_and_acknowledged(sent: str, acked: str, error: str, state: str) -> None:
    assert sync_state(sent, acked, error) == state


@given(st.text(), st.text())
def test_only_equality_of_versions_matters(sent: str, acked: str) -> None:
    assert sync_state(sent + "x", acked + "x") == ("synced" if sent == acked else "stale")


def test_each_type_is_judged_by_itself() -> None:
    found = one(cluster_sent="a", cluster_acked="a", listener_sent="b", route_sent="c", route_acked="x")
    assert (found.cds, found.lds, found.eds, found.rds) == ("synced", "stale", "not_sent", "stale")


def test_a_refusal_wins_over_equal_versions_and_keeps_its_words() -> None:
    url = "type.googleapis.com/envoy.config.listener.v3.Listener"
    resources = {url: {"sent": "a", "acked": "a", "lastError": "duplicate address"}}
    found = one(listener_sent="a", listener_acked="a", cluster_sent="a", cluster_acked="a", resources=resources)
    assert (found.lds, found.cds) == ("error", "synced")
    assert found.errors == (("lds", "duplicate address"),)


def test_a_bad_row_is_a_problem_beside_the_others() -> None:
    found, problems = read_sync(Raw(b'[{"proxy": "a.shop"}, {"proxy": 1}, 7]'), "syncz")
    assert [proxy.name for proxy in found] == ["a"]
    assert [problem.message.partition(":")[0] for problem in problems] == ["[1]", "[2]"]


def test_an_istiod_without_proxies_has_none() -> None:
    assert read_sync(Raw(b"null"), "syncz") == read_sync(Raw(b"[]"), "syncz") == ((), ())
