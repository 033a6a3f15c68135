from __future__ import annotations

import json

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from meshscope.istio.debug.ztunnel import ZtunnelDump, raw_items, read_ztunnel
from meshscope.snapshot.snapshot import Problem

from ..documents import value

RECORDED = value("ztunnel", "config_dump.json")


def dump(body: Raw) -> ZtunnelDump:
    found = read_ztunnel(body, "config_dump")
    assert not isinstance(found, Problem)
    assert found[1] == ()
    return found[0]


def test_a_recorded_dump_names_its_node_workloads_and_identities() -> None:
    found = dump(RECORDED)
    assert (found.node, found.mesh_cluster) == ("worker-1", "Kubernetes")
    assert found.version == "62d826530e5ce85764e309170205b293efcbc80b-dirty"
    assert [workload.protocol for workload in found.workloads] == ["HBONE", "HBONE", "TCP", "TCP"]
    assert found.workloads[0].waypoint
    assert found.workloads[0].waypoint.destination == "shop/waypoint.shop.svc.cluster.local"
    assert found.workloads[1].network_gateway
    assert found.workloads[1].network_gateway.hbone_mtls_port == 15008


def test_services_have_addresses_ranges_ports_and_endpoints() -> None:
    erp = dump(RECORDED).services[0]
    assert (erp.hostname, erp.vips) == ("erp.legacy.svc.cluster.local", ("network-1/10.96.40.1",))
    assert [(vip.network, vip.cidr) for vip in erp.cidr_vips] == [("network-1", "172.30.4.0/24")]
    assert erp.ports == ((80, 8080),)
    assert [(end.workload_uid, end.status) for end in erp.endpoints] == [
        ("Kubernetes//Pod/legacy/erp-6c5d4e3f22-l9k8j", "Healthy")
    ]


def test_certificates_have_an_identity_a_state_and_a_validity() -> None:
    good, bad = dump(RECORDED).certificates
    assert (good.identity, good.state) == ("spiffe://cluster.local/ns/monitoring/sa/prometheus", "Available")
    leaf = good.cert_chain[0]
    assert leaf.serial_number == "376246122446217618216723341228217077954915614532"
    assert (leaf.valid_from, leaf.expiration_time) == ("2026-11-24T16:39:21Z", "2026-11-25T16:41:21Z")
    assert bad.state.startswith("Unavailable: ")
    assert bad.cert_chain == ()


def test_policies_are_named() -> None:
    first = dump(RECORDED).policies[0]
    assert (first.namespace, first.name, first.scope, first.action) == ("istio-system", "block-range", "Global", "Deny")


def test_the_maps_of_older_releases_read_like_the_arrays() -> None:
    body = msgspec.json.decode(RECORDED)
    workloads = {f"{workload['network']}/{i}": workload for i, workload in enumerate(body["workloads"])}
    workloads["network-1/second-address"] = body["workloads"][2]
    services = {vip: service for service in body["services"] for vip in (*service["vips"], "other/10.0.0.9")}
    old = {**body, "workloads": workloads, "services": services}
    found, today = dump(Raw(json.dumps(old).encode())), dump(RECORDED)
    assert [replace(one, place=()) for one in found.workloads] == [replace(one, place=()) for one in today.workloads]
    assert {one.hostname: replace(one, place=()) for one in found.services} == {
        one.hostname: replace(one, place=()) for one in today.services
    }
    assert found.workloads[0].place == ("workloads", "network-1/0")


def test_the_first_releases_wrote_one_address_and_policies_by_name() -> None:
    body = {
        "workloads": {"10.1.1.1": {"workloadIp": "10.1.1.1", "name": "web-1", "namespace": "demo"}},
        "services": {
            "/10.9.9.9": {"name": "web", "namespace": "demo", "addresses": ["/10.9.9.9"], "ports": {"80": 8080}}
        },
        "policies": {"demo/no": {"name": "no", "namespace": "demo", "rules": [[[{"principals": [{"Exact": "a"}]}]]]}},
        "certificates": [],
    }
    found = dump(Raw(json.dumps(body).encode()))
    assert (found.workloads[0].addresses, found.services[0].vips) == (("10.1.1.1",), ("/10.9.9.9",))
    assert found.policies[0].rules == ((({"principals": ({"Exact": "a"},)},),),)
    places = [(kind, path) for kind, path, _ in raw_items(Raw(json.dumps(body).encode()), "config_dump")]
    assert places == [
        ("workload", ("workloads", "10.1.1.1")),
        ("service", ("services", "/10.9.9.9")),
        ("policy", ("policies", "demo/no")),
    ]


def test_a_bad_item_is_a_problem_beside_the_others() -> None:
    found = read_ztunnel(Raw(b'{"workloads": [{"name": 1}, {"name": "a"}], "services": null}'), "config_dump")
    assert not isinstance(found, Problem)
    assert [workload.name for workload in found[0].workloads] == ["a"]
    assert [problem.message.partition(":")[0] for problem in found[1]] == ["workloads[0]"]
