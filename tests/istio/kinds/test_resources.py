from __future__ import annotations

from collections import Counter

import pytest

from meshscope.istio.kinds.columns import ObjectCell
from meshscope.istio.kinds.resources import RESOURCE_KINDS, kind_of, kinds_named
from meshscope.istio.manifest import Object, read_objects

from ..documents import document
from ..objects import built_object, recorded_object


def cells(object_: Object) -> dict[str, ObjectCell]:
    kind = kind_of(object_.group, object_.kind)
    assert kind
    return {column.name: column.cell(object_) for column in kind.columns}


def built_cells(api_version: str, kind: str, **fields: object) -> dict[str, ObjectCell]:
    return cells(built_object(kind, api_version, **fields))


def recorded_cells(file: str, kind: str, name: str) -> dict[str, ObjectCell]:
    return cells(recorded_object(kind, name, file))


def test_words_are_unambiguous_with_their_group() -> None:
    words = Counter(f"{word}.{kind.group}" for kind in RESOURCE_KINDS for word in kind.words)
    assert max(words.values()) == 1


@pytest.mark.parametrize(
    ("word", "kinds"),
    [
        ("vs", ["VirtualService"]),
        ("VirtualServices", ["VirtualService"]),
        ("virtualservice.networking.istio.io", ["VirtualService"]),
        ("svc", ["Service"]),
        ("gateway.gateway.networking.k8s.io", ["Gateway"]),
        ("gateway", ["Gateway", "Gateway"]),
        ("meshpolicy", ["MeshPolicy"]),
        ("proxies", []),
        ("", []),
    ],
)
def test_a_word_finds_its_kinds(word: str, kinds: list[str]) -> None:
    assert [kind.kind for kind in kinds_named(word)] == kinds


def test_plurals_are_the_apis_own() -> None:
    plurals = {kind.kind: kind.plural for kind in RESOURCE_KINDS}
    assert plurals["AuthorizationPolicy"] == "authorizationpolicies"
    assert plurals["ServiceEntry"] == "serviceentries"
    assert plurals["Ingress"] == "ingresses"
    assert plurals["Gateway"] == "gateways"
    assert plurals["GatewayClass"] == "gatewayclasses"
    assert plurals["Endpoints"] == "endpoints"


@pytest.mark.parametrize("file", ["istio.yaml", "kubernetes.yaml", "mesh-config.yaml"])
def test_every_recorded_object_is_of_a_known_kind_and_fills_its_columns(file: str) -> None:
    for object_ in read_objects(document("manifests", file))[0]:
        assert kind_of(object_.group, object_.kind), object_
        assert None not in [
            value for name, value in cells(object_).items() if name in ("HOST", "HOSTS", "TYPE", "READY")
        ]


def test_columns_of_istios_kinds_are_those_of_kubectl() -> None:
    assert recorded_cells("istio.yaml", "ServiceEntry", "vm-static") == {
        "HOSTS": ("vm.static.example",),
        "LOCATION": "MESH_EXTERNAL",
        "RESOLUTION": "STATIC",
    }
    spec = {"hosts": ["a"], "gateways": ["mesh", "b"]}
    assert built_cells("networking.istio.io/v1", "VirtualService", spec=spec) == {
        "GATEWAYS": ("mesh", "b"),
        "HOSTS": ("a",),
    }
    assert built_cells("security.istio.io/v1", "AuthorizationPolicy", spec={}) == {"ACTION": None}
    assert built_cells("security.istio.io/v1", "PeerAuthentication", spec={"mtls": {"mode": "STRICT"}}) == {
        "MODE": "STRICT"
    }


def test_a_service_shows_its_addresses_and_ports() -> None:
    assert recorded_cells("kubernetes.yaml", "Service", "alias")["EXTERNAL-IP"] == "rest.team-a.svc.cluster.local"
    assert recorded_cells("kubernetes.yaml", "Service", "rest-headless")["CLUSTER-IP"] == "None"
    ports = [{"port": 80, "nodePort": 30080}, {"port": 53, "protocol": "UDP"}]
    balancer = built_cells("v1", "Service", spec={"type": "LoadBalancer", "ports": ports})
    assert balancer["PORT(S)"] == ("80:30080/TCP", "53/UDP")
    assert balancer["EXTERNAL-IP"] == "<pending>"


def test_a_gateway_of_the_gateway_api_shows_its_address_and_condition() -> None:
    conditions = [{"type": "Accepted", "status": "False"}, {"type": "Programmed", "status": "True"}]
    status = {"addresses": [{"value": "192.0.2.1"}, {"value": "lb.example"}], "conditions": conditions}
    found = built_cells("gateway.networking.k8s.io/v1", "Gateway", spec={"gatewayClassName": "istio"}, status=status)
    assert found == {"CLASS": "istio", "ADDRESS": ("192.0.2.1", "lb.example"), "PROGRAMMED": "True"}


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ({"phase": "Running", "containerStatuses": [{"ready": True, "state": {"running": {}}}]}, "Running"),
        ({"phase": "Pending"}, "Pending"),
        ({"phase": "Failed", "reason": "Evicted"}, "Evicted"),
        (
            {"phase": "Running", "containerStatuses": [{"state": {"waiting": {"reason": "CrashLoopBackOff"}}}]},
            "CrashLoopBackOff",
        ),
        ({"phase": "Failed", "containerStatuses": [{"state": {"terminated": {"exitCode": 3}}}]}, "ExitCode:3"),
        ({"phase": "Pending", "initContainerStatuses": [{"name": "init", "state": {"running": {}}}]}, "Init:0/1"),
        ({}, None),
    ],
)
def test_a_pods_status_says_what_is_wrong(status: dict[str, object], shown: str | None) -> None:
    spec = {"containers": [{"name": "app"}], "initContainers": [{"name": "init"}]}
    assert built_cells("v1", "Pod", spec=spec, status=status)["STATUS"] == shown


def test_a_native_sidecar_counts_as_a_container() -> None:
    spec = {"containers": [{"name": "app"}], "initContainers": [{"name": "istio-proxy", "restartPolicy": "Always"}]}
    proxy = {"name": "istio-proxy", "ready": True, "started": True, "state": {"running": {}}}
    status = {
        "phase": "Running",
        "containerStatuses": [{"name": "app", "ready": False}],
        "initContainerStatuses": [proxy],
    }
    found = built_cells("v1", "Pod", spec=spec, status=status)
    assert (found["READY"], found["STATUS"]) == ("1/2", "Running")


def test_ratios_and_counts_are_numbers_of_what_is_there() -> None:
    assert built_cells("apps/v1", "Deployment", spec={"replicas": 3}, status={"readyReplicas": 2})["READY"] == "2/3"
    assert built_cells("apps/v1", "Deployment", spec={})["READY"] == "0/1"
    assert built_cells("v1", "ConfigMap", data={"a": "1", "b": "2"})["DATA"] == 2
    assert built_cells("v1", "ConfigMap")["DATA"] == 0
    webhooks = built_cells("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", webhooks=[{}, {}])
    assert webhooks["WEBHOOKS"] == 2


def test_an_object_of_an_odd_shape_has_empty_cells() -> None:
    assert set(built_cells("v1", "Service", spec={"ports": 3}).values()) == {None}
    assert built_cells("networking.istio.io/v1", "VirtualService", spec=[]) == {"GATEWAYS": None, "HOSTS": None}
