"""Patches that come are what `effect` looks for, and are gone when they go; what was before them is never guessed."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from meshscope.effect.answer import State
from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import effects
from meshscope.envoy.resource import CLUSTER, LISTENER, ROUTES
from meshscope.istio.manifest import Object
from meshscope.mesh.mesh import Mesh
from meshscope.overlay.change import Kind, Reach
from meshscope.overlay.patches.merging import alike
from meshscope.overlay.what_if import WhatIf

from ...effect import recorded
from ..asking import mesh_of, written

Json = Any
MANAGER = "envoy.filters.network.http_connection_manager"
REST = "outbound|80||rest.team-a.svc.cluster.local"
TYPE = "type.googleapis.com/envoy.extensions.filters.http"
HEADERS = {"name": "lab.header", "typed_config": {"@type": f"{TYPE}.header_mutation.v3.HeaderMutation"}}
ROUTER = {
    "name": "envoy.filters.http.router",
    "typed_config": {"@type": f"{TYPE}.router.v3.Router", "dynamic_stats": True},
}
LIMIT = {"per_connection_buffer_limit_bytes": 4096}
TCP = {
    "name": "lab.tcp",
    "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC"},
}
HOST = {"name": "lab:80", "domains": ["lab.example"], "routes": [{"name": "lab", "direct_response": {"status": 204}}]}
ROUTE = {"name": "lab", "match": {"prefix": "/lab"}, "direct_response": {"status": 204}}
FILTERS = {
    "context": "SIDECAR_INBOUND",
    "listener": {"filterChain": {"filter": {"name": MANAGER, "subFilter": {"name": ROUTER["name"]}}}},
}
CHAINS = {"context": "SIDECAR_INBOUND", "listener": {"filterChain": {"filter": {"name": MANAGER}}}}
OUTBOUND = {"context": "SIDECAR_OUTBOUND", "routeConfiguration": {"name": "80"}}

UNLISTED = recorded.without_configz("services")
"""Nothing tells that istiod does not have a new object."""


def patch(apply_to: str, operation: str, value: Any = None, **match: Any) -> Json:
    return {"applyTo": apply_to, "match": match, "patch": {"operation": operation, "value": value}}


ADDED = [
    patch("HTTP_FILTER", "INSERT_BEFORE", HEADERS, **FILTERS),
    patch("HTTP_FILTER", "INSERT_FIRST", HEADERS, **CHAINS),
    patch("NETWORK_FILTER", "INSERT_BEFORE", TCP, **CHAINS),
    patch("CLUSTER", "ADD", {"name": "lab", "type": "STATIC", "connect_timeout": "1s"}),
    patch("VIRTUAL_HOST", "ADD", HOST, **OUTBOUND),
    patch("HTTP_ROUTE", "INSERT_FIRST", ROUTE, **OUTBOUND),
    patch("HTTP_ROUTE", "ADD", ROUTE, **OUTBOUND),
]  # fmt: skip
MERGED = [
    patch("CLUSTER", "MERGE", {"connect_timeout": "1.5s"}, context="SIDECAR_OUTBOUND", cluster={"name": REST}),
    patch("LISTENER", "MERGE", LIMIT, context="SIDECAR_INBOUND"),
    patch("HTTP_FILTER", "MERGE", ROUTER, **FILTERS),
    patch("ROUTE_CONFIGURATION", "MERGE", {"request_headers_to_remove": ["x-lab"]}, **OUTBOUND),
    patch("VIRTUAL_HOST", "MERGE", {"request_headers_to_remove": ["x-lab"]}, **OUTBOUND),
    patch("HTTP_ROUTE", "MERGE", {"response_headers_to_remove": ["x-lab"]}, context="SIDECAR_INBOUND"),
    patch("HTTP_FILTER", "REPLACE", ROUTER, **FILTERS),
]  # fmt: skip


def envoy_filter(*patches: Json, name: str = "lab", **spec: Any) -> Object:
    body = {
        "apiVersion": "networking.istio.io/v1alpha3",
        "kind": "EnvoyFilter",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"configPatches": patches, **spec},
    }
    (item,) = written(msgspec.json.encode(body).decode())
    return item


def bodies(mesh: Mesh) -> dict[tuple[str, str, str], Any]:
    return {
        (proxy.name, kind, resource.name): msgspec.json.decode(resource.canonical())
        for proxy in mesh.proxies
        for kind in (CLUSTER, ROUTES, LISTENER)
        for resource in proxy.resources(kind)
    }


@pytest.mark.parametrize(
    "change", [*ADDED, *MERGED], ids=lambda each: f"{each['applyTo']} {each['patch']['operation']}"
)
def test_what_is_patched_is_what_effect_looks_for(change: Json) -> None:
    item = envoy_filter(change)
    what_if = WhatIf(UNLISTED, [item])
    assert what_if.not_rebuilt == ()
    assert {one.proxy for one in what_if.changes} == {"sleep-4c000f4388-b71ee.default"}
    configuration = Configuration(what_if.mesh)
    clients = [one for one in configuration.clients if one.namespace == "default"]
    (found,) = effects(configuration, item, clients)
    assert found.state is State.IN_EFFECT


@pytest.mark.parametrize("change", ADDED, ids=lambda each: f"{each['applyTo']} {each['patch']['operation']}")
def test_what_was_added_goes_with_it(change: Json) -> None:
    mesh, item = mesh_of("services"), envoy_filter(change)
    there = WhatIf(mesh, [item])
    gone = WhatIf(there.mesh, [], without=[item.ref])
    assert gone.not_rebuilt == ()
    assert len(gone.changes) == len(there.changes)
    before, after = bodies(mesh), bodies(gone.mesh)
    assert before.keys() == after.keys()
    assert all(alike(before[key], after[key]) for key in before)
    assert there.changes


@pytest.mark.parametrize("change", MERGED, ids=lambda each: f"{each['applyTo']} {each['patch']['operation']}")
def test_what_a_merge_has_replaced_is_not_guessed(change: Json) -> None:
    item = envoy_filter(change)
    there = WhatIf(mesh_of("services"), [item])
    gone = WhatIf(there.mesh, [], without=[item.ref])
    assert gone.changes == ()
    assert {one.because.partition(": ")[0] for one in gone.not_rebuilt} == {"configPatches[0]"}
    assert all("is not known" in one.because for one in gone.not_rebuilt)


def test_what_a_merge_has_replaced_is_known_from_another_proxy() -> None:
    mesh = mesh_of("bookinfo")
    change = MERGED[0] | {
        "match": {"context": "SIDECAR_OUTBOUND", "cluster": {"service": "ratings.default.svc.cluster.local"}}
    }
    item = envoy_filter(change, workloadSelector={"labels": {"app": "productpage"}})
    there = WhatIf(mesh, [item])
    assert {one.what for one in there.changes} == {"cluster"}
    gone = WhatIf(there.mesh, [], without=[item.ref])
    assert gone.not_rebuilt == ()
    before, after = bodies(mesh), bodies(gone.mesh)
    assert all(alike(before[key], after[key]) for key in before)


@pytest.mark.parametrize(
    ("change", "because"),
    [
        (patch("CLUSTER", "MERGE", {"conect_timeout": "1s"}), "a field that Envoy does not have: conect_timeout"),
        (patch("HTTP_FILTER", "ADD", HEADERS, **CHAINS), "it would stand behind envoy.filters.http.router"),
        (
            patch("CLUSTER", "MERGE", {"transport_socket": {"name": "x"}}),
            "how a transport_socket is merged is not rebuilt",
        ),
        (patch("BOOTSTRAP", "MERGE", {}), "what applies to BOOTSTRAP is not rebuilt"),
        (patch("CLUSTER", "ADD", {"name": REST}), "the proxy has a cluster"),
    ],
)
def test_what_is_not_rebuilt_is_named(change: Json, because: str) -> None:
    what_if = WhatIf(mesh_of("services"), [envoy_filter(change)])
    assert what_if.not_rebuilt
    assert all(because in one.because for one in what_if.not_rebuilt)
    assert what_if.changes == ()


def test_a_removed_cluster_is_gone_and_nothing_tells_what_was_removed() -> None:
    item = envoy_filter(patch("CLUSTER", "REMOVE", context="SIDECAR_OUTBOUND", cluster={"name": REST}))
    what_if = WhatIf(mesh_of("services"), [item])
    assert [(one.change, one.name) for one in what_if.changes] == [(Kind.VANISHES, REST)]
    back = WhatIf(what_if.mesh, [], without=[item.ref])
    assert [(one.decides, one.name) for one in back.not_rebuilt] == [(Reach.CLUSTER, REST)]


def order(what_if: WhatIf) -> list[str]:
    """Of the filters of an inbound manager."""
    body = bodies(what_if.mesh)["sleep-4c000f4388-b71ee.default", LISTENER, "virtualInbound"]
    managers = [each for chain in body["filter_chains"] for each in chain["filters"] if each["name"] == MANAGER]
    return [each["name"] for each in managers[0]["typed_config"]["http_filters"]]


def test_patches_come_by_priority_and_then_by_age() -> None:
    named = {name: patch("HTTP_FILTER", "INSERT_BEFORE", {**HEADERS, "name": name}, **FILTERS) for name in "abc"}
    mesh = mesh_of("services")
    first = WhatIf(mesh, [envoy_filter(named["a"], name="z")])
    later = WhatIf(first.mesh, [envoy_filter(named["b"], name="y", priority=-1)])
    assert later.not_rebuilt == ()
    assert order(later)[-3:] == ["b", "a", ROUTER["name"]]
    last = WhatIf(later.mesh, [envoy_filter(named["c"], name="zz")])
    assert order(last)[-4:] == ["b", "a", "c", ROUTER["name"]]
    other = WhatIf(later.mesh, [envoy_filter(named["b"], name="y", priority=1)])
    assert order(other)[-3:] == ["a", "b", ROUTER["name"]]


def test_one_that_selects_no_proxy_touches_nothing() -> None:
    item = envoy_filter(*ADDED, workloadSelector={"labels": {"app": "nobody"}})
    what_if = WhatIf(mesh_of("services"), [item])
    assert (what_if.changes, what_if.not_rebuilt) == ((), ())
