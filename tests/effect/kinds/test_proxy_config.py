from __future__ import annotations

import pytest

from meshscope.effect.answer import RuleEffect, State
from meshscope.mesh.mesh import Mesh

from ...mesh.meshes import bootstrap, captured, dump, mesh_of
from ..policies.small_mesh import OWNER, Json, judged, policy

GROUP = "networking.istio.io"


def config(spec: Json, name: str = "p", namespace: str = "shop", created: str = "2026-01-01T00:00:00Z") -> Json:
    return policy("ProxyConfig", spec, name, namespace, group=GROUP, creationTimestamp=created)


def mesh(started: Json, *objects: Json, version: str = "1.31.0") -> Mesh:
    head = bootstrap("web.shop")
    head["bootstrap"]["node"]["metadata"] = {
        "NAMESPACE": "shop", "LABELS": {"app": "web"}, "ISTIO_VERSION": version, "PROXY_CONFIG": started,
    }  # fmt: skip
    listed = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
    return mesh_of(dump(head, kind="config_dump", owner=OWNER), captured("objects.json", listed))


def effects(started: Json, *objects: Json, index: int = 0, **more: str) -> dict[str, RuleEffect]:
    return {one.rule: one for one in judged(mesh(started, *objects, **more), index, group=GROUP)}


SPEC: Json = {"concurrency": 4, "environmentVariables": {"A": "1"}, "image": {"imageType": "debug"}}


@pytest.mark.parametrize(
    ("started", "state"),
    [
        ({"concurrency": 4, "proxyMetadata": {"A": "1"}, "image": {"imageType": "debug"}}, State.IN_EFFECT),
        ({"concurrency": 2, "proxyMetadata": {"A": "2"}, "image": {"imageType": "distroless"}}, State.NOT_IN_EFFECT),
        ({}, State.NOT_IN_EFFECT),
        (None, State.UNKNOWN),
    ],
)
def test_what_a_proxy_was_started_with_decides(started: Json, state: State) -> None:
    found = effects(started, config(SPEC))
    assert set(found) == {"concurrency", "environmentVariables.A", "image"}
    assert {one.state for one in found.values()} == {state}


def test_a_hidden_value_is_unknown_and_a_difference_says_what_to_do() -> None:
    found = effects({"concurrency": 2, "proxyMetadata": {"A": "[redacted]"}}, config(SPEC))
    assert found["environmentVariables.A"].state is State.UNKNOWN
    assert found["concurrency"].because.startswith(
        "the proxy was started with concurrency 2: a pod takes it when it is"
    )


def test_a_closer_level_wins_field_by_field_and_then_the_older_object() -> None:
    mine, wide = config({**SPEC, "selector": {"matchLabels": {"app": "web"}}}), config({"concurrency": 2}, "wide")
    started = {"concurrency": 4, "proxyMetadata": {"A": "1"}, "image": {"imageType": "debug"}}
    assert {one.state for one in effects(started, mine, wide).values()} == {State.IN_EFFECT}
    assert effects(started, mine, wide, index=1)["concurrency"].because == (
        "ProxyConfig shop/p sets it at a closer level, or is older"
    )
    older = config({"concurrency": 1}, "older", created="2025-01-01T00:00:00Z")
    assert effects(started, wide, older)["concurrency"].because.startswith("ProxyConfig shop/older sets it")


@pytest.mark.parametrize(
    ("spec", "namespace", "because"),
    [
        ({}, "other", "it is for workloads of namespace other"),
        ({"selector": {"matchLabels": {"app": "web"}}}, "istio-system", "an object with a selector is for its own"),
        ({"selector": {"matchLabels": {"app": "x"}}}, "shop", "its selector asks for app=x"),
    ],
)
def test_an_object_that_does_not_apply_says_why(spec: Json, namespace: str, because: str) -> None:
    found = effects({}, config({**spec, "concurrency": 1}, namespace=namespace))["concurrency"]
    assert found.state is State.NOT_IN_EFFECT
    assert found.because.startswith(because)


def test_lines_before_1_13_have_none() -> None:
    assert effects({}, config(SPEC), version="1.12.0")["concurrency"].because == "Istio before 1.13 has no ProxyConfig"
