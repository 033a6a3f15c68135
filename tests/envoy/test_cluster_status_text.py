from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from msgspec.structs import replace

from meshscope.envoy.cluster_status import EDS_FLAGS, ClusterStatus, Thresholds, cluster_statuses
from meshscope.envoy.cluster_status_text import cluster_statuses_text
from meshscope.location import Document, Location

ADMIN = Path(__file__).parents[1] / "data/envoy/admin"
NOWHERE = Location(Document.of("", b""))
STATS = ("cx_active", "cx_connect_fail", "cx_total", "rq_active", "rq_error", "rq_success", "rq_timeout", "rq_total")


def from_text(body: str, *known: str) -> tuple[ClusterStatus, ...]:
    clusters, problems = cluster_statuses_text(Document.of("clusters", body.encode()), known)
    assert problems == ()
    return clusters


def from_json(body: bytes) -> tuple[ClusterStatus, ...]:
    clusters, problems = cluster_statuses(Raw(body), Location(Document.of("clusters.json", body)))
    assert problems == ()
    return clusters


def facts(clusters: tuple[ClusterStatus, ...]) -> dict[str, ClusterStatus]:
    """What both forms tell: all but the places, and whether a host is a canary."""
    hosts = {c.name: tuple(replace(host, location=NOWHERE, canary=None) for host in c.hosts) for c in clusters}
    return {c.name: replace(c, location=NOWHERE, hosts=hosts[c.name]) for c in clusters}


@pytest.mark.parametrize("proxy", ["inmate", "gateway"])
def test_both_forms_of_a_recorded_proxy_tell_the_same(proxy: str) -> None:
    text = from_text((ADMIN / proxy / "clusters.txt").read_text())
    assert len(text) > 5
    assert facts(text) == facts(from_json((ADMIN / proxy / "clusters.json").read_bytes()))


@pytest.mark.parametrize("proxy", ["inmate", "gateway"])
def test_line_ends_and_order_of_lines_change_nothing(proxy: str) -> None:
    body = (ADMIN / proxy / "clusters.txt").read_text()
    expected = facts(from_text(body))
    assert facts(from_text(body.replace("\n", "\r\n"))) == expected
    assert facts(from_text("\n\n" + body.rstrip("\n"))) == expected
    backwards = "\n".join(sorted(body.splitlines()))
    names = [cluster.name for cluster in from_text(body)]
    assert sorted(c.name for c in from_text(backwards, *names)) == sorted(names)
    assert sum(len(c.hosts) for c in from_text(backwards, *names)) == sum(len(c.hosts) for c in from_text(body))


NAMES = st.one_of(
    st.builds(
        "outbound|{}|{}|{}.default.svc.cluster.local".format,
        st.integers(1, 65535),
        st.sampled_from(["", "v1"]),
        st.sampled_from("abc"),
    ),
    st.sampled_from(["a", "a::b", "a::b::c", "b", "::", "[::1]", "web::10.0.0.1", "a b", "é", "x:"]),
)
ADDRESSES = st.one_of(
    st.builds(
        lambda ip, port: {"socket_address": {"address": str(ip), "port_value": port}},
        st.ip_addresses(),
        st.integers(1, 65535),
    ),
    st.sampled_from(["/run/x.sock", "./etc/istio/proxy/XDS", "@abstract"]).map(lambda path: {"pipe": {"path": path}}),
    st.sampled_from(["", "10.0.0.1:80", "[::1]:80"]).map(
        lambda endpoint: {"envoy_internal_address": {"server_listener_name": "inner", "endpoint_id": endpoint}}
    ),
)
HOSTS = st.fixed_dictionaries(
    {
        "address": ADDRESSES,
        "hostname": st.sampled_from(["", "app", "inbound|80||10.0.0.1:80", "x::y"]),
        "stats": st.lists(st.integers(0, 2**63), min_size=len(STATS), max_size=len(STATS)),
        "eds": st.sampled_from(["HEALTHY", *EDS_FLAGS]),
        "failed_outlier_check": st.booleans(),
        "weight": st.integers(1, 128),
        "priority": st.integers(0, 3),
        "region": st.sampled_from(["", "eu", "eu::1"]),
        "success_rate": st.sampled_from([None, 0.0, 99.5, 100.0]),
    }
)
TOLD = {"api": st.booleans(), "eds": st.sampled_from(["", "x", "a::b"]), "hosts": st.lists(HOSTS, max_size=4)}
CLUSTERS = st.dictionaries(NAMES, st.fixed_dictionaries(TOLD), max_size=6)


def as_json(clusters: dict[str, Any]) -> bytes:
    statuses = [
        {
            "name": name,
            "observability_name": name,
            "added_via_api": told["api"],
            "eds_service_name": told["eds"],
            "circuit_breakers": {"thresholds": [{"max_connections": 7}, {"priority": "HIGH", "max_retries": 0}]},
            "host_statuses": [
                {
                    "address": host["address"],
                    "hostname": host["hostname"],
                    "stats": [
                        {"name": n, "value": str(v)} if v else {"name": n}
                        for n, v in zip(STATS, host["stats"], strict=True)
                    ],
                    "health_status": {
                        "eds_health_status": host["eds"],
                        **({"failed_outlier_check": True} if host["failed_outlier_check"] else {}),
                    },
                    "weight": host["weight"],
                    "priority": host["priority"],
                    "locality": {"region": host["region"]},
                    **({} if host["success_rate"] is None else {"success_rate": {"value": host["success_rate"]}}),
                }
                for host in told["hosts"]
            ],
        }
        for name, told in clusters.items()
    ]
    return json.dumps({"cluster_statuses": statuses}).encode()


