from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.endings import End
from meshscope.simulation.http_filters.chain import HttpFilters
from meshscope.simulation.trace import HeaderChange
from meshscope.xds.extension import Extension

from .walks import HTTP, context, entry, extension, filter_list, only, outcomes, request, request_after, scope, typed

EVERYONE = {"p": {"permissions": [{"any": True}], "principals": [{"any": True}]}}


def rbac(action: str, **more: Any) -> Extension:
    config = typed("rbac.v3.RBAC", rules={"action": action, "policies": EVERYONE})
    return extension({"name": "it", "typed_config": config, **more})


def per_route(action: str | None) -> dict[str, Any]:
    """None: an RBACPerRoute without rules, which turns the filter off."""
    rules = {"rbac": {"rules": {"action": action, "policies": EVERYONE}}} if action else {}
    return typed("rbac.v3.RBACPerRoute", **rules)


def wrapped(**config: Any) -> dict[str, Any]:
    return {"@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", **config}


OFF, ON = wrapped(disabled=True), wrapped(config={})
DENY, ALLOW, EMPTY = per_route("DENY"), per_route("ALLOW"), per_route(None)


def passes(filters: HttpFilters, route: Any = None, host: Any = None, table: Any = None) -> bool:
    filter_context = context(route=scope(route, host, table))
    return isinstance(only(filters, request(), filter_context).value, HttpRequest)


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ({}, False),
        ({"route": OFF}, True),
        ({"route": EMPTY}, True),
        ({"route": ALLOW}, True),
        ({"route": ALLOW, "host": DENY}, True),
        ({"route": DENY, "host": ALLOW}, False),
        ({"host": ALLOW, "table": DENY}, True),
        ({"table": ALLOW}, True),
        ({"host": OFF, "table": DENY}, True),
        ({"route": OFF, "host": DENY}, True),
        ({"route": ON, "host": OFF}, False),
        ({"route": ON, "host": ALLOW}, True),
        ({"route": ON, "table": OFF}, False),
        ({"route": wrapped(config=ALLOW)}, True),
    ],
)
def test_the_most_specific_level_configures_a_filter(levels: Any, expected: bool) -> None:
    assert passes(filter_list(rbac("DENY")), **levels) is expected


@pytest.mark.parametrize(
    ("levels", "expected"),
    [({}, True), ({"route": DENY}, False), ({"route": ON}, False), ({"route": OFF}, True), ({"table": DENY}, False)],
)
def test_a_disabled_filter_runs_only_where_a_level_configures_it(levels: Any, expected: bool) -> None:
    assert passes(filter_list(rbac("DENY", disabled=True)), **levels) is expected


def test_a_key_that_is_not_the_filters_name_has_no_effect() -> None:
    other = scope(ALLOW, name="envoy.filters.http.rbac")
    assert isinstance(only(filter_list(rbac("DENY")), request(), context(route=other)).value, End)


def test_filters_run_in_order_and_the_first_answer_ends_the_walk() -> None:
    passing, denying = entry("grpc_stats.v3.FilterConfig", "stats"), rbac("DENY")
    steps = only(filter_list(passing, denying, passing), request()).steps
    assert [(step.chosen, step.verdict) for step in steps] == [("stats", "yes"), ("it", "no")]


def test_an_unknown_filter_is_an_assumption_and_the_walk_goes_on() -> None:
    mine = extension({"name": "mine", "typed_config": {"@type": "type.googleapis.com/acme.Filter"}})
    outcome = only(filter_list(mine, rbac("DENY")), request())
    assert outcome.assuming == ("mine (acme.Filter) lets the request pass",)
    assert isinstance(outcome.value, End)
    assert [step.verdict for step in outcome.steps] == ["unknown", "no"]


def test_a_typed_struct_counts_as_the_type_that_it_wraps() -> None:
    value = {"rules": {"action": "DENY", "policies": EVERYONE}}
    struct = {"@type": "type.googleapis.com/xds.type.v3.TypedStruct", "type_url": f"{HTTP}rbac.v3.RBAC", "value": value}
    assert not passes(filter_list(extension({"name": "it", "typed_config": struct})))


