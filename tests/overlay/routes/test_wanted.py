"""Which VirtualService a sidecar would take, with what is known of their ages."""

from __future__ import annotations

import pytest

from meshscope.mesh.mesh import Mesh
from meshscope.overlay.what_if import WhatIf
from tests.effect import recorded
from tests.overlay.asking import edited, mesh_of, written

SERVICE = "ratings.default.svc.cluster.local"


def rule(name: str, host: str, namespace: str = "default", extra: str = "") -> str:
    return (
        f"apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {{name: {name}, namespace: {namespace}}}\n"
        f"spec:\n  hosts: ['{host}']\n{extra}  http: [{{name: {name}, route: [{{destination: {{host: {SERVICE}}}}}]}}]\n---\n"
    )


def routes_of_ratings(what_if: WhatIf, proxy: str) -> list[str]:
    found = [one for one in what_if.mesh.proxies if one.name.startswith(proxy)]
    (table,) = [one for one in found[0].route_tables() if one.name == "9080"]
    from meshscope.mesh.virtual_hosts import virtual_hosts
    from meshscope.xds.route import VirtualHost

    hosts = [one for one in virtual_hosts(table) if isinstance(one, VirtualHost) and one.name.startswith("ratings")]
    return [route.name for route in hosts[0].routes]


@pytest.fixture
def mesh() -> Mesh:
    """Where no VirtualService has ratings."""
    one = next(each for each in mesh_of("bookinfo").objects if str(each) == "VirtualService default/ratings")
    return WhatIf(mesh_of("bookinfo"), [], without=[one.ref]).mesh


def test_the_closest_host_comes_before_the_age(mesh: Mesh) -> None:
    what_if = WhatIf(mesh, written(rule("a-wild", "*.default.svc.cluster.local") + rule("b-exact", SERVICE)))
    assert routes_of_ratings(what_if, "productpage") == ["b-exact"]


def test_a_private_one_comes_before_a_public_one(mesh: Mesh) -> None:
    own = rule("b-own", SERVICE, extra="  exportTo: ['.']\n")
    what_if = WhatIf(mesh, written(rule("a-public", SERVICE) + own))
    assert routes_of_ratings(what_if, "productpage") == ["b-own"]


def test_of_two_new_ones_the_name_decides(mesh: Mesh) -> None:
    what_if = WhatIf(mesh, written(rule("b", SERVICE) + rule("a", SERVICE)))
    assert routes_of_ratings(what_if, "productpage") == ["a"]
    assert what_if.not_rebuilt == ()


def test_one_that_is_exported_elsewhere_is_not_there(mesh: Mesh) -> None:
    what_if = WhatIf(mesh, written(rule("a", SERVICE, extra="  exportTo: ['~']\n")))
    assert what_if.changes == ()


def test_a_rule_for_another_gateway_alone_makes_no_route(mesh: Mesh) -> None:
    what_if = WhatIf(mesh, written(rule("a", SERVICE, extra="  gateways: [public]\n")))
    assert [one for one in what_if.changes if "productpage" in one.proxy] == []


def test_where_no_age_is_known_the_proxy_tells_who_has_the_host() -> None:
    """The object that a proxy has stays before one of unknown age."""
    mesh = recorded.without_configz("gateways")
    what_if = WhatIf(mesh, [edited(mesh, "VirtualService shop/edge-cart", http=[{"name": "new", "route": [
        {"destination": {"host": "cart.shop.svc.cluster.local"}}]}])])  # fmt: skip
    assert what_if.not_rebuilt == ()
    assert {one.name.rpartition(" ")[2] for one in what_if.changes} == {"new"}
