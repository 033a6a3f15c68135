"""What a connection manager does of a request as a whole; each row was seen on a real Envoy 1.40 (tests/oracle)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from meshscope.simulation.journey.simulator import Simulator
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Path
from tests.mesh import meshes
from tests.mesh.meshes import NETWORK, dump, listeners, mesh_of, static

HTTP = "type.googleapis.com/envoy.extensions.filters.http"
RBAC = {"name": "rbac", "typed_config": {"@type": f"{HTTP}.rbac.v3.RBAC", "rules": {"action": "ALLOW"}}}
ROUTER = {"name": "router", "typed_config": {"@type": f"{HTTP}.router.v3.Router"}}
OFF = {"@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", "disabled": True}
SAYS_OFF = {"typed_per_filter_config": {"rbac": OFF}}


HERE: dict[str, Any] = {"to": "10.0.0.1:80", "listener": "http", "authority": "shop.example", "path": "/"}


def simulator(table: dict[str, Any], *filters: dict[str, Any], clusters: Sequence[dict[str, Any]] = ()) -> Simulator:
    manager = {
        "@type": f"{NETWORK}.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "http",
        "route_config": {"name": "table", **table},
        "http_filters": [*filters, ROUTER],
    }
    listener = {
        "name": "http",
        "address": {"socket_address": {"address": "10.0.0.1", "port_value": 80}},
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    }
    return Simulator(mesh_of(dump(listeners(listener), meshes.clusters(*clusters))))


def asked(url: str, table: dict[str, Any], *filters: dict[str, Any], headers: tuple[tuple[str, str], ...] = ()) -> Path:
    asking = simulator(table, *filters)
    (path,) = asking.trace(Request(dest=url, to="10.0.0.1:80", listener="http", headers=headers)).paths
    return path


def table(**more: Any) -> dict[str, Any]:
    answers = {"name": "x", "match": {"path": "/x"}, "direct_response": {"status": 200}}
    return {"virtual_hosts": [{"name": "shop", "domains": ["shop.example"], "routes": [answers], **more}]}


@pytest.mark.parametrize("level", ["virtual host", "table"])
@pytest.mark.parametrize(
    ("url", "disposition"),
    [
        ("http://shop.example/x", "direct_response"),
        ("http://shop.example/y", "denied"),
        ("http://other.example/x", "denied"),
    ],
)
def test_only_with_a_route_do_virtual_host_and_table_say_something_to_filters(
    url: str, disposition: str, level: str
) -> None:
    said = table(**SAYS_OFF) if level == "virtual host" else table() | SAYS_OFF
    assert asked(url, said, RBAC).disposition == disposition


def test_a_redirect_to_tls_is_no_route_either() -> None:
    assert asked("http://shop.example/x", table(require_tls="ALL", **SAYS_OFF), RBAC).disposition == "denied"
    assert asked("http://shop.example/x", table(require_tls="ALL", **SAYS_OFF)).disposition == "redirect"


@pytest.mark.parametrize(
    ("kind", "code"), [("application/grpc", 200), ("application/grpc+proto", 200), ("application/grpc-web", 404)]
)
def test_what_envoy_answers_to_grpc_is_logged_as_200(kind: str, code: int) -> None:
    for url in ("http://shop.example/y", "http://other.example/x"):
        path = asked(url, table(), headers=(("content-type", kind),))
        assert path.response is not None
        assert (path.response.code, path.response.flags) == (code, "NR")


def by_tree(name: str) -> dict[str, Any]:
    route = {"@type": "type.googleapis.com/envoy.config.route.v3.Route", "match": {"prefix": "/"}}
    answer = {**route, "direct_response": {"status": 418 if name == "tea" else 200}}
    return {"action": {"name": name, "typed_config": answer}}


def test_each_leaf_of_a_matcher_tree_keeps_its_own_route() -> None:
    agent = {"@type": "type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput", "header_name": "x-drink"}
    tree = {
        "matcher_tree": {
            "input": {"name": "h", "typed_config": agent},
            "exact_match_map": {"map": {"tea": by_tree("tea")}},
        },
        "on_no_match": by_tree("other"),
    }
    asking = simulator({"virtual_hosts": [{"name": "shop", "domains": ["*"], "matcher": tree}]})
    requests = [Request(**HERE, headers=(("x-drink", drink),)) for drink in ("water", "tea", "water")]
    responses = [asking.trace(request).paths[0].response for request in requests]
    assert [response.code for response in responses if response] == [200, 418, 200]


ADDS = {"append": {"header": {"key": "x-n", "value": "1"}}}
MUTATION: dict[str, Any] = {"name": "m", "typed_config": {"@type": f"{HTTP}.header_mutation.v3.HeaderMutation",
                                          "mutations": {"request_mutations": [ADDS]}}}  # fmt: skip
CLEARS = {"name": "s", "typed_config": {"@type": f"{HTTP}.set_filter_state.v3.Config", "clear_route_cache": True}}
LETS = {"@type": f"{HTTP}.rbac.v3.RBACPerRoute"}


def two_routes(changed: Any, kept: Any) -> dict[str, Any]:
    asks = {"prefix": "/", "headers": [{"name": "x-n", "present_match": True}]}
    routes = [
        {"name": "changed", "match": asks, "direct_response": {"status": 201}, "typed_per_filter_config": changed},
        {"name": "kept", "match": {"prefix": "/"}, "direct_response": {"status": 200}, "typed_per_filter_config": kept},
    ]
    return {"virtual_hosts": [{"name": "shop", "domains": ["*"], "routes": routes}]}


@pytest.mark.parametrize(
    ("changed", "kept", "filters", "disposition", "route"),
    [
        ({}, {}, (MUTATION, CLEARS), "direct_response", "changed"),
        ({}, {}, (CLEARS, MUTATION), "direct_response", "changed"),
        ({}, {}, (MUTATION,), "direct_response", "kept"),
        ({"rbac": LETS}, {}, (MUTATION, CLEARS, RBAC), "direct_response", "changed"),
        ({}, {"rbac": LETS}, (MUTATION, CLEARS, RBAC), "denied", "changed"),
        ({}, {"rbac": OFF}, (MUTATION, CLEARS, RBAC), "direct_response", "changed"),
        ({"rbac": OFF}, {}, (MUTATION, CLEARS, RBAC), "denied", "changed"),
        ({}, {"rbac": LETS}, (MUTATION, RBAC), "direct_response", "kept"),
    ],
)
def test_a_route_that_is_chosen_again_configures_filters_but_does_not_list_them(
    changed: Any, kept: Any, filters: Any, disposition: str, route: str
) -> None:
    path = asked("http://shop.example/", two_routes(changed, kept), *filters)
    assert (path.disposition, path.hops[-1].route and path.hops[-1].route.name) == (disposition, route)


def test_the_form_of_an_answer_is_that_of_the_request_as_it_came() -> None:
    kind = {"append": {"header": {"key": "content-type", "value": "application/grpc"}}}
    changes = {"name": "m", "typed_config": {**MUTATION["typed_config"], "mutations": {"request_mutations": [kind]}}}
    (path,) = (asked("http://shop.example/", table(), changes, RBAC),)
    assert path.response is not None
    assert path.response.code == 403


WEBSOCKET = (("connection", "upgrade"), ("upgrade", "websocket"))


@pytest.mark.parametrize(
    ("host", "details"),
    [({"require_tls": "ALL"}, "upgrade_failed"), ({}, "upgrade_failed"), ({"domains": ["other"]}, "route_not_found")],
)
def test_an_upgrade_that_is_not_allowed_is_refused_before_the_redirect_to_tls(host: Any, details: str) -> None:
    path = asked("http://shop.example/x", table(**host), headers=WEBSOCKET)
    assert path.response is not None
    assert path.response.details == details


ADDED = {"header": {"key": "x-seen", "value": "%ROUTE_NAME%|%UPSTREAM_CLUSTER%|%METADATA(ROUTE:n:k)%|%REQ(:path)%"}}


@pytest.mark.parametrize(
    ("action", "seen"),
    [
        ({"direct_response": {"status": 200}}, "r||R|/x"),
        ({"redirect": {"prefix_rewrite": "/new"}}, "r||R|/new"),
        ({"route": {"cluster_header": "x-none", "prefix_rewrite": "/new"}}, "r||R|/x"),
        ({"route": {"cluster": "full", "prefix_rewrite": "/new"}}, "r|full|R|/new"),
        ({"route": {"cluster": "nobody", "prefix_rewrite": "/new"}}, "r|nobody|R|/new"),
    ],
)
def test_the_headers_of_envoys_own_answers_see_the_route_and_the_request_as_far_as_it_got(
    action: Any, seen: str
) -> None:
    """Each row is the answer of an Envoy 1.40."""
    route = {"name": "r", "match": {"path": "/x"}, "metadata": {"filter_metadata": {"n": {"k": "R"}}}, **action}
    one = {"name": "shop", "domains": ["*"], "routes": [{**route, "response_headers_to_add": [ADDED]}]}
    closed = {"circuit_breakers": {"thresholds": [{"max_connections": 0, "max_pending_requests": 0}]}}
    asking = simulator(
        {"virtual_hosts": [one]}, clusters=[{**static("full", "10.1.0.1:80"), **closed}, static("nobody")]
    )
    response = asking.trace(Request(**HERE | {"path": "/x"})).paths[0].response
    assert response is not None
    assert dict(response.headers)["x-seen"] == seen


def test_a_denial_has_the_headers_of_the_route_that_it_never_reaches() -> None:
    answers = {
        "name": "r",
        "match": {"path": "/x"},
        "direct_response": {"status": 200},
        "response_headers_to_add": [ADDED],
    }
    path = asked(
        "http://shop.example/x", {"virtual_hosts": [{"name": "v", "domains": ["*"], "routes": [answers]}]}, RBAC
    )
    assert path.response is not None
    assert (path.disposition, dict(path.response.headers)["x-seen"]) == ("denied", "r|||/x")
