"""Counters by the names that a real Envoy 1.40 gave them (tests/oracle/test_counters.py asks one)."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.envoy.cluster_status import HostStatus
from meshscope.envoy.counters import ClusterCounters, ListenerCounters, Statistics, host_counters
from meshscope.envoy.stats import stats_text
from meshscope.location import Document, Location
from meshscope.xds.cluster import Cluster
from meshscope.xds.listener import Listener

PLACE = Location(Document.of("clusters.json", b""))


def listener(**fields: object) -> Listener:
    return msgspec.json.decode(msgspec.json.encode(fields), type=Listener)


def at(address: str, port: int) -> dict[str, object]:
    return {"socket_address": {"address": address, "port_value": port}}


@pytest.mark.parametrize(
    ("cluster", "name", "start"),
    [
        (Cluster(), "reviews", "cluster.reviews."),
        (Cluster(), "with:colon", "cluster.with_colon."),
        (
            Cluster(alt_stat_name="outbound|80||x.example;"),
            "outbound|80||x.example",
            "cluster.outbound|80||x.example;.",
        ),
    ],
)
def test_a_cluster_counts_under_its_alternative_name_with_underscores_for_colons(
    cluster: Cluster, name: str, start: str
) -> None:
    counted = Statistics(
        {
            f"{start}upstream_cx_active": 3,
            f"{start}upstream_rq_total": 7,
            f"{start}upstream_rq_5xx": 2,
            f"{start}upstream_rq_pending_overflow": 1,
            f"{start}upstream_cx_connect_fail": 0,
        }
    )
    assert counted.cluster(cluster, name) == ClusterCounters(3, 7, 2, 1, 0)
    assert counted.cluster(Cluster(), "another") == ClusterCounters()


@pytest.mark.parametrize(
    ("found", "name"),
    [
        (listener(address=at("10.0.0.7", 10000)), "10.0.0.7_10000"),
        (listener(address=at("::", 80)), "[__]_80"),
        (listener(address={"pipe": {"path": "/run/a:b"}}), "/run/a_b"),
        (listener(address=at("127.0.0.1", 80), stat_prefix="my:prefix"), "my_prefix"),
        (listener(name="inner", internal_listener={}), "envoy_internal_inner"),
        (listener(address=at("10.0.0.1", 1), additional_addresses=[{"address": at("10.0.0.1", 2)}]), "10.0.0.1_1"),
    ],
)
def test_a_listener_counts_under_its_prefix_or_its_first_address(found: Listener, name: str) -> None:
    counted = Statistics(
        {
            f"listener.{name}.downstream_cx_active": 4,
            f"listener.{name}.worker_0.downstream_cx_active": 2,
            f"listener.{name}.no_filter_chain_match": 1,
            f"listener.{name}.http.inbound_0.0.0.0_80;.downstream_rq_completed": 5,
            f"listener.{name}.http.inbound_0.0.0.0_80;.downstream_rq_5xx": 2,
            f"listener.{name}.http.other.downstream_rq_completed": 1,
        }
    )
    assert counted.listener(found) == ListenerCounters(4, 6, 2, 1)
    assert counted.listener(listener(address=at("10.9.9.9", 9))) == ListenerCounters()


@given(st.dictionaries(st.sampled_from(["1xx", "2xx", "3xx", "4xx", "5xx"]), st.integers(1, 9)), st.integers(0, 3))
def test_there_were_no_errors_where_the_other_answers_are_all(classes: dict[str, int], filtered: int) -> None:
    """A class that never came is not told, nor is one that a recorder left out."""
    start = "cluster.x.upstream_rq_"
    values = {f"{start}{word}": count for word, count in classes.items()}
    counted = Statistics({**values, f"{start}completed": sum(classes.values()) + filtered})
    errors = counted.cluster(Cluster(), "x").errors_5xx
    assert errors == classes.get("5xx", None if filtered else 0)


def test_without_completed_answers_nothing_is_told_of_errors() -> None:
    assert Statistics({"cluster.x.upstream_rq_2xx": 3}).cluster(Cluster(), "x").errors_5xx is None


def test_a_readout_is_no_counter() -> None:
    assert Statistics({"cluster.x.upstream_rq_total": "3"}).cluster(Cluster(), "x").requests is None


def host(**stats: int) -> HostStatus:
    return HostStatus(address="10.0.0.1:80", location=PLACE, stats=tuple(sorted(stats.items())))


def test_hosts_count_together_what_each_of_them_tells() -> None:
    hosts = (host(cx_active=1, rq_total=4, rq_error=1, cx_connect_fail=0), host(cx_active=2, rq_total=3, rq_error=0))
    assert host_counters(hosts) == ClusterCounters(3, 7, 1, None, None)
    assert host_counters(()) == ClusterCounters()


def test_the_text_of_statistics_says_the_same() -> None:
    body = b'cluster.a:b.x: 3\r\nserver.text: "1: 2"\nhttp.h.time: P0(nan,1) P25(nan,2)\nno value\n'
    assert dict(stats_text(body)) == {"cluster.a:b.x": 3, "server.text": "1: 2"}
