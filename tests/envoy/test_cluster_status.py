from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec import Raw
from msgspec.structs import replace

from meshscope.envoy.cluster_status import ClusterStatus, HostStatus, Thresholds, cluster_statuses
from meshscope.location import Document, Location
from meshscope.snapshot.snapshot import Problem

ADMIN = Path(__file__).parents[1] / "data/envoy/admin"
NOWHERE = Location(Document.of("", b""))


def read(body: bytes) -> tuple[tuple[ClusterStatus, ...], tuple[Problem, ...]]:
    return cluster_statuses(Raw(body), Location(Document.of("clusters.json", body)))


def recorded(proxy: str) -> tuple[ClusterStatus, ...]:
    clusters, problems = read((ADMIN / proxy / "clusters.json").read_bytes())
    assert problems == ()
    return clusters


def one_host(**fields: object) -> HostStatus:
    body = json.dumps({"cluster_statuses": [{"name": "a", "host_statuses": [fields]}]}).encode()
    clusters, problems = read(body)
    assert problems == ()
    return clusters[0].hosts[0]


def camelled(value: object) -> object:
    if isinstance(value, dict):
        keys = {key: "".join(p if i == 0 else p.capitalize() for i, p in enumerate(key.split("_"))) for key in value}
        return {keys[key]: camelled(member) for key, member in value.items()}
    return [camelled(item) for item in value] if isinstance(value, list) else value


def facts(clusters: tuple[ClusterStatus, ...]) -> list[ClusterStatus]:
    return [
        replace(c, location=NOWHERE, hosts=tuple(replace(host, location=NOWHERE) for host in c.hosts)) for c in clusters
    ]


def test_a_recorded_host_is_read_in_full() -> None:
    cluster = next(c for c in recorded("sleep") if c.name == "outbound|80||app.default.svc.cluster.local")
    assert cluster.added_via_api
    assert cluster.eds_service_name == "outbound|80||app.default.svc.cluster.local"
    assert cluster.thresholds[0].max_connections == 50
    assert cluster.thresholds[1] == Thresholds(
        priority="HIGH", max_connections=1024, max_pending_requests=1024, max_requests=1024, max_retries=3
    )
    ejected, second, third = cluster.hosts
    assert (ejected.address, ejected.health, ejected.outlier_check) == ("10.20.0.10:8080", "HEALTHY", "FAILED")
    assert ejected.health_flags == ("failed_outlier_check",)
    assert ("rq_total", 12) in ejected.stats
    assert (second.outlier_check, second.priority, second.zone) == ("OK", 1, "zone-b")
    assert (third.region, third.zone, third.sub_zone) == ("region-2", "zone-c", "")


def test_a_host_leads_back_to_its_line() -> None:
    body = (ADMIN / "gateway/clusters.json").read_bytes()
    clusters, _ = read(body)
    for cluster in clusters:
        for host in cluster.hosts:
            place = host.location.place()
            assert place.line is not None
            if cluster.hosts[0].address[0].isdecimal():
                at = body.split(b"\n")[place.line - 1 :]
                assert host.address.partition(":")[0].encode() in b"".join(at[:6])


def test_addresses_are_written_as_in_the_text_form() -> None:
    addresses = [host.address for cluster in recorded("sleep") for host in cluster.hosts]
    assert "./etc/istio/proxy/XDS" in addresses
    socket = {"socket_address": {"address": "2001:db8::1", "port_value": 80}}
    assert one_host(address=socket).address == "[2001:db8::1]:80"
    internal = {"envoy_internal_address": {"server_listener_name": "inner", "endpoint_id": "10.0.0.1:80"}}
    assert one_host(address=internal).address == "envoy://inner/10.0.0.1:80"
    assert one_host().address == ""


@pytest.mark.parametrize(
    ("told", "flags"),
    [
        ("HEALTHY", ()),
        ("UNHEALTHY", ("failed_eds_health",)),
        ("TIMEOUT", ("failed_eds_health",)),
        ("DEGRADED", ("degraded_eds_health",)),
        ("DRAINING", ("eds_status_draining",)),
    ],
)
def test_health_is_the_control_planes_word_and_its_flag(told: str, flags: tuple[str, ...]) -> None:
    host = one_host(health_status={"eds_health_status": told})
    assert (host.health, host.health_flags) == (told, flags)


def test_health_is_unknown_where_the_answer_does_not_tell() -> None:
    assert one_host(health_status={}).health == "UNKNOWN"


def test_flags_stand_in_the_order_of_the_text_form() -> None:
    status = {"active_hc_timeout": True, "failed_active_health_check": True, "eds_health_status": "UNHEALTHY"}
    assert one_host(health_status=status).health_flags == ("failed_active_hc", "failed_eds_health", "active_hc_timeout")


@pytest.mark.parametrize("proxy", ["inmate", "gateway", "sleep"])
def test_istioctls_spelling_reads_the_same(proxy: str) -> None:
    body = json.loads((ADMIN / proxy / "clusters.json").read_bytes())
    wrapped, _ = read(json.dumps(camelled(body)).encode())
    bare, _ = read(json.dumps(camelled(body["cluster_statuses"])).encode())
    assert facts(wrapped) == facts(bare) == facts(recorded(proxy))
    assert wrapped[1].location.path == ("cluster_statuses", 1)
    assert wrapped[1].location.place().path == "clusterStatuses[1]"
    assert bare[1].location.path == (1,)


def test_a_bad_host_is_a_problem_and_the_others_stay() -> None:
    hosts = [{"hostname": "a"}, {"hostname": "b", "weight": "heavy"}, {"hostname": "c", "weight": "7"}]
    clusters, problems = read(json.dumps({"cluster_statuses": [{"name": "x", "host_statuses": hosts}]}).encode())
    assert [(host.hostname, host.weight) for host in clusters[0].hosts] == [("a", 1), ("c", 7)]
    assert len(problems) == 1
    assert problems[0].message.startswith("cluster_statuses[0].host_statuses[1]: Expected `int`")


def test_a_bad_cluster_is_a_problem_and_the_others_stay() -> None:
    clusters, problems = read(b'{"cluster_statuses": [{"name": "a"}, 3, {"name": "b", "host_statuses": []}]}')
    assert [cluster.name for cluster in clusters] == ["a", "b"]
    assert [problem.message.partition(":")[0] for problem in problems] == ["cluster_statuses[1]"]


@pytest.mark.parametrize(
    "body", [b"3", b"{", b"[", b'{"cluster_statuses": 3}', b'{"clusterStatuses": "x"}', b"[" * 9999]
)
def test_another_answer_is_one_problem(body: bytes) -> None:
    clusters, problems = read(body)
    assert clusters == ()
    assert len(problems) == 1
    assert "\n" not in problems[0].message


def test_a_proxy_without_clusters_has_none() -> None:
    assert read(b"{}") == ((), ())
