"""Live counters in the rows of clusters and listeners, and who pays for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from meshscope.listing.registry import kind_of_name
from meshscope.listing.selection import Selection
from meshscope.location import Document
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.snapshot import Captured, Snapshot

from .meshes import at, bootstrap, captured, clusters, dump, http_listener, listeners, owner, static

ME = owner("pod-1")
STATS = {"stats": [
    {"name": "cluster.a;.upstream_rq_total", "value": 9},
    {"name": "cluster.a;.upstream_rq_pending_overflow", "value": 2},
    {"name": "listener.0.0.0.0_80.downstream_cx_active", "value": 5},
]}  # fmt: skip
HOST = {"cx_active": 4, "rq_total": 6, "rq_error": 1, "cx_connect_fail": 0}


def live(name: str) -> dict[str, Any]:
    stats = [{"name": key, "value": str(value)} if value else {"name": key} for key, value in HOST.items()]
    return {"cluster_statuses": [{"name": name, "host_statuses": [{**at("10.0.0.1:80"), "stats": stats}]}]}


def configuration() -> Captured:
    named = {**static("a", "10.0.0.1:80"), "alt_stat_name": "a;"}
    return dump(bootstrap(), clusters(named, static("b")), listeners(http_listener("0.0.0.0_80", "80")))


def rows(kind: str, *documents: Captured, **selection: Any) -> list[Any]:
    return list(kind_of_name(kind).rows(Mesh(Snapshot((configuration(), *documents))), Selection(**selection)))


def counted(row: Any) -> tuple[int | None, ...]:
    return (row.connections, row.requests, row.errors_5xx, row.overflows, row.connect_failures)


def test_a_clusters_own_statistics_go_before_those_of_its_hosts() -> None:
    beside = (captured("stats.json", STATS, owner=ME), captured("clusters.json", live("a"), owner=ME))
    a, b = rows("clusters", *beside)
    assert counted(a) == (4, 9, 1, 2, 0)
    assert counted(b) == (None,) * 5


def test_the_hosts_tell_where_istio_leaves_a_clusters_statistics_out() -> None:
    assert counted(rows("clusters", captured("clusters.json", live("a"), owner=ME))[0]) == (4, 6, 1, None, 0)


def test_a_listener_has_what_was_counted_for_its_address() -> None:
    (row,) = rows("listeners", captured("stats.json", STATS, owner=ME))
    assert (row.connections, row.requests, row.errors_5xx, row.no_filter_chain_match) == (5, None, None, None)


def test_statistics_may_be_text() -> None:
    (row,) = rows("listeners", captured("stats.txt", "listener.0.0.0.0_80.downstream_cx_active: 6\n", owner=ME))
    assert row.connections == 6


@pytest.mark.parametrize("kind", ["clusters", "listeners"])
def test_absent_is_not_zero(kind: str) -> None:
    lost = Captured(Document.lost("stats", "answered 403"), "stats", ME)
    for row in (rows(kind)[0], rows(kind, lost)[0]):
        cells = {column.title: column.cell(row) for column in kind_of_name(kind).columns if column.wide}
        assert (row.connections, row.requests, cells["CX"], cells["RQ"], cells["5XX"]) == (None, None, "-", "-", "-")


@pytest.mark.parametrize("kind", ["clusters", "listeners"])
def test_statistics_are_read_only_where_they_are_shown(kind: str) -> None:
    asked: list[str] = []

    def load() -> bytes:
        asked.append(kind)
        return b'{"stats": []}'

    stats = Captured(Document("stats.json", load), "stats", ME)
    assert rows(kind, stats, with_counters=False)
    assert asked == []
    assert rows(kind, stats)
    assert asked == [kind]


def test_a_resource_that_is_not_in_effect_has_no_counters_of_its_own() -> None:
    """Envoy counts by address: a draining listener's figures cannot be told from its successor's."""
    one = {"name": "l", "active_state": {"listener": http_listener("l", "80")},
           "draining_state": {"listener": http_listener("l", "80")}}  # fmt: skip
    section = listeners()
    section["dynamic_listeners"] = [one]
    documents = (dump(bootstrap(), section), captured("stats.json", STATS, owner=ME))
    found: Iterable[Any] = kind_of_name("listeners").rows(Mesh(Snapshot(documents)), Selection(state="all"))
    assert {row.state: row.connections for row in found} == {"active": 5, "draining": None}
