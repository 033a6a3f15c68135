"""The route configuration of a scope: inline, or by SRDS and RDS."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Path

from ...mesh.meshes import ADMIN, NETWORK, bootstrap, dump, listener, listeners, mesh_of, routes

ROUTER = {"name": "r", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}
RBAC = {"name": "rbac", "typed_config": {
    "@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC", "rules": {"action": "ALLOW"}}}  # fmt: skip
ON_DEMAND = {
    "name": "o",
    "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.on_demand.v3.OnDemand"},
}
BY_HEADER = {"fragments": [{"header_value_extractor": {"name": "x-a", "index": 0}}]}


def answering(name: str, status: int, *domains: str) -> dict[str, Any]:
    route = {"match": {"prefix": "/"}, "direct_response": {"status": status}}
    return {"name": name, "virtual_hosts": [{"name": "v", "domains": domains or ["*"], "routes": [route]}]}


def scope(key: str, **more: Any) -> dict[str, Any]:
    return {"name": f"s-{key}", "key": {"fragments": [{"string_key": key}]}, **more}


def path_of(scoped: dict[str, Any], key: str, *sections: dict[str, Any], filters: tuple[Any, ...] = ()) -> Path:
    config = {"@type": f"{NETWORK}.http_connection_manager.v3.HttpConnectionManager", "http_filters": [*filters, ROUTER],
              "scoped_routes": {"name": "sr", "scope_key_builder": BY_HEADER, **scoped}}  # fmt: skip
    mesh = mesh_of(dump(bootstrap(kind="router"), listeners(listener("l", config)), *sections))
    request = Request(dest="http://a.example/", headers=(("x-a", key),) if key else ())
    (path,) = trace(mesh, request).paths
    return path


def of_srds(*scopes: dict[str, Any], group: str = "sr") -> dict[str, Any]:
    entry = {"name": group, "scoped_route_configs": scopes}
    return {"@type": ADMIN + "ScopedRoutesConfigDump", "dynamic_scoped_route_configs": [entry]}


def code(path: Path) -> int | None:
    return path.response.code if path.response else None


INLINE = {"scoped_route_configurations_list": {"scoped_route_configurations": [
    scope("a", route_configuration=answering("ra", 201)),
    scope("b", route_configuration=answering("rb", 202, "other.example"))]}}  # fmt: skip
SRDS: dict[str, Any] = {"scoped_rds": {"scoped_rds_config_source": {"ads": {}}}}
DELIVERED = of_srds(
    scope("a", route_configuration_name="ra"),
    scope("b", route_configuration_name="gone"),
    scope("c", route_configuration_name="ra", on_demand=True),
    scope("d", route_configuration=answering("rd", 204)),
)
TABLES = routes(answering("ra", 201))


@pytest.mark.parametrize(
    ("key", "status", "table"), [("a", 201, "ra"), ("b", 404, "rb"), ("c", 404, None), ("", 404, None)]
)
def test_an_inline_scope_is_certain(key: str, status: int, table: str | None) -> None:
    path = path_of(INLINE, key)
    assert (code(path), path.hops[0].route_config, path.assuming) == (status, table, ())


def test_the_filters_come_before_the_404() -> None:
    assert code(path_of(INLINE, "c", filters=(RBAC,))) == 403


@pytest.mark.parametrize(("key", "status"), [("a", 201), ("b", 404), ("c", 404), ("d", 204), ("e", 404), ("", 404)])
def test_a_delivered_scope_has_the_table_that_rds_delivered(key: str, status: int) -> None:
    path = path_of(SRDS, key, DELIVERED, TABLES)
    assert (code(path), path.assuming) == (status, ())


def test_an_on_demand_filter_asks_for_what_is_on_demand() -> None:
    assert code(path_of(SRDS, "c", DELIVERED, TABLES, filters=(ON_DEMAND,))) == 201


@pytest.mark.parametrize(("key", "sections"), [("a", (DELIVERED,)), ("b", (DELIVERED,)), ("a", ()), ("e", (TABLES,))])
def test_what_was_not_captured_is_unknown(key: str, sections: tuple[dict[str, Any], ...]) -> None:
    path = path_of(SRDS, key, *sections)
    assert (path.disposition, path.if_passed) == ("unknown", "no_virtual_host")


def test_without_a_key_nothing_of_it_matters() -> None:
    assert code(path_of(SRDS, "")) == 404


def test_scopes_of_another_name_are_not_its_own() -> None:
    others = of_srds(scope("a", route_configuration_name="ra"), group="other")
    assert code(path_of(SRDS, "a", others, TABLES)) == 404


def test_a_builder_that_does_not_read_leaves_everything_open() -> None:
    path = path_of({**INLINE, "scope_key_builder": {"fragments": 7}}, "a")
    assert (path.disposition, path.response) == ("unknown", None)
