"""XBackends on the clusters of a sidecar, behind routes of a gateway, and what keeps one from both."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.effect.answer import RuleEffect, State

from ...mesh.meshes import bootstrap, clusters, dump, manifest
from ..gateway_api.small_mesh import (
    SIDECAR,
    envoy_route,
    gateway,
    gateway_dump,
    judged,
    mesh,
    prefix,
    route,
    rule,
    virtual_host,
)
from ..test_gateway_api_flags import istiod
from .test_backend_tls_policy import tls

Json = Any
IN, PARTLY, NOT, UNKNOWN = State.IN_EFFECT, State.PARTLY, State.NOT_IN_EFFECT, State.UNKNOWN
GROUP, ALPHA = "gateway.networking.x-k8s.io", "PILOT_ENABLE_ALPHA_GATEWAY_API"
CLUSTER = "outbound|443||x.example"


def external(name: str = "x", namespace: str = "shop", **spec: Json) -> Json:
    spec = {"type": "ExternalHostname", "externalHostname": {"hostname": "x.example"}, "port": {"port": 443}, **spec}
    return manifest("XBackend", name, GROUP, namespace, spec=spec)


def ref(name: str = "x", **more: Json) -> Json:
    return {"group": GROUP, "kind": "XBackend", "name": name, **more}


def found(*objects: Json, made: Json = None, version: str = "1.32.0") -> dict[str, RuleEffect]:
    head = bootstrap("client-1.shop")
    head["bootstrap"]["node"]["metadata"] = {"NAMESPACE": "shop", "LABELS": {}, "ISTIO_VERSION": version}
    bodies = {CLUSTER: {}} if made is None else made
    proxy = dump(
        head, clusters(*({"name": name, **body} for name, body in bodies.items())), kind="config_dump", owner=SIDECAR
    )
    return {one.rule: one for one in judged(mesh(proxy, objects=objects), "XBackend shop/x")}


def states(answers: dict[str, RuleEffect]) -> dict[str, State]:
    return {name: one.state for name, one in answers.items()}


SERVER_ONLY = external(tls={"mode": "ServerOnly"})


@pytest.mark.parametrize(
    ("backend", "made", "expected"),
    [
        (external(), None, {"externalHostname": IN}),
        (external(), {}, {"externalHostname": NOT}),
        (external(port={"port": 80}), None, {"externalHostname": NOT}),
        (SERVER_ONLY, {CLUSTER: tls("x.example")}, {"externalHostname": IN, "tls": IN}),
        (SERVER_ONLY, {CLUSTER: {}}, {"externalHostname": IN, "tls": PARTLY}),
        (external(tls={"mode": "ServerOnly", "validation": {"hostname": "y"}}), {CLUSTER: tls("x.example")},
         {"externalHostname": IN, "tls": PARTLY}),
        (external(externalHostname={"hostname": "a.shop.svc.cluster.local"}), {}, {"externalHostname": UNKNOWN}),
        (external(tls={"mode": "ClientAndServer"}), {CLUSTER: tls("x.example")}, {"externalHostname": IN, "tls": UNKNOWN}),
    ],
)  # fmt: skip
def test_the_cluster_of_the_host(backend: Json, made: Json, expected: Json) -> None:
    assert states(found(backend, made=made)) == expected


@pytest.mark.parametrize(
    ("env", "version", "state", "because"),
    [
        (None, "1.32.0", IN, ""),
        ({ALPHA: "true"}, "1.32.0", IN, ""),
        ({}, "1.32.0", NOT, f"{ALPHA} is not true"),
        ({ALPHA: "true"}, "1.31.2", NOT, "istiod knows no XBackend before its version 1.32"),
    ],
)
def test_which_istiod_reads_it(env: Json, version: str, state: State, because: str) -> None:
    objects = [external()] if env is None else [external(), istiod(env)]
    answer = found(*objects, version=version)["externalHostname"]
    assert answer.state is state
    assert because in answer.because


@pytest.mark.parametrize(
    ("to", "leads_to", "version", "state", "because"),
    [
        (ref(), CLUSTER, "1.32.0", IN, ""),
        (ref(port=443), CLUSTER, "1.32.0", IN, ""),
        (ref(), "outbound|80||x.example", "1.32.0", PARTLY, ""),
        (
            ref(port=80),
            "UnknownService",
            "1.32.0",
            NOT,
            "has port 80, and XBackend shop/x has port 443: requests get 500",
        ),
        (ref("y"), "UnknownService", "1.32.0", UNKNOWN, "XBackend shop/y is not in this input"),
        (
            ref("mutual"),
            "UnknownService",
            "1.32.0",
            UNKNOWN,
            "XBackend shop/mutual: istiod takes no XBackend of TLS mode",
        ),
        (ref("z", namespace="other"), "UnknownService", "1.32.0", NOT, "no ReferenceGrant"),
        (ref(), "UnknownService", "1.31.0", NOT, "istiod knows no backend of kind XBackend before its version 1.32"),
    ],
)
def test_a_route_leads_to_its_host_and_port(to: Json, leads_to: str, version: str, state: State, because: str) -> None:
    made = gateway_dump(virtual_host("a.example", envoy_route(prefix("/"), cluster=leads_to)), version=version,
                        more_clusters=(CLUSTER, "outbound|80||x.example"))  # fmt: skip
    backends = (external(), external("z", "other"), external("mutual", tls={"mode": "ClientAndServer"}))
    (answer,) = judged(mesh(made, objects=(gateway(), route(rule("/", to=[to])), *backends)))
    assert answer.state is state
    assert because in answer.because


def test_without_the_flag_a_route_to_it_gets_500() -> None:
    made = gateway_dump(virtual_host("a.example", envoy_route(prefix("/"), cluster="UnknownService")), version="1.32.0")
    asked = (gateway(), route(rule("/", to=[ref()])), external())
    (answer,) = judged(mesh(made, objects=(*asked, istiod({}))))
    assert (answer.state, answer.because) == (NOT, f"istiod reads no XBackend: {ALPHA} is not true: requests get 500")
