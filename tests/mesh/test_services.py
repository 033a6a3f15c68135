from __future__ import annotations

from typing import Any

import pytest

from meshscope.location import Location
from meshscope.mesh.services import ServiceFact, services

from .meshes import WEBSITE, captured, manifest, mesh_of, recorded


def facts(*objects: dict[str, Any]) -> list[ServiceFact]:
    return list(services(mesh_of(*(captured(f"{i}.json", value) for i, value in enumerate(objects)))))


PORTS = [{"name": "http", "port": 80, "protocol": "TCP", "appProtocol": "http"}, {"port": 443}]
WEB = manifest("Service", "web", spec={"clusterIP": "10.96.0.1", "ports": PORTS})
LABELS = {"labels": {"kubernetes.io/service-name": "web"}}


def endpoint_slice(name: str, *endpoints: dict[str, Any], ports: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    ports = ports or [{"port": 8080}]
    return manifest("EndpointSlice", name, "discovery.k8s.io", metadata=LABELS, endpoints=list(endpoints), ports=ports)


def test_a_service_has_its_host_its_addresses_and_its_ports() -> None:
    (fact,) = facts(WEB)
    assert (fact.name, fact.namespace, fact.host) == ("web", "shop", "web.shop.svc.cluster.local")
    assert (fact.addresses, fact.source, fact.endpoints) == (("10.96.0.1",), "Kubernetes", None)
    assert [(port.name, port.port, port.protocol) for port in fact.ports] == [("http", 80, "http"), ("", 443, "TCP")]


@pytest.mark.parametrize(
    ("spec", "status", "addresses"),
    [
        ({"clusterIP": "None"}, {}, ()),
        ({"clusterIPs": ["10.96.0.1", "2001:db8::1"], "clusterIP": "10.96.0.1"}, {}, ("10.96.0.1", "2001:db8::1")),
        ({"clusterIP": "10.96.0.1", "externalIPs": ["1.2.3.4"]}, {}, ("10.96.0.1", "1.2.3.4")),
        (
            {"clusterIP": "10.96.0.1"},
            {"loadBalancer": {"ingress": [{"ip": "5.6.7.8"}, {"hostname": "lb.example"}]}},
            ("10.96.0.1", "5.6.7.8", "lb.example"),
        ),
        ({}, {}, ()),
    ],
)
def test_every_address_of_a_service_counts_but_none(spec: Any, status: Any, addresses: tuple[str, ...]) -> None:
    (fact,) = facts(manifest("Service", "web", spec=spec, status=status))
    assert fact.addresses == addresses


def test_ready_endpoints_of_all_slices_are_joined() -> None:
    first = endpoint_slice(
        "web-1", {"addresses": ["10.0.0.1"]}, {"addresses": ["10.0.0.2"], "conditions": {"ready": False}}
    )
    second = endpoint_slice("web-2", {"addresses": ["2001:db8::2"], "conditions": {"ready": True}})
    (fact,) = facts(WEB, first, second)
    assert fact.endpoints == ("10.0.0.1:8080", "[2001:db8::2]:8080")


def test_a_service_whose_slices_are_empty_is_known_to_have_none() -> None:
    (fact,) = facts(WEB, endpoint_slice("web-1"))
    assert fact.endpoints == ()


def test_plain_endpoints_count_where_there_is_no_slice() -> None:
    subset = {"addresses": [{"ip": "10.0.0.9"}], "ports": [{"port": 80}]}
    plain = manifest("Endpoints", "web", subsets=[subset])
    assert facts(WEB, plain)[0].endpoints == ("10.0.0.9:80",)
    assert facts(WEB, plain, endpoint_slice("web-1", {"addresses": ["10.0.0.1"]}))[0].endpoints == ("10.0.0.1:8080",)


def test_slices_of_another_service_or_namespace_are_not_taken() -> None:
    other = endpoint_slice("x", {"addresses": ["10.0.0.1"]})
    other["metadata"] = {**other["metadata"], "namespace": "elsewhere"}
    assert facts(WEB, other)[0].endpoints is None


ENTRY = {"ports": [{"number": 443, "name": "tls", "protocol": "TLS"}], "addresses": ["1.2.3.4"]}


def test_a_service_entry_is_a_service_for_each_of_its_hosts() -> None:
    spec = {"hosts": ["a.example", "b.example"], **ENTRY, "endpoints": [{"address": "9.9.9.9"}]}
    found = facts(manifest("ServiceEntry", "ext", "networking.istio.io", spec=spec))
    assert [(fact.host, fact.source) for fact in found] == [
        ("a.example", "ServiceEntry"),
        ("b.example", "ServiceEntry"),
    ]
    assert (found[0].addresses, found[0].ports[0].port, found[0].ports[0].protocol) == (("1.2.3.4",), 443, "TLS")
    assert facts(manifest("ServiceEntry", "e", "networking.istio.io", spec={"hosts": ["a"]}))[0].endpoints is None


def test_a_manifest_wins_over_a_service_entry_and_that_over_the_registry() -> None:
    entry = manifest(
        "ServiceEntry", "ext", "networking.istio.io", spec={"hosts": ["web.shop.svc.cluster.local"], **ENTRY}
    )
    attributes = {"Name": "web", "Namespace": "shop", "ServiceRegistry": "Kubernetes"}
    registered = [
        {"Attributes": attributes, "ports": [{"name": "http", "port": 80, "protocol": "HTTP"}], "hostname": host}
        for host in ("web.shop.svc.cluster.local", "only.shop.svc.cluster.local")
    ]
    documents = [captured("r.json", registered), captured("e.json", entry), captured("w.json", WEB)]
    found = {fact.host: fact.source for fact in services(mesh_of(*documents))}
    assert found == {"web.shop.svc.cluster.local": "Kubernetes", "only.shop.svc.cluster.local": "registryz"}
    found = {fact.host: fact.source for fact in services(mesh_of(*documents[:2]))}
    assert found["web.shop.svc.cluster.local"] == "ServiceEntry"


def test_every_service_of_a_recording_stands_at_its_place_once() -> None:
    found = list(services(recorded(WEBSITE)))
    hosts = [fact.host for fact in found]
    assert "nginx-service.default.svc.cluster.local" in hosts
    assert len(set(hosts)) == len(hosts)
    for fact in found:
        assert isinstance(fact.location, Location)
        assert fact.location.place().line
    (nginx,) = (fact for fact in found if fact.name == "nginx-service")
    assert (nginx.endpoints, nginx.source) == (("10.20.1.10:80",), "Kubernetes")


def test_what_does_not_read_is_left_out() -> None:
    bad = manifest("Service", "bad", spec={"ports": 3})
    worse = manifest("ServiceEntry", "bad", "networking.istio.io", spec=[])
    assert [fact.name for fact in facts(bad, worse, WEB)] == ["web"]
