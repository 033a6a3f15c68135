"""Which servers a pod contains: each case with its near miss."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.collect.kubernetes.pod_targets import PodName, PodTarget, Role, pod_targets
from meshscope.istio.kubernetes.pod import Pod

PROXY = {"name": "istio-proxy", "image": "istio/proxyv2"}
APP = {"name": "app", "image": "example/app"}
NATIVE = PROXY | {"restartPolicy": "Always"}
DISCOVERY = {"name": "discovery", "image": "istio/pilot"}


Containers = tuple[dict[str, Any], ...]


def pod(*containers: dict[str, Any], inits: Containers = (), phase: str = "Running", **labels: str) -> Pod:
    return built(containers, labels, inits, phase)


def built(containers: Containers, labels: dict[str, str], inits: Containers = (), phase: str = "Running") -> Pod:
    return msgspec.convert(
        {
            "metadata": {"name": "p", "namespace": "n", "labels": labels},
            "spec": {"containers": containers, "initContainers": inits},
            "status": {"phase": phase},
        },
        Pod,
        dec_hook=lambda type_, value: type_.of(value),
    )


def roles(found: Pod) -> list[tuple[str, str]]:
    return [(one.role, one.container) for one in pod_targets(found)]


def gateway(**labels: str) -> Pod:
    """A gateway whose container has a name of its own."""
    return built(({"name": "gateway", "image": "example/envoy"},), labels)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (pod(APP, PROXY), [("envoy", "istio-proxy")]),
        (pod(APP, {"name": "proxy", "image": "istio/proxyv2"}), []),
        (pod(APP, inits=(NATIVE,)), [("envoy", "istio-proxy")]),
        (pod(APP, inits=(PROXY,)), []),
        (pod(APP, PROXY, phase="Pending"), []),
        (pod(APP, PROXY, phase="Succeeded"), []),
        (pod(PROXY, istio="ingressgateway"), [("envoy", "istio-proxy")]),
        (gateway(istio="ingressgateway"), [("envoy", "gateway")]),
        (gateway(istio="egressgateway"), [("envoy", "gateway")]),
        (gateway(istio="edge"), []),
        (gateway(**{"gateway.networking.k8s.io/gateway-name": "web"}), [("envoy", "gateway")]),
        (gateway(**{"gateway.istio.io/managed": "istio.io-mesh-controller"}), [("envoy", "gateway")]),
        (gateway(**{"gateway.networking.k8s.io/name": "web"}), []),
        (pod(PROXY, app="ztunnel"), [("ztunnel", "istio-proxy")]),
        (pod(APP, app="ztunnel"), []),
        (pod({"name": "istio-proxy", "image": "gcr.io/istio-release/ztunnel:1.28.0-distroless"}), [("ztunnel", "istio-proxy")]),
        (pod({"name": "istio-proxy", "image": "registry:5000/istio-ztunnel-rhel9@sha256:00"}), [("ztunnel", "istio-proxy")]),
        (pod({"name": "istio-proxy", "image": "ztunnel.example.com/istio/proxyv2:1.28.0"}), [("envoy", "istio-proxy")]),
        (pod({"name": "istio-proxy", "image": "istio/proxyv2:like-ztunnel"}), [("envoy", "istio-proxy")]),
        (pod(DISCOVERY, app="istiod", istio="pilot"), [("istiod", "discovery")]),
        (pod(DISCOVERY, istio="istiod"), [("istiod", "discovery")]),
        (pod(DISCOVERY, app="service-registry"), []),
        (pod(APP, app="istiod"), []),
        (pod(DISCOVERY, PROXY, app="pilot", istio="pilot"), [("istiod", "discovery"), ("envoy", "istio-proxy")]),
        (pod({"name": "envoy", "ports": [{"containerPort": 15000}]}), [("envoy", "envoy")]),
        (pod({"name": "envoy", "ports": [{"containerPort": 9901}]}), []),
        (pod({"name": "envoy"}), []),
        (pod(APP, PROXY | {"env": [{"name": "ISTIO_META_GENERATOR", "value": "grpc"}]}), []),
        (pod(APP, PROXY | {"env": [{"name": "ISTIO_META_GENERATOR", "value": "event"}]}), [("envoy", "istio-proxy")]),
        (pod(APP), []),
        (pod(), []),
    ],
)  # fmt: skip
def test_a_pod_is_asked_for_what_runs_in_it(found: Pod, expected: list[tuple[str, str]]) -> None:
    assert roles(found) == expected


def test_a_pod_that_is_not_ready_is_asked_all_the_same() -> None:
    found = pod(APP, PROXY)
    assert found.ready is None
    assert roles(found) == [("envoy", "istio-proxy")]


@pytest.mark.parametrize(("labels", "revision"), [({}, ""), ({"rev": "default"}, ""), ({"rev": "1-28-0"}, "1-28-0")])
def test_a_control_plane_has_its_revision(labels: dict[str, str], revision: str) -> None:
    own = {f"istio.io/{key}": value for key, value in labels.items()}
    found = pod_targets(built((DISCOVERY,), {"app": "istiod"} | own))
    assert found == (PodTarget(Role.ISTIOD, PodName("n", "p"), "discovery", revision),)


def test_a_sidecar_has_no_revision_of_its_own() -> None:
    assert [one.revision for one in pod_targets(built((APP, PROXY), {"istio.io/rev": "1-28-0"}))] == [""]


CONTAINERS = st.lists(st.sampled_from([APP, PROXY, DISCOVERY, {"name": "envoy"}])).map(tuple)
LABELS = st.dictionaries(st.sampled_from(["app", "istio"]), st.sampled_from(["istiod", "ztunnel", "ingressgateway"]))


@given(CONTAINERS, LABELS)
def test_nobody_is_asked_in_a_container_that_is_not_there(containers: Containers, labels: dict[str, str]) -> None:
    found = pod_targets(built(containers, labels))
    assert {one.container for one in found} <= {str(container["name"]) for container in containers}
    assert len({one.role for one in found}) == len(found)
