from __future__ import annotations

import pytest
from msgspec.structs import replace

from meshscope.istio.labels import Labels
from meshscope.istio.provenance import ObjectRef
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.network.facts import PodFact
from meshscope.mesh.network.gateways import gateways_at

from ..meshes import GATEWAY, NGINX, WEBSITE, captured, mesh_of, recorded

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


def opened(mesh: Mesh, pod: PodFact, port: int) -> list[ObjectRef]:
    return list(gateways_at(mesh.objects_of("Gateway", "networking.istio.io"), mesh.network, pod, port))


def test_the_recorded_gateway_is_named_at_the_port_behind_its_service() -> None:
    mesh = recorded(WEBSITE)
    network = mesh.network
    pod = network.pod_named(GATEWAY)
    assert pod is not None
    assert [str(found) for found in opened(mesh, pod, 8080)] == ["Gateway default/website-gateway"]
    assert not opened(mesh, pod, 8443)
    nginx = network.pod_named(NGINX)
    assert nginx is not None
    assert not opened(mesh, nginx, 8080)


@pytest.mark.parametrize(("port", "found"), [(8443, ["gw"]), (7000, ["gw"]), (9081, []), (443, ["gw"]), (80, [])])
def test_a_server_names_a_port_of_the_service_or_of_the_pod(port: int, found: list[str]) -> None:
    mesh = mesh_of(captured("m.yaml", POD.replace("SELECTED", "gw")))
    (pod,) = mesh.network.pods
    assert [one.name for one in opened(mesh, pod, port)] == found


def test_a_gateway_that_selects_other_pods_opens_nothing_here() -> None:
    mesh = mesh_of(captured("m.yaml", POD.replace("SELECTED", "another")))
    (pod,) = mesh.network.pods
    assert not opened(mesh, pod, 8443)
    assert opened(mesh, replace(pod, labels=Labels.of({"app": "another"})), 7000)