def written(address: dict[str, Any]) -> str:
    if "pipe" in address:
        return str(address["pipe"]["path"])
    if "envoy_internal_address" in address:
        return "envoy://inner/" + str(address["envoy_internal_address"]["endpoint_id"])
    ip, port = address["socket_address"]["address"], address["socket_address"]["port_value"]
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"


def as_text(clusters: dict[str, Any]) -> str:
    lines = []
    for name, told in clusters.items():
        lines += [f"{name}::observability_name::{name}", f"{name}::default_priority::max_connections::7"]
        lines += [f"{name}::high_priority::max_retries::0", f"{name}::added_via_api::{str(told['api']).lower()}"]
        lines += [f"{name}::eds_service_name::{told['eds']}"] if told["eds"] else []
        for host in told["hosts"]:
            flags = "/failed_outlier_check" if host["failed_outlier_check"] else ""
            flags += "/" + EDS_FLAGS[host["eds"]] if host["eds"] in EDS_FLAGS else ""
            fields = [*zip(STATS, host["stats"], strict=True), ("hostname", host["hostname"])]
            fields += [("health_flags", flags or "healthy"), ("weight", host["weight"]), ("region", host["region"])]
            fields += [("zone", ""), ("sub_zone", ""), ("canary", "false"), ("priority", host["priority"])]
            fields += [("success_rate", -1 if host["success_rate"] is None else host["success_rate"])]
            fields += [("local_origin_success_rate", -1)]
            lines += [f"{name}::{written(host['address'])}::{key}::{value}" for key, value in fields]
    return "\n".join(lines) + "\n"


@given(CLUSTERS)
def test_both_forms_of_any_proxy_tell_the_same(clusters: dict[str, Any]) -> None:
    assert facts(from_text(as_text(clusters))) == facts(from_json(as_json(clusters)))


@given(st.text(alphabet="ab:[]/|1\n\r ", max_size=60).map(lambda noise: noise.encode()) | st.binary(max_size=60))
def test_any_text_is_read_without_failing(body: bytes) -> None:
    cluster_statuses_text(Document.of("clusters", body))


def test_a_host_knows_its_line() -> None:
    body = (ADMIN / "gateway/clusters.txt").read_bytes()
    document = Document.of("clusters", body, skipped_lines=1)
    lines = body.decode().split("\n")
    clusters, _ = cluster_statuses_text(document)
    for cluster in clusters:
        for host in cluster.hosts:
            place = host.location.place()
            assert place.line is not None
            assert lines[place.line - 2].startswith(f"{cluster.name}::{host.address}::")
            assert not lines[place.line - 3].startswith(f"{cluster.name}::{host.address}::")


def test_a_part_of_the_text_is_split_by_the_names_of_the_dump() -> None:
    line = "a::b::10.0.0.1:80::health_flags::/failed_active_hc/degraded_eds_health\n"
    (cluster,) = from_text(line, "a", "a::b", "c")
    assert (cluster.name, cluster.hosts[0].address) == ("a::b", "10.0.0.1:80")
    assert cluster.hosts[0].health == "DEGRADED"
    assert cluster.hosts[0].health_flags == ("failed_active_hc", "degraded_eds_health")


@pytest.mark.parametrize(
    "address", ["10.0.0.1:80", "[2001:db8::1]:80", "[::]:1", "envoy://inner/", "envoy://a/[::1]:80", "/x"]
)
def test_a_part_of_the_text_is_split_by_what_addresses_look_like(address: str) -> None:
    (cluster,) = from_text(f"outbound|80||a::{address}::weight::3\n")
    assert (cluster.name, cluster.hosts[0].address, cluster.hosts[0].weight) == ("outbound|80||a", address, 3)
    assert cluster.hosts[0].health == "UNKNOWN"


def test_a_host_of_two_priorities_is_two_hosts() -> None:
    block = "a::1.1.1.1:80::cx_total::1\na::1.1.1.1:80::health_flags::healthy\na::1.1.1.1:80::priority::{}\n"
    (cluster,) = from_text("a::added_via_api::true\n" + block.format(0) + block.format(1))
    assert [(host.address, host.priority) for host in cluster.hosts] == [("1.1.1.1:80", 0), ("1.1.1.1:80", 1)]


def test_outlier_thresholds_below_zero_are_none() -> None:
    text = "a::outlier::success_rate_ejection_threshold::{}\na::outlier::success_rate_average::-1\n"
    assert from_text(text.format("-1"))[0].success_rate_ejection_threshold is None
    assert from_text(text.format("94.5"))[0].success_rate_ejection_threshold == 94.5


def test_old_releases_announce_a_cluster_by_its_thresholds() -> None:
    (cluster,) = from_text("a::b::default_priority::max_connections::1024\na::b::[::1]:80::cx_active::0\n")
    assert (cluster.name, cluster.hosts[0].address) == ("a::b", "[::1]:80")
    assert cluster.thresholds == (Thresholds(max_connections=1024),)


def test_a_key_of_a_later_release_is_a_statistic_only_if_it_is_a_number() -> None:
    (cluster,) = from_text("a::1.1.1.1:80::cx_total::1\na::1.1.1.1:80::mood::fine\na::1.1.1.1:80::rq_new::2\n")
    assert cluster.hosts[0].stats == (("cx_total", 1), ("rq_new", 2))


def test_what_is_no_line_of_it_is_one_problem_and_the_rest_stays() -> None:
    body = b"a::added_via_api::true\nwhat\na::1.1.1.1:80::weight::heavy\nis this\na::2.2.2.2:80::weight::2\n"
    clusters, problems = cluster_statuses_text(Document.of("clusters", body))
    assert [host.address for host in clusters[0].hosts] == ["2.2.2.2:80"]
    assert [problem.message.partition(" ")[0] for problem in problems] == ["host", "line"]
    assert "line 2 and 1 lines more" in problems[1].message
