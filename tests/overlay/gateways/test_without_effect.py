"""What would do nothing, and what is not known, of objects on a gateway that istiod runs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from meshscope.istio.manifest import Object, read_objects
from meshscope.location import Document
from meshscope.overlay.change import Reach
from meshscope.overlay.what_if import WhatIf
from tests.effect.gateway_api.small_mesh import (
    cluster,
    envoy_route,
    gateway,
    gateway_dump,
    http,
    mesh,
    prefix,
    route,
    rule,
    sidecar_dump,
    virtual_host,
)

from ...mesh.meshes import captured, mesh_of

Json = Any
DUMP = gateway_dump(virtual_host("a.example", envoy_route(prefix("/x")), envoy_route(prefix("/"), "shop.r.1")))
DEFAULT = {"name": "default", "match": {"prefix": "/"}, "route": {"cluster": cluster("a")}}
SIDECAR = sidecar_dump({**virtual_host("a.shop.svc.cluster.local", DEFAULT)})
MESH = mesh(DUMP, SIDECAR, objects=[gateway(), route(rule("/x"), rule("/"))])
B = {"name": "b", "port": 80}
SELECTED = {"namespaces": {"from": "Selector", "selector": {"matchLabels": {"a": "b"}}}}
CERTIFICATE = {
    "name": "s",
    "port": 443,
    "protocol": "HTTPS",
    "tls": {"certificateRefs": [{"name": "c", "namespace": "x"}]},
}
POOL = {"group": "inference.networking.k8s.io", "kind": "InferencePool", "name": "p"}


def applied(*items: Json) -> WhatIf:
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(items)})
    found: tuple[Object, ...] = read_objects(Document.of("applied.json", text.encode()))[0]
    return WhatIf(MESH, found)


@pytest.mark.parametrize(
    ("objects", "reach", "words"),
    [
        (
            [gateway(http(), http(name="more", port=8080))],
            Reach.LISTENER,
            "listeners[1]: no Service of the Gateway has",
        ),
        ([gateway(http(), CERTIFICATE)], Reach.LISTENER, "listeners[1]: no ReferenceGrant lets it use Secret x/c"),
        ([gateway(http(allowedRoutes=SELECTED))], Reach.REQUESTS, "HTTPRoute shop/r: parentRefs[0]: listener http"),
        ([gateway(gatewayClassName="nginx")], Reach.REQUESTS, "its class nginx is none of istiod's, nor in this input"),
        ([route(rule("/z", to=[POOL]), name="z")], Reach.ROUTES, "InferencePool shop/p is not in this input"),
        ([route(rule("/z"), name="z", parentRefs=[{"name": "no"}])], Reach.NOWHERE, "it is attached to nothing"),
        ([gateway(name="other")], Reach.NOTHING, "istiod runs pods for it, and none of them is in this input"),
    ],
)
def test_what_is_not_rebuilt_says_why(objects: list[Json], reach: Reach, words: str) -> None:
    what_if = applied(*objects)
    assert {(one.decides, words in str(one)) for one in what_if.not_rebuilt} == {(reach, True)}


def test_near_misses_are_rebuilt() -> None:
    """A port that the Service has, a backend of the own namespace, a host that the route has."""
    more = gateway(http(), http(name="more", port=9000))
    route_ = route(rule("/y", to=[B]), name="q", parentRefs=[{"name": "web", "sectionName": "more"}])
    what_if = applied(more, route_)
    assert what_if.not_rebuilt == ()
    told = [(one.change.value, one.what, f"{one.object} {one.rule}") for one in what_if.changes]
    assert told[0] == ("made", "listener", "Gateway shop/web listeners[1]")
    assert ("made", "route", "HTTPRoute shop/q rules[0]") in told
    assert (applied(gateway(http("*.example"))).changes, applied(gateway(http("*.example"))).not_rebuilt) == ((), ())


def test_a_route_of_the_mesh_is_one_of_the_sidecars() -> None:
    parent = {"group": "", "kind": "Service", "name": "a"}
    to = [{"name": "a", "port": 80, "weight": 1}, {**B, "weight": 3}]
    what_if = applied(route(rule(to=to), name="m", parentRefs=[parent], hostnames=None))
    (change,) = what_if.changes
    assert (change.proxy, change.object, change.rule) == ("client-1.shop", "HTTPRoute shop/m", "rules[0]")
    assert {each.field for each in change.differences} >= {"owner", "route.cluster"}


def test_a_rule_in_front_leaves_the_others_as_they_are() -> None:
    """Their names are numbers, which are others then, and nothing else is."""
    what_if = applied(route(rule("/new", to=[B]), rule("/x"), rule("/")))
    assert [(one.change.value, one.rule) for one in what_if.changes] == [("made", "rules[0]")]


def test_a_port_that_is_open_is_open_whatever_is_not_known() -> None:
    """No Service is in the input, and port 80 is one that a pod may not open by itself."""
    objects = [one for one in MESH.objects if one.kind != "Service"]
    alone = mesh_of(DUMP, captured("objects.json", {"apiVersion": "v1", "kind": "List", "items": []})).overlay(objects)
    text = json.dumps(route(rule("/new", to=[B]), rule("/x"), rule("/")))
    what_if = WhatIf(alone, read_objects(Document.of("applied.json", text.encode()))[0])
    assert [(one.change.value, one.rule) for one in what_if.changes] == [("made", "rules[0]")]
    text = json.dumps(gateway(http("*.example")))
    assert WhatIf(alone, read_objects(Document.of("applied.json", text.encode()))[0]).not_rebuilt == ()
