"""Rules for services that are reached through a waypoint: in their chains, and in no others."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from meshscope.effect.answer import State
from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import effects
from meshscope.envoy.resource import LISTENER
from meshscope.istio.manifest import Object
from meshscope.mesh.mesh import Mesh
from meshscope.overlay.change import Kind, Reach
from meshscope.overlay.what_if import WhatIf

from ...effect.http_routes.test_waypoint_places import USES, VIP, service, table, waypoint
from ...mesh.meshes import captured, mesh_of
from ..asking import written

RULES = """apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: %s, namespace: %s}
spec: {hosts: [%s.shop.svc.cluster.local], %s}
"""
HTTP = "http: [{name: tea, match: [{uri: {prefix: /tea}}], timeout: 3s, route: [{destination: {host: %s}}]}]"


def default(name: str) -> dict[str, Any]:
    """What istiod makes of a service without any rule."""
    return {
        "name": "default",
        "match": {"prefix": "/"},
        "decorator": {"operation": f"{name}.shop.svc.cluster.local:80/*"},
        "route": {"cluster": VIP.format(name), "timeout": "0s"},
    }


def mesh(*objects: Any, names: str = "ab") -> Mesh:
    services = [service("a", USES), service("b", USES), service("c")]
    tables = (table(default(name), service=name) for name in names)
    items = captured("o.json", {"apiVersion": "v1", "kind": "List", "items": [*services, *objects]})
    return mesh_of(waypoint(*tables), items)


def rules(spec: str = HTTP % "b", host: str = "a", name: str = "vs", namespace: str = "shop") -> Object:
    (item,) = written(RULES % (name, namespace, host, spec))
    return item


def routes(one: Mesh, number: int = 0) -> list[dict[str, Any]]:
    (proxy,) = one.proxies
    resource = proxy.resource(LISTENER, "main_internal")
    assert resource is not None
    chain = msgspec.json.decode(resource.canonical())["filter_chains"][number]
    found: list[dict[str, Any]] = chain["filters"][0]["typed_config"]["route_config"]["virtual_hosts"][0]["routes"]
    return found


def test_rules_that_come_are_what_effect_looks_for_and_gone_when_they_go() -> None:
    today, item = mesh(), rules()
    there = WhatIf(today, [item])
    assert [one for one in there.not_rebuilt if one.decides is not Reach.CLUSTER] == []
    assert {one.change for one in there.changes} == {Kind.CHANGED}
    (route,) = routes(there.mesh)
    assert (route["route"]["cluster"], route["route"]["timeout"]) == (VIP.format("b"), "3s")
    assert route["decorator"] == {"operation": "b.shop.svc.cluster.local:80/tea*"}
    configuration = Configuration(there.mesh)
    (found,) = effects(configuration, item, configuration.clients)
    assert found.state is State.IN_EFFECT
    gone = WhatIf(there.mesh, [], without=[item.ref])
    assert gone.not_rebuilt == ()
    assert [routes(gone.mesh, number) for number in (0, 1)] == [routes(today, number) for number in (0, 1)]


@pytest.mark.parametrize("item", [rules(host="c"), rules(namespace="other")], ids=["service", "namespace"])
def test_rules_for_others_change_nothing(item: Object) -> None:
    today = mesh()
    what_if = WhatIf(today, [item])
    assert what_if.changes == ()
    assert all(one.decides in (Reach.NOWHERE, Reach.NOTHING) for one in what_if.not_rebuilt)
    assert routes(what_if.mesh) == routes(today)


@pytest.mark.parametrize(
    ("item", "because"),
    [
        (rules(name="second"), "a waypoint takes is not modelled"),
        (rules("tcp: [{route: [{destination: {host: b}}]}]", name="second"), "tls and tcp rules at a waypoint"),
    ],
)
def test_what_is_not_known_is_told(item: Object, because: str) -> None:
    first = WhatIf(mesh(), [rules()]).mesh
    what_if = WhatIf(first, [item])
    assert any(because in one.because for one in what_if.not_rebuilt)
    assert routes(what_if.mesh) == routes(first)


def test_a_service_without_any_like_it_is_told() -> None:
    there = WhatIf(mesh(names="a"), [rules(HTTP % "a")])
    gone = WhatIf(there.mesh, [], without=[rules().ref])
    assert ["no other service" in one.because for one in gone.not_rebuilt] == [True]
    assert routes(gone.mesh) == routes(there.mesh)


@pytest.mark.parametrize(("name", "is_told"), [("a", True), ("c", False)])
def test_a_service_that_is_not_reached_through_it_is_none_of_its_concern(name: str, *, is_told: bool) -> None:
    text = "apiVersion: v1\nkind: Service\nmetadata: {name: %s, namespace: shop}\nspec: {ports: [{port: 81, name: http}]}\n"
    what_if = WhatIf(mesh(), written(text % name))
    assert bool([one for one in what_if.not_rebuilt if one.decides is Reach.REQUESTS]) is is_told


@pytest.mark.parametrize(("host", "is_told"), [("a", True), ("c", False), ("zz", False)])
def test_a_destination_rule_for_another_service_leaves_it_alone(host: str, *, is_told: bool) -> None:
    text = "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: dr, namespace: shop}\n"
    what_if = WhatIf(mesh(), written(text + f"spec: {{host: {host}, trafficPolicy: {{tls: {{mode: DISABLE}}}}}}\n"))
    assert ["clusters of a waypoint" in one.because for one in what_if.not_rebuilt] == ([True] if is_told else [])
