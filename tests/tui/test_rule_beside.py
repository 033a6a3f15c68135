from __future__ import annotations

from typing import Any

import pytest

from meshscope.listing.describe import Description, describe
from meshscope.listing.registry import kind_named
from meshscope.listing.selection import Selection
from meshscope.mesh.mesh import Mesh
from meshscope.tui.rule_beside import destination_of, line_of, rule_of
from meshscope.tui.text.forms import Form, text_of

from ..mesh.meshes import bootstrap, dump, manifest, mesh_of, recorded, routes

MESH = recorded("bookinfo")
REVIEWS = "9080/reviews.default.svc.cluster.local:9080"
OWNER = {"istio": {"config": "/apis/networking.istio.io/v1/namespaces/shop/virtual-service/v"}}
Rules = list[dict[str, Any]]
ANY, JASON = {"prefix": "/"}, {"prefix": "/j"}


def described(mesh: Mesh, kind: str, name: str, proxy: str = "") -> Description:
    found = describe(mesh, kind_named(kind, mesh), Selection(proxy=proxy, name=name))
    assert found is not None
    return found


@pytest.mark.parametrize(("index", "rule"), [(0, "- name: jason"), (1, "- name: canary")])
def test_a_named_rule_is_found_in_the_text_as_it_is_written(index: int, rule: str) -> None:
    thing = described(MESH, "routes", f"{REVIEWS}/{index}", "productpage")
    owner = described(MESH, "virtualservice", "reviews.default")
    path = rule_of(MESH, thing, owner)
    assert path == ("spec", "http", index)
    for form in Form:
        text = text_of(owner, form)
        line = line_of(text, owner, path)
        assert line is not None
        assert rule.strip("- ").partition(": ")[2] in text.lines[line] + text.lines[line + 1]


def test_a_subset_is_found_and_a_cluster_without_one_has_no_part() -> None:
    owner = described(MESH, "destinationrule", "reviews.default")
    cluster = "outbound|9080|{}|reviews.default.svc.cluster.local"
    path = rule_of(MESH, described(MESH, "clusters", cluster.format("v3"), "productpage"), owner)
    assert path is not None
    assert owner.object["spec"]["subsets"][path[-1]]["name"] == "v3"
    assert rule_of(MESH, described(MESH, "clusters", cluster.format(""), "productpage"), owner) is None


def shop(*made: tuple[str, dict[str, Any]], http: Rules) -> Mesh:
    """A virtual host of routes by name and match, and the manifest that they came from."""
    bodies = [
        {"name": name, "match": match, "route": {"cluster": "c"}, "metadata": {"filter_metadata": OWNER}}
        for name, match in made
    ]
    table = {"name": "80", "virtual_hosts": [{"name": "h", "domains": ["*"], "routes": bodies}]}
    return mesh_of(dump(bootstrap(), routes(table)), manifest_document(http))


def manifest_document(http: Rules) -> Any:
    from ..mesh.meshes import captured

    return captured("v.json", manifest("VirtualService", "v", "networking.istio.io", spec={"http": http}))


def part(mesh: Mesh, index: int) -> object:
    return rule_of(mesh, described(mesh, "routes", f"80/h/{index}"), described(mesh, "virtualservice", "v.shop"))


def test_rules_without_names_are_told_apart_by_their_place() -> None:
    http: Rules = [{"match": [{"uri": {}}, {"uri": {}}]}, {"match": [{"uri": {}}]}, {}]
    mesh = shop(("", JASON), ("", JASON), ("", JASON), ("", ANY), http=http)
    assert [part(mesh, index) for index in range(4)] == [
        ("spec", "http", 0, "match", 0),
        ("spec", "http", 0, "match", 1),
        ("spec", "http", 1),
        ("spec", "http", 2),
    ]


def test_a_rule_behind_one_without_a_match_made_no_route() -> None:
    mesh = shop(("", ANY), http=[{}, {"match": [{}]}])
    assert part(mesh, 0) == ("spec", "http", 0)


def test_where_the_routes_are_not_those_of_the_rules_no_rule_is_named() -> None:
    mesh = shop(("", ANY), http=[{"match": [{"gateways": ["a"]}]}, {}])
    assert part(mesh, 0) is None


def test_the_names_of_rule_and_match_are_joined() -> None:
    http: Rules = [{"name": "r", "match": [{"name": "a"}, {"name": "b"}]}, {"name": "r2"}]
    mesh = shop(("r.b", JASON), ("r2", ANY), http=http)
    assert part(mesh, 0) == ("spec", "http", 0, "match", 1)
    assert part(mesh, 1) == ("spec", "http", 1)


@pytest.mark.parametrize(("subset", "place"), [("v1", 0), ("v3", 1)])
def test_a_weighted_cluster_is_its_own_destination(subset: str, place: int) -> None:
    thing = described(MESH, "routes", f"{REVIEWS}/1", "productpage")
    owner = described(MESH, "virtualservice", "reviews.default")
    path = rule_of(MESH, thing, owner)
    assert path == ("spec", "http", 1)
    cluster = f"outbound|9080|{subset}|reviews.default.svc.cluster.local"
    at = destination_of(path, thing, owner, cluster)
    assert at == (*path, "route", place)
    line = line_of(text_of(owner, Form.YAML), owner, at)
    assert line is not None
    assert any(f"subset: {subset}" in text for text in text_of(owner, Form.YAML).lines[line : line + 4])


def test_a_cluster_that_the_route_does_not_name_leads_to_the_rule() -> None:
    thing = described(MESH, "routes", f"{REVIEWS}/1", "productpage")
    owner = described(MESH, "virtualservice", "reviews.default")
    rule = ("spec", "http", 1)
    assert destination_of(rule, thing, owner, "outbound|9080|v9|reviews.default.svc.cluster.local") == rule
