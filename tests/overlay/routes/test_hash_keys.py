"""Keys of consistent hashes: as a real istiod wrote them, and other ones where a DestinationRule asks for another."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import effects
from meshscope.mesh.mesh import Mesh
from meshscope.overlay.change import Reach
from meshscope.overlay.what_if import WhatIf

from ..asking import edited, item, mesh_of
from .test_route_body import routes

REST = "rest.team-a.svc.cluster.local"

MESH = mesh_of("services")
RULES = [str(one) for one in MESH.objects if one.kind == "DestinationRule"]


def balanced(**hash_: Any) -> dict[str, Any]:
    return {"loadBalancer": {"consistentHash": hash_}}


def keys(mesh: Mesh) -> set[str]:
    found = (
        route["route"].get("hash_policy")
        for (_, name), table in routes(mesh).items()
        for host in table["virtual_hosts"]
        for route in host["routes"]
        if name == "80" and host["name"].startswith(REST)
    )
    return {str(one) for one in found}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_that_goes_and_comes_back_leaves_every_route_as_it_was(name: str) -> None:
    one = item(MESH, name)
    without = WhatIf(MESH, [], without=[one.ref])
    assert routes(WhatIf(without.mesh, [one]).mesh) == routes(MESH)


def hashing_rule() -> str:
    found = [name for name in RULES if keys(WhatIf(MESH, [], without=[item(MESH, name).ref]).mesh) != keys(MESH)]
    (only,) = found
    return only


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ({"httpHeaderName": "x-other"}, {"header": {"header_name": "x-other"}}),
        ({"httpQueryParameterName": "q"}, {"query_parameter": {"name": "q"}}),
        ({"useSourceIp": True}, {"connection_properties": {"source_ip": True}}),
        (
            {"httpCookie": {"name": "c", "path": "/p", "ttl": "60s"}},
            {"cookie": {"name": "c", "path": "/p", "ttl": "60s"}},
        ),
    ],
    ids=["header", "query", "address", "cookie"],
)
def test_another_key_is_in_the_routes_and_what_effect_looks_for(asked: dict[str, Any], key: dict[str, Any]) -> None:
    name = hashing_rule()
    what_if = WhatIf(MESH, [edited(MESH, name, trafficPolicy=balanced(**asked))])
    assert what_if.not_rebuilt == ()
    assert keys(what_if.mesh) == {str([key])}
    told = {each.field for one in what_if.changes for each in one.differences if one.what == "route"}
    assert told == {"route.hash_policy"}
    configuration = Configuration(what_if.mesh)
    found = effects(configuration, item(what_if.mesh, name), configuration.clients)
    assert not [each for one in found for each in one.differences if "hash_policy" in each.field]


def test_another_setting_leaves_the_keys() -> None:
    name = hashing_rule()
    policy = balanced(httpHeaderName="x-user") | {"connectionPool": {"tcp": {"maxConnections": 7}}}
    what_if = WhatIf(MESH, [edited(MESH, name, trafficPolicy=policy)])
    assert keys(what_if.mesh) == keys(MESH)
    assert {one.what for one in what_if.changes} == {"cluster"}


@pytest.mark.parametrize(
    "asked",
    [{"httpCookie": {"name": "c", "attributes": [{"name": "SameSite", "value": "Lax"}]}}],
)
def test_what_is_not_known_is_told(asked: dict[str, Any]) -> None:
    what_if = WhatIf(MESH, [edited(MESH, hashing_rule(), trafficPolicy=balanced(**asked))])
    assert keys(what_if.mesh) == keys(MESH)
    assert {one.decides for one in what_if.not_rebuilt} == {Reach.NOTHING}
    assert all("attributes of the cookie" in one.because for one in what_if.not_rebuilt)


def of_port(number: int) -> dict[str, Any]:
    return {"portLevelSettings": [{"port": {"number": number}, **balanced(httpHeaderName="x-port")}]}


def test_a_port_s_own_key_is_that_of_routes_without_a_rule() -> None:
    what_if = WhatIf(MESH, [edited(MESH, hashing_rule(), trafficPolicy=of_port(80))])
    assert keys(what_if.mesh) == {str([{"header": {"header_name": "x-port"}}])}
    assert what_if.not_rebuilt == ()


def test_a_port_s_own_key_of_a_rule_is_told() -> None:
    name = next(name for name in RULES if name.endswith("/app"))
    what_if = WhatIf(MESH, [edited(MESH, name, trafficPolicy=of_port(8081))])
    assert routes(what_if.mesh) == routes(MESH)
    told = {one.because.rpartition(": ")[2] for one in what_if.not_rebuilt if one.because.startswith("consistentHash")}
    assert told == {
        "whether its key is that of a port's own settings, which count where a route names the port, is not known"
    }
