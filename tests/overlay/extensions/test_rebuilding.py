"""Plugins that come are what `effect` looks for, stand in one order whatever came first, and are gone when they go."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from meshscope.effect.answer import State
from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import effects
from meshscope.envoy.resource import ECDS, LISTENER
from meshscope.istio.manifest import Object
from meshscope.mesh.mesh import Mesh
from meshscope.overlay.both_sides import is_same
from meshscope.overlay.change import Kind, Reach
from meshscope.overlay.patches.lists import managers
from meshscope.overlay.what_if import WhatIf
from meshscope.simulation.disposition import Disposition

from ...effect import recorded
from ...effect.policies import small_mesh
from ...effect.policies.small_mesh import http_chain, inbound
from ..asking import asked, mesh_of, requests, traced, written

TEXT = """apiVersion: %s
kind: %s
metadata: {name: %s, namespace: %s}
spec: {%s}
"""
MODULE = 'url: "oci://reg.example/x:1", pluginConfig: {a: 1}'
LUA = 'lua: {inlineCode: "function envoy_on_request(h) end"}'
UNLISTED = recorded.without_configz("security")
"""Nothing tells that istiod does not have a new object."""
WORKLOAD = "token-v1-04a6e91073-85304.default"


def plugin(spec: str = MODULE, name: str = "p", namespace: str = "default", kind: str = "WasmPlugin") -> Object:
    (item,) = written(TEXT % ("extensions.istio.io/v1alpha1", kind, name, namespace, spec))
    return item


def policy(rules: str = "rules: [{from: [{source: {namespaces: [default]}}]}]") -> Object:
    (item,) = written(TEXT % ("security.istio.io/v1", "AuthorizationPolicy", "more", "lax", rules))
    return item


def bodies(mesh: Mesh) -> dict[tuple[str, str, str], Any]:
    return {
        (proxy.name, kind, resource.name): msgspec.json.decode(resource.canonical())
        for proxy in mesh.proxies
        for kind in (LISTENER, ECDS)
        for resource in proxy.resources(kind)
    }


def filters(mesh: Mesh, proxy: str, listener: str = "virtualInbound") -> list[list[str]]:
    """Names, of each connection manager."""
    body = bodies(mesh)[proxy, LISTENER, listener]
    return [[one["name"].rpartition("/")[2] for one in each["http_filters"]] for _, each in managers(body)]


PLUGINS = [
    plugin(namespace="istio-system"),
    plugin(f"{MODULE}, phase: AUTHN"),
    plugin(f"{MODULE}, phase: AUTHZ, failStrategy: FAIL_OPEN, pluginName: root"),
    plugin(f"{MODULE}, match: [{{mode: SERVER}}]", namespace="istio-system"),
    plugin(f"phase: STATS, wasm: {{{MODULE}}}", kind="TrafficExtension"),
    plugin(f"phase: AUTHZ, {LUA}", kind="TrafficExtension"),
]


@pytest.mark.parametrize("item", PLUGINS, ids=str)
def test_a_plugin_is_what_effect_looks_for_and_gone_when_it_goes(item: Object) -> None:
    there = WhatIf(UNLISTED, [item])
    assert there.not_rebuilt == ()
    assert {one.change for one in there.changes} == {Kind.MADE}
    configuration = Configuration(there.mesh)
    found = effects(configuration, item, configuration.clients)
    told = {one.proxy for one in there.changes}
    assert {one.proxy for one in found if one.state is State.IN_EFFECT} == told
    assert {one.state for one in found if one.proxy not in told} <= {State.NOT_IN_EFFECT}
    gone = WhatIf(there.mesh, [], without=[item.ref])
    assert gone.not_rebuilt == ()
    assert len(gone.changes) == len(there.changes)
    assert bodies(gone.mesh) == bodies(UNLISTED)


@pytest.mark.parametrize("name", ["bookinfo", "gateways"])
def test_every_answer_is_as_before_when_it_went(name: str) -> None:
    mesh, item = mesh_of(name), plugin(namespace="istio-system")
    there = WhatIf(mesh, [item])
    gone = WhatIf(there.mesh, [], without=[item.ref])
    some = list(requests(mesh))[:12]
    assert any(not is_same(traced(mesh, one), traced(there.mesh, one)) for one in some)
    assert all(is_same(traced(mesh, one), traced(gone.mesh, one)) for one in some)


ONE = "selector: {matchLabels: {app: details}}"


def test_what_a_module_does_is_unknown_by_its_name() -> None:
    what_if = WhatIf(mesh_of("bookinfo"), [plugin(f"{MODULE}, {ONE}, match: [{{mode: SERVER}}]")])
    before, after = asked(what_if, "productpage", "details")
    assert before.is_well
    assert {(path.disposition, path.if_passed) for path in after.paths} == {
        (Disposition.UNKNOWN, Disposition.DELIVERED)
    }
    (word,) = after.paths[0].assuming
    assert word.startswith("extensions.istio.io/wasmplugin/default.p (envoy.extensions.filters.http.wasm.v3.Wasm)")
    before, after = asked(what_if, "details", "http://reviews:9080/")  # its match is for what it receives
    assert is_same(before, after)


@pytest.mark.parametrize(
    ("item", "is_idle"),
    [
        (plugin(f"{MODULE}, selector: {{matchLabels: {{app: nobody}}}}"), True),
        (plugin(namespace="elsewhere"), False),
        (plugin("phase: AUTHN", kind="TrafficExtension"), True),
        (plugin('lua: {inlineCode: ""}', kind="TrafficExtension"), False),
    ],
    ids=["another workload", "another namespace", "neither Wasm nor Lua", "no code"],
)
def test_a_plugin_for_nobody_changes_nothing(item: Object, *, is_idle: bool) -> None:
    what_if = WhatIf(UNLISTED, [item])
    assert (what_if.changes, what_if.mesh.proxies) == ((), UNLISTED.proxies)
    assert {one.decides for one in what_if.not_rebuilt} <= {Reach.NOTHING, Reach.REQUESTS}
    assert bool(what_if.idle) is is_idle or not is_idle


@pytest.mark.parametrize(
    ("spec", "because"),
    [
        (f"{MODULE}, {ONE}, match: [{{ports: [{{number: 9080}}]}}]", "its match names ports"),
        (f"{MODULE}, {ONE}, type: NETWORK", "a plugin for connections (type NETWORK) is not rebuilt"),
    ],
)
def test_what_is_not_known_is_told_and_decides(spec: str, because: str) -> None:
    what_if = WhatIf(mesh_of("bookinfo"), [plugin(spec)])
    assert what_if.changes == ()
    assert {(one.object, one.decides) for one in what_if.not_rebuilt} == {("WasmPlugin default/p", Reach.REQUESTS)}
    assert all(one.because.startswith(because) for one in what_if.not_rebuilt)
    before, after = asked(what_if, "productpage", "details")
    assert {path.disposition for path in after.paths} == {Disposition.UNKNOWN}
    before, after = asked(what_if, "productpage", "reviews")
    assert is_same(before, after)


def test_filters_stand_in_one_order_whatever_came_first() -> None:
    mesh = UNLISTED
    some = [
        plugin(f"{MODULE}, phase: STATS", "s", "lax"),
        plugin(f"{MODULE}, phase: AUTHZ", "z", "lax"),
        plugin(f"{MODULE}, phase: AUTHZ, priority: 3", "a", "lax"),
        policy(),
    ]
    at_once = WhatIf(mesh, some).mesh
    one_by_one = mesh
    for item in reversed(some):
        one_by_one = WhatIf(one_by_one, [item]).mesh
    forward = mesh
    for item in some:
        forward = WhatIf(forward, [item]).mesh
    proxy = next(one.name for one in mesh.proxies if one.name.startswith("relaxed"))
    wanted = ["lax.a", "lax.z", "envoy.filters.http.rbac", "lax.s", "envoy.filters.http.grpc_stats"]
    assert {tuple(each[:5]) for each in filters(at_once, proxy)} == {tuple(wanted)}
    assert bodies(at_once) == bodies(one_by_one) == bodies(forward)


def test_a_changed_plugin_is_told_field_by_field() -> None:
    there = WhatIf(UNLISTED, [plugin(f"{MODULE}, phase: AUTHN")])
    new = plugin('url: "oci://reg.example/x:2", pluginConfig: {a: 2}, failStrategy: FAIL_OPEN, phase: AUTHZ')
    changed = WhatIf(there.mesh, [new])
    assert changed.not_rebuilt == ()
    (one,) = changed.changes
    assert (one.change, one.proxy) == (Kind.CHANGED, WORKLOAD)
    assert [each.field for each in one.differences] == [
        "filter order", "config.failure_policy", "config.configuration", "config.vm_config.code",
    ]  # fmt: skip
    assert bodies(changed.mesh) == bodies(WhatIf(UNLISTED, [new]).mesh)


def test_lua_that_becomes_wasm_is_a_reference() -> None:
    lua, wasm = (plugin(spec, kind="TrafficExtension") for spec in (LUA, f"wasm: {{{MODULE}}}"))
    there = WhatIf(UNLISTED, [lua])
    assert bodies(WhatIf(there.mesh, [wasm]).mesh) == bodies(WhatIf(UNLISTED, [wasm]).mesh)
    back = WhatIf(WhatIf(there.mesh, [wasm]).mesh, [lua])
    assert bodies(back.mesh) == bodies(there.mesh)


def test_a_filter_that_is_not_where_istiod_puts_it_is_not_foretold() -> None:
    item = plugin(f"{MODULE}, phase: AUTHN", namespace="shop")
    reference = {"name": "extensions.istio.io/wasmplugin/shop.p", "config_discovery": {}}
    around = [{"name": f"envoy.filters.http.{name}"} for name in ("fault", "router")]
    body = msgspec.json.decode(item.body)
    for chain, is_known in (([reference, *around], True), ([around[0], reference, around[1]], False), (around, False)):
        mesh = small_mesh.mesh(small_mesh.proxy(inbound(http_chain(*chain))), body)
        gone = WhatIf(mesh, [], without=[item.ref])
        assert bool(gone.changes) is is_known
        assert [one.decides for one in gone.not_rebuilt] == ([] if is_known else [Reach.LISTENER])
