"""What is rebuilt of the Gateway API and of Ingresses is what `effect` expects of them, each field of each manifest changed.

The pods are those of a recorded gateway, whose Service a Gateway of the Gateway API names.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec
import pytest

from meshscope.istio.manifest import Object
from meshscope.mesh.mesh import Mesh
from meshscope.overlay.both_sides import is_same
from meshscope.overlay.change import Kind, Reach
from meshscope.overlay.what_if import WhatIf
from tests.effect import recorded
from tests.effect.mutations import other

from ..asking import item, written
from .asking import answers, gateways, not_as_expected

OBJECTS = written((Path(__file__).parent / "objects.yaml").read_text())
REFS = [str(one) for one in OBJECTS]
LEADING_NOWHERE = (" leads there", " is for requests to port 80 alone")
"""A backend that no service is: so the route is written, and so it is in the proxy."""
ROUTES = [ref for ref in REFS if ref.partition(" ")[0] in ("HTTPRoute", "GRPCRoute", "Ingress")]


@cache
def applied() -> Mesh:
    return WhatIf(gateways(), OBJECTS).mesh


def edited(ref: str, change: tuple[tuple[str | int, ...], object]) -> Object:
    old = item(applied(), ref)
    body = msgspec.json.decode(old.body)
    path, value = change
    recorded.at(body, path[:-1])[path[-1]] = value
    (new,) = written(msgspec.json.encode(body).decode())
    return new


def test_all_of_them_would_be_in_effect() -> None:
    what_if = WhatIf(gateways(), OBJECTS)
    assert [str(one) for one in what_if.not_rebuilt] == []
    assert not_as_expected(what_if.mesh, REFS) == []
    assert {one.object.partition(" ")[0] for one in what_if.changes} == {"HTTPRoute", "GRPCRoute", "Ingress"}
    assert "VirtualService" not in "".join(f"{one.object} {one.rule} {one.name}" for one in what_if.changes)


def test_what_is_applied_already_touches_nothing() -> None:
    what_if = WhatIf(applied(), OBJECTS)
    assert (what_if.applied, what_if.changes, what_if.not_rebuilt) == ((), (), ())


@pytest.mark.parametrize("ref", ROUTES)
def test_every_field_of_a_route(ref: str) -> None:
    body = msgspec.json.decode(item(applied(), ref).body)
    for path, value in recorded.leaves(body["spec"], ("spec",)):
        what_if = WhatIf(applied(), [edited(ref, (path, other(value)))])
        if any(one.decides is not Reach.NOWHERE for one in what_if.not_rebuilt):
            continue
        found = not_as_expected(what_if.mesh, REFS)
        wrong = [one for one in found if not one.endswith(LEADING_NOWHERE)]
        assert wrong == [], f"{path}: {value} -> {other(value)}"


@pytest.mark.parametrize("ref", REFS)
def test_an_object_that_is_put_back_leaves_every_answer_as_it_was(ref: str) -> None:
    mesh = applied()
    one = item(mesh, ref)
    gone = WhatIf(mesh, [], without=[one.ref])
    back = WhatIf(gone.mesh, [one])
    assert back.not_rebuilt == ()
    for now, then in zip(answers(WhatIf(mesh, [])), answers(back), strict=True):
        assert is_same(now, then)


def test_a_route_is_put_where_the_gateway_api_wants_it() -> None:
    """By its precedence, in the middle of the other object's."""
    new = written(
        """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: more, namespace: shop}
spec:
  parentRefs: [{name: web, namespace: istio-system}]
  hostnames: [cart.new.example.com]
  rules: [{matches: [{path: {value: /v2/x}}], backendRefs: [{name: catalog, port: 80}]}]
"""
    )
    what_if = WhatIf(applied(), new)
    (made,) = what_if.changes
    assert (made.change, made.object, made.rule) == (Kind.MADE, "HTTPRoute shop/more", "rules[0]")
    assert not_as_expected(what_if.mesh, [*REFS, "HTTPRoute shop/more"]) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ((("spec", "parentRefs", 0, "name"), "none"), "it is attached to nothing: Gateway istio-system/none does not"),
        ((("spec", "parentRefs", 0, "sectionName"), "none"), "Gateway istio-system/web has no listener none"),
        ((("spec", "hostnames", 0), "a.b"), "is for *.new.example.com, which none of a.b is in"),
    ],
)
def test_a_route_that_leads_nowhere_is_told(change: tuple[tuple[str | int, ...], object], words: str) -> None:
    what_if = WhatIf(applied(), [edited("HTTPRoute shop/split", change)])
    assert any(words in str(one) and one.decides is Reach.NOWHERE for one in what_if.not_rebuilt)
    assert {one.change for one in what_if.changes} == {Kind.VANISHES}


def test_a_reference_grant_that_the_input_may_lack_leaves_the_route_unknown() -> None:
    grant = next(one for one in OBJECTS if one.kind == "ReferenceGrant")
    gone = WhatIf(applied(), [], without=[grant.ref])
    unknown = {str(one) for one in gone.not_rebuilt if one.decides is Reach.ROUTES}
    assert unknown == {
        "HTTPRoute shop/split: rules[2]: no ReferenceGrant lets HTTPRoutes of shop lead to Service default/frontend: "
        "requests get 500; this input may lack one"
    }


def test_a_class_that_the_mesh_does_not_take_is_told() -> None:
    ingress = edited("Ingress shop/pay", (("metadata", "annotations", "kubernetes.io/ingress.class"), "nginx"))
    what_if = WhatIf(applied(), [ingress])
    assert [str(one) for one in what_if.not_rebuilt] == [
        "Ingress shop/pay: its class is nginx; the mesh takes istio (ingressClass)"
    ]
    assert {one.change for one in what_if.changes} == {Kind.VANISHES}


HTTPS = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: safe, namespace: istio-system}
spec:
  gatewayClassName: istio
  addresses: [{type: Hostname, value: istio-ingressgateway.istio-system.svc.cluster.local}]
  listeners:
  - name: https
    port: 443
    protocol: HTTPS
    hostname: safe.example.com
    allowedRoutes: {namespaces: {from: All}}
    tls: {certificateRefs: [{name: %s}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: safe, namespace: shop}
spec:
  parentRefs: [{name: safe, namespace: istio-system}]
  rules: [{backendRefs: [{name: cart, port: 80}]}]
"""


def test_a_listener_with_a_certificate_is_a_chain_like_those_of_gateways() -> None:
    what_if = WhatIf(gateways(), written(HTTPS % "shop-cred"))
    assert what_if.not_rebuilt == ()
    assert [(one.what, one.object) for one in what_if.changes] == [
        ("filter chain", "Gateway istio-system/safe"),
        ("route", "HTTPRoute shop/safe"),
    ]
    assert not_as_expected(what_if.mesh, ["Gateway istio-system/safe", "HTTPRoute shop/safe"]) == []
    (unknown,) = WhatIf(gateways(), written(HTTPS % "other")).not_rebuilt
    assert "whether the proxy would have secret kubernetes-gateway://istio-system/other is unknown" in str(unknown)
