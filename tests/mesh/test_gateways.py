from __future__ import annotations

import pytest
from msgspec.structs import replace

from meshscope.istio.labels import Labels
from meshscope.mesh.gateways import gateways_at

from .meshes import GATEWAY, NGINX, WEBSITE, captured, mesh_of, recorded

POD = """
apiVersion: v1
kind: Pod
metadata: {name: gw, namespace: edge, labels: {app: gw}}
spec: {containers: [{name: c, ports: [{name: web, containerPort: 8443}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: gw, namespace: edge}
spec: {selector: {app: gw}, ports: [{port: 443, targetPort: web}, {port: 81, targetPort: 9081}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: SELECTED, namespace: edge}
spec: {selector: {app: SELECTED}, servers: [{port: {number: 443}}, {port: {number: 7000}}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: other, namespace: edge}
spec: {gatewayClassName: istio}
"""


def test_the_recorded_gateway_is_named_at_the_port_behind_its_service() -> None:
    network = recorded(WEBSITE).network
    pod = network.pod_named(GATEWAY)
    assert pod is not None
    assert [str(found) for found in gateways_at(network, pod, 8080)] == ["Gateway default/website-gateway"]
    assert not list(gateways_at(network, pod, 8443))
    nginx = network.pod_named(NGINX)
    assert nginx is not None
    assert not list(gateways_at(network, nginx, 8080))


@pytest.mark.parametrize(("port", "found"), [(8443, ["gw"]), (7000, ["gw"]), (9081, []), (443, ["gw"]), (80, [])])
def test_a_server_names_a_port_of_the_service_or_of_the_pod(port: int, found: list[str]) -> None:
    network = mesh_of(captured("m.yaml", POD.replace("SELECTED", "gw"))).network
    (pod,) = network.pods
    assert [one.name for one in gateways_at(network, pod, port)] == found


def test_a_gateway_that_selects_other_pods_opens_nothing_here() -> None:
    network = mesh_of(captured("m.yaml", POD.replace("SELECTED", "another"))).network
    (pod,) = network.pods
    assert not list(gateways_at(network, pod, 8443))
    assert list(gateways_at(network, replace(pod, labels=Labels.of({"app": "another"})), 7000))