def test_a_filter_by_ecds_has_the_delivered_configuration_or_is_unknown() -> None:
    discovered = extension({"name": "it", "config_discovery": {"config_source": {"ads": {}}}})
    filters = HttpFilters((discovered, entry("router.v3.Router")), {"it": rbac("DENY")})
    assert isinstance(only(filters, request()).value, End)
    assert only(filter_list(discovered), request()).steps[0].verdict == "unknown"


@pytest.mark.parametrize("filters", [(), (rbac("ALLOW"),)])
def test_a_list_without_a_router_closes_the_connection(filters: tuple[Extension, ...]) -> None:
    value = only(HttpFilters(filters), request()).value
    assert isinstance(value, End)
    assert value.disposition == "closed"


def test_an_undecodable_configuration_is_unknown_and_not_an_error() -> None:
    broken = extension({"name": "it", "typed_config": typed("rbac.v3.RBAC", rules=7)})
    assert only(filter_list(broken), request()).steps[0].verdict == "unknown"
    route = scope()
    route.route.typed_per_filter_config["it"] = Raw(json.dumps(typed("rbac.v3.RBACPerRoute", rbac=7)).encode())  # type: ignore[union-attr]  # scope() has a route
    assert only(filter_list(rbac("DENY")), request(), context(route=route)).steps[0].verdict == "unknown"


@pytest.mark.parametrize(
    "kind",
    [
        "cors.v3.Cors",
        "header_mutation.v3.HeaderMutation",
        "header_to_metadata.v3.Config",
        "set_metadata.v3.Config",
        "local_ratelimit.v3.LocalRateLimit",
        "ratelimit.v3.RateLimit",
        "rbac.v3.RBAC",
    ],
)
def test_a_routes_configuration_of_a_type_that_is_not_modelled_is_unknown_for_every_filter(kind: str) -> None:
    filters = filter_list(entry(kind))
    foreign = {"@type": "type.googleapis.com/acme.PerRoute"}
    assert only(filters, request(), context(route=scope(foreign))).assuming
    assert not only(filters, request(), context(route=scope(foreign, name="another"))).assuming


@pytest.mark.parametrize("kind", ["header_to_metadata.v3.Config", "set_metadata.v3.Config", "fault.v3.HTTPFault"])
def test_another_filters_configuration_is_unknown_where_the_most_specific_replaces_all(kind: str) -> None:
    filters = filter_list(entry(kind))
    assert only(filters, request(), context(route=scope(EMPTY))).assuming
    assert not only(filters, request(), context(route=scope(typed(kind)))).assuming


def test_branches_of_filters_multiply_and_keep_their_order() -> None:
    half = {"abort": {"http_status": 503, "percentage": {"numerator": 50}}}
    filters = filter_list(entry("fault.v3.HTTPFault", "one", **half), entry("fault.v3.HTTPFault", "two", **half))
    results = outcomes(filters, request())
    assert [one.probability for one in results] == [0.5, 0.25, 0.25]
    assert [isinstance(one.value, End) for one in results] == [True, True, False]


def test_a_walk_resumes_after_the_filter_that_cleared_the_route_cache() -> None:
    authz = entry("ext_authz.v3.ExtAuthz", "authz", clear_route_cache=True)
    filters = filter_list(authz, rbac("DENY"))
    assert isinstance(request_after(filter_list(), request()), HttpRequest)
    (outcome,) = filters.walk(request(), context(), start=1)
    assert isinstance(outcome.value, End)


def test_a_filter_tells_what_it_changes_in_its_own_step_and_one_that_changes_nothing_tells_nothing() -> None:
    header = {"append": {"header": {"key": "x", "value": "2"}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}}
    writes = entry("header_mutation.v3.HeaderMutation", "writes", mutations={"request_mutations": [header]})
    filters = filter_list(entry("cors.v3.Cors", "cors"), writes)
    (way,) = outcomes(filters, request("/", ("x", "1")))
    assert [(step.chosen, step.changes) for step in way.steps] == [
        ("cors", ()),
        ("writes", (HeaderChange("x", ("1",), ("2",)),)),
    ]
