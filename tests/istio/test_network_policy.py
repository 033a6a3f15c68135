from __future__ import annotations

from typing import Any

import pytest

from meshscope.istio.labels import Labels
from meshscope.istio.network_policy import selects

from ..mesh.meshes import captured, manifest, mesh_of

K8S, CILIUM, CALICO = "networking.k8s.io", "cilium.io", "crd.projectcalico.org"
WEB = Labels.of({"app": "web", "tier": "front"})


def expression(operator: str, *values: str, key: str = "app") -> dict[str, Any]:
    return {"podSelector": {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}}


@pytest.mark.parametrize(
    ("group", "kind", "spec", "expected"),
    [
        (K8S, "NetworkPolicy", {"podSelector": {}}, True),
        (K8S, "NetworkPolicy", {"podSelector": {"matchLabels": {"app": "web"}}}, True),
        (K8S, "NetworkPolicy", {"podSelector": {"matchLabels": {"app": "wed"}}}, False),
        (K8S, "NetworkPolicy", {"podSelector": {}, "policyTypes": ["Egress"]}, False),
        (K8S, "NetworkPolicy", {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}, True),
        (K8S, "NetworkPolicy", expression("In", "web", "api"), True),
        (K8S, "NetworkPolicy", expression("In", "api"), False),
        (K8S, "NetworkPolicy", expression("NotIn", "api"), True),
        (K8S, "NetworkPolicy", expression("Exists", key="tier"), True),
        (K8S, "NetworkPolicy", expression("DoesNotExist", key="tier"), False),
        (CILIUM, "CiliumNetworkPolicy", {"endpointSelector": {"matchLabels": {"k8s:app": "web"}}}, True),
        (CILIUM, "CiliumNetworkPolicy", {"endpointSelector": {"matchLabels": {"any:app": "api"}}}, False),
        (CALICO, "NetworkPolicy", {"selector": "all()"}, True),
        (CALICO, "NetworkPolicy", {"selector": "app == 'web'"}, None),
        (CALICO, "NetworkPolicy", {"selector": "all()", "types": ["Egress"]}, False),
    ],
)
def test_a_policy_selects_the_pods_of_its_namespace_by_their_labels(
    group: str, kind: str, spec: dict[str, Any], expected: bool | None
) -> None:
    (item,) = mesh_of(captured("p.json", manifest(kind, "p", group, "shop", spec=spec))).objects
    assert selects(item, "shop", WEB) is expected
    assert selects(item, "bank", WEB) is False


def test_a_policy_of_the_whole_cluster_has_no_namespace() -> None:
    spec = {"endpointSelector": {"matchLabels": {"app": "web"}}}
    (item,) = mesh_of(
        captured("p.json", manifest("CiliumClusterwideNetworkPolicy", "p", CILIUM, "", spec=spec))
    ).objects
    assert selects(item, "anywhere", WEB) is True
