"""The services of a workload, of which one is a ServiceEntry that lists its address: as istiod 1.14 has their inbound ports."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.effect.configuration import Configuration
from meshscope.effect.gateway_ports import opened_ports
from meshscope.effect.gateway_selection import why_not_selected
from meshscope.effect.workload_ports import workload_ports

from ..mesh.meshes import bootstrap, captured, dump, manifest, mesh_of

NETWORKING = "networking.istio.io"


def entry(name: str, *endpoints: dict[str, Any], target: int = 8080, **fields: Any) -> dict[str, Any]:
    ports = [{"number": 80, "targetPort": target, "name": "http", "protocol": "HTTP"}]
    spec = {"hosts": [f"{name}.example"], "resolution": "STATIC", "ports": ports, "endpoints": list(endpoints)}
    return manifest("ServiceEntry", name, NETWORKING, spec=spec, **fields)


def configuration_of(*items: dict[str, Any], kind: str = "sidecar") -> Configuration:
    documents = (captured(f"{number}.json", item) for number, item in enumerate(items))
    return Configuration(mesh_of(dump(bootstrap("pod-1.shop", "10.0.0.1", kind)), *documents))


@pytest.mark.parametrize(
    ("endpoint", "ports"),
    [
        ({"address": "10.0.0.1"}, {80: (8080,)}),
        ({"address": "10.0.0.1", "ports": {"http": 9000}}, {80: (9000,)}),
        ({"address": "10.0.0.1", "ports": {"other": 9000}}, {80: (8080,)}),
        ({"address": "10.0.0.2"}, {}),
    ],
)
def test_a_service_entry_leads_to_the_workload_that_it_lists(
    endpoint: dict[str, Any], ports: dict[int, tuple[int, ...]]
) -> None:
    configuration = configuration_of(entry("one", endpoint))
    assert workload_ports(configuration, configuration.clients[0]) == ports


@pytest.mark.parametrize(
    ("labels", "annotations", "opened"),
    [
        ({}, {}, (8080, 8081)),
        ({"experimental.istio.io/disable-gateway-port-translation": "true"}, {}, (8081,)),
        ({}, {"internal.istio.io/gateway-service": "one.example"}, (8080,)),
    ],
)
def test_a_gateway_opens_each_port_behind_unless_a_service_forbids_it(
    labels: dict[str, str], annotations: dict[str, str], opened: tuple[int, ...]
) -> None:
    here = {"address": "10.0.0.1"}
    one, two = entry("one", here), entry("two", here, target=8081)
    one["metadata"]["labels"] = labels
    gateway = manifest("Gateway", "g", NETWORKING, spec={"servers": [{"port": {"number": 80}, "hosts": ["*"]}]})
    gateway["metadata"]["annotations"] = annotations
    configuration = configuration_of(one, two, gateway, kind="router")
    assert opened_ports(configuration, configuration.clients[0], configuration.gateways[0], 80) == opened


@pytest.mark.parametrize("namespace", ["shop", "other"])
def test_a_gateway_is_for_services_of_its_own_namespace(namespace: str) -> None:
    gateway = manifest("Gateway", "g", NETWORKING, namespace, spec={})
    gateway["metadata"]["annotations"] = {"internal.istio.io/gateway-service": "one.example"}
    configuration = configuration_of(entry("one", {"address": "10.0.0.1"}), gateway, kind="router")
    because = why_not_selected(configuration, configuration.clients[0], configuration.gateways[0])
    assert bool(because) is (namespace == "other")
