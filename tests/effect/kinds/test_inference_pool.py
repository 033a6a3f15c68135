"""InferencePools: the Service that istiod makes of one, and routes that lead to it."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.effect.answer import RuleEffect, State
from meshscope.effect.gateway_api.pools import service_name

from ...mesh.meshes import manifest
from ..gateway_api.small_mesh import envoy_route, gateway, gateway_dump, judged, mesh, prefix, route, rule, virtual_host
from ..test_gateway_api_flags import istiod

Json = Any
IN, PARTLY, NOT, UNKNOWN = State.IN_EFFECT, State.PARTLY, State.NOT_IN_EFFECT, State.UNKNOWN
GROUP, FLAG = "inference.networking.k8s.io", "ENABLE_GATEWAY_API_INFERENCE_EXTENSION"
TO = {"group": GROUP, "kind": "InferencePool", "name": "llm"}


def pool(*ports: int, **labels: str) -> Json:
    spec = {
        "selector": {"matchLabels": labels or {"app": "llm"}},
        "targetPorts": [{"number": port} for port in ports or (8000,)],
        "endpointPickerRef": {"name": "epp", "port": {"number": 9002}},
    }
    return manifest("InferencePool", "llm", GROUP, spec=spec)


def shadow(port: int = 8000, *, is_made: bool = True, **labels: str) -> Json:
    ports = [{"port": 54321, "targetPort": port, "protocol": "TCP"}]
    picker = {"istio.io/inferencepool-extension-service": "epp"} if is_made else {}
    return manifest(
        "Service",
        NAME,
        metadata={"labels": picker},
        spec={"ports": ports, "selector": labels or {"app": "llm"}, "clusterIP": "None"},
    )


NAME = service_name("llm")
LEADING = route(rule("/", to=[TO]))


def test_the_name_of_the_service_is_cut_where_kubernetes_takes_no_longer_one() -> None:
    assert service_name("pool") == "pool-ip-27cac550"
    longest = service_name("a" * 70)
    assert (len(longest), longest[:51], len(NAME)) == (63, "a" * 51, len("llm-ip-") + 8)


def asked(*objects: Json, version: str = "1.31.0") -> RuleEffect:
    made = gateway_dump(virtual_host("a.example"), version=version)
    (answer,) = judged(mesh(made, objects=(gateway(), *objects)), "InferencePool shop/llm")
    return answer


@pytest.mark.parametrize(
    ("objects", "version", "state", "because"),
    [
        ([LEADING, shadow()], "1.31.0", IN, "has its pods and ports"),
        ([LEADING, shadow(8001)], "1.31.0", PARTLY, "targetPorts is 8001, 8000 was expected"),
        ([LEADING, shadow(app="other")], "1.31.0", PARTLY, "selector is app=other, app=llm was expected"),
        ([LEADING], "1.31.0", UNKNOWN, "that istiod makes of it is not in this input"),
        ([route(rule("/"))], "1.31.0", NOT, "no HTTPRoute that a Gateway takes leads to it"),
        ([route(rule("/", to=[TO]), parentRefs=[{"name": "no"}])], "1.31.0", NOT, "no HTTPRoute that a Gateway takes"),
        ([LEADING, shadow(), istiod({})], "1.31.0", NOT, f"istiod reads no InferencePool: {FLAG} is not true"),
        ([LEADING, shadow(), istiod({FLAG: "true"})], "1.31.0", IN, ""),
        ([LEADING, shadow()], "1.26.0", NOT, "istiod knows no InferencePool before its version 1.27"),
    ],
)
def test_the_service_that_istiod_makes(objects: list[Json], version: str, state: State, because: str) -> None:
    answer = asked(pool(), *objects, version=version)
    assert answer.state is state
    assert because in answer.because


@pytest.mark.parametrize(
    ("objects", "leads_to", "state", "because"),
    [
        ([pool(), shadow()], f"outbound|54321||{NAME}.shop.svc.cluster.local", IN, ""),
        ([pool(), shadow()], f"outbound|80||{NAME}.shop.svc.cluster.local", PARTLY, ""),
        (
            [pool()],
            "x",
            UNKNOWN,
            f"the Service shop/{NAME} that istiod makes of InferencePool shop/llm is not in this input",
        ),
        ([pool(8000, 8001), shadow()], "x", UNKNOWN, "InferencePool shop/llm has several targetPorts"),
        ([shadow()], "x", UNKNOWN, "InferencePool shop/llm is not in this input"),
        ([pool(), shadow(is_made=False)], "x", UNKNOWN, "so that istiod has not made it of InferencePool shop/llm"),
        ([pool(), shadow(), istiod({})], "UnknownService", NOT, f"{FLAG} is not true: requests get 500"),
    ],
)
def test_a_route_leads_to_that_service(objects: list[Json], leads_to: str, state: State, because: str) -> None:
    there = (f"outbound|54321||{NAME}.shop.svc.cluster.local", f"outbound|80||{NAME}.shop.svc.cluster.local")
    made = gateway_dump(virtual_host("a.example", envoy_route(prefix("/"), cluster=leads_to)), more_clusters=there)
    (answer,) = judged(mesh(made, objects=(gateway(), LEADING, *objects)))
    assert answer.state is state
    assert because in answer.because


def test_a_route_of_another_kind_is_not_modelled() -> None:
    made = gateway_dump(virtual_host("a.example", envoy_route(prefix("/"), cluster="x")))
    asked_ = route({"backendRefs": [TO]}, kind="GRPCRoute")
    (answer,) = judged(mesh(made, objects=(gateway(), asked_, pool(), shadow())), "GRPCRoute shop/r")
    assert (answer.state, answer.because) == (
        UNKNOWN,
        "an InferencePool behind a GRPCRoute is not modelled: requests get 500",
    )
