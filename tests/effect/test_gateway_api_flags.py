"""Flags of istiod decide which kinds of the Gateway API it reads."""

from __future__ import annotations

import pytest

from meshscope.effect.answer import State
from meshscope.effect.configuration import Configuration
from meshscope.effect.gateway_api_flags import why_unread
from meshscope.effect.istiod_flags import ALL, ALPHA

from ..mesh.meshes import manifest
from .gateway_api.small_mesh import Json, gateway, gateway_dump, judged, mesh, route

TCP = {"name": "tcp", "port": 9000, "protocol": "TCP"}


def istiod(env: Json, name: str = "istiod", app: str = "istiod") -> Json:
    containers = [{"name": "discovery", "env": [{"name": key, "value": value} for key, value in env.items()]}]
    spec = {"template": {"spec": {"containers": containers}}}
    return manifest("Deployment", name, "apps", "istio-system", metadata={"labels": {"app": app}}, spec=spec)


def asked(kind: str, *deployments: Json, version: str = "1.31.0") -> str:
    return why_unread(Configuration(mesh(gateway_dump(version=version), objects=deployments)), kind)


@pytest.mark.parametrize(
    ("kind", "env", "version", "told"),
    [
        ("TCPRoute", {}, "1.31.0", f"istiod reads no TCPRoute: {ALPHA} is not true in Deployment istio-system/istiod"),
        ("TCPRoute", {ALPHA: "true"}, "1.31.0", ""),
        ("TCPRoute", {}, "1.17.0", ""),
        ("TLSRoute", {}, "1.29.0", f"istiod reads no TLSRoute: {ALPHA} is not true in Deployment istio-system/istiod"),
        ("TLSRoute", {}, "1.30.0", ""),
        ("BackendTLSPolicy", {ALPHA: "false"}, "1.27.0",
         f"istiod reads no BackendTLSPolicy: {ALPHA} is not true in Deployment istio-system/istiod"),
        ("BackendTLSPolicy", {}, "1.28.0", ""),
        ("HTTPRoute", {}, "1.31.0", ""),
        ("HTTPRoute", {ALL: "false"}, "1.31.0",
         f"istiod reads nothing of the Gateway API: {ALL} is false in Deployment istio-system/istiod"),
    ],
)  # fmt: skip
def test_the_environment_of_istiod_decides(kind: str, env: Json, version: str, told: str) -> None:
    assert asked(kind, istiod(env), version=version) == told


def test_nothing_is_said_where_nothing_tells() -> None:
    assert not asked("TCPRoute")
    assert not asked("TCPRoute", istiod({}, app="other"))
    assert not asked("TCPRoute", istiod({}), istiod({ALPHA: "true"}, "istiod-canary"))
    assert not asked("TCPRoute", istiod({}), version="")


def test_a_route_that_is_not_read_says_so() -> None:
    rules = {"backendRefs": [{"name": "a", "port": 80}]}
    own = route(rules, kind="TCPRoute", hostnames=None)
    with_flag, without = (
        judged(mesh(gateway_dump(), objects=(gateway(TCP), own, istiod(env))), "TCPRoute shop/r")
        for env in ({ALPHA: "true"}, {})
    )
    assert [one.state for one in (*with_flag, *without)] == [State.NOT_IN_EFFECT] * 2
    assert "reads no TCPRoute" not in with_flag[0].because
    assert "reads no TCPRoute" in without[0].because
