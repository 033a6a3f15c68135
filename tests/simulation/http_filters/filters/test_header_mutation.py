from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.http_filters.filter import NamedCluster
from meshscope.xds.metadata import Metadata

from ..walks import context, entry, filter_list, only, request, request_after, scope, typed


def overwrite(name: str, value: str) -> dict[str, Any]:
    return {"append": {"header": {"key": name, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}}


def mutations(*changes: dict[str, Any]) -> dict[str, Any]:
    return {"mutations": {"request_mutations": list(changes)}}


def test_mutations_are_applied_in_order_and_see_each_other() -> None:
    changes = (
        overwrite("x-b", "new"),
        {"append": {"header": {"key": "x-n", "value": "%REQ(x-b)%"}}},
        {"remove": "x-gone"},
        {"remove_on_match": {"key_matcher": {"prefix": "x-r"}}},
    )
    filters = filter_list(entry("header_mutation.v3.HeaderMutation", **mutations(*changes)))
    after = request_after(filters, request("/", ("x-b", "old"), ("x-gone", "1"), ("x-r1", "1"), ("x-keep", "1")))
    assert after.headers == (("x-b", "new"), ("x-keep", "1"), ("x-n", "new"))


def test_the_virtual_host_is_applied_last_unless_the_most_specific_wins() -> None:
    per = "header_mutation.v3.HeaderMutationPerRoute"
    route = scope(typed(per, **mutations(overwrite("x", "route"))), typed(per, **mutations(overwrite("x", "host"))))
    for wins, expected in ((False, "host"), (True, "route")):
        config = {**mutations(overwrite("x", "own")), "most_specific_header_mutations_wins": wins}
        filters = filter_list(entry("header_mutation.v3.HeaderMutation", **config))
        assert request_after(filters, request(), context(route=route)).values("x") == (expected,)


def metadata(value: str) -> Metadata:
    return Metadata(filter_metadata={"n": {"k": value}})


def test_metadata_is_that_of_the_route_its_virtual_host_and_its_cluster() -> None:
    """As an Envoy 1.40 writes them."""
    kinds = ("ROUTE", "VIRTUAL_HOST", "CLUSTER")
    changes = [overwrite(f"x-{kind}", f"%METADATA({kind}:n:k)%") for kind in kinds]
    config = mutations(
        *changes, overwrite("x-up", "%UPSTREAM_CLUSTER%"), overwrite("x-host", "[%UPSTREAM_METADATA(n:k)%]")
    )
    filters = filter_list(entry("header_mutation.v3.HeaderMutation", **config))
    here = scope()
    assert here.route
    assert here.virtual_host
    here = replace(
        here,
        route=replace(here.route, metadata=metadata("R")),
        virtual_host=replace(here.virtual_host, metadata=metadata("V")),
    )
    seen = context(route=here, cluster=lambda name: NamedCluster(name, metadata("C")))
    assert request_after(filters, request(), seen).headers == (
        ("x-route", "R"), ("x-virtual_host", "V"), ("x-cluster", "C"), ("x-up", "up"), ("x-host", "[]"),
    )  # fmt: skip
    nowhere = context(route=here, cluster=lambda _: None)
    assert request_after(filters, request(), nowhere).values("x-cluster") == ()


@pytest.mark.parametrize("value", ["%METADATA(LISTENER:n:k)%", "%START_TIME%", "%METADATA(CLUSTER:n:k)%"])
def test_a_header_with_a_value_that_nobody_knows_is_hidden_and_named(value: str) -> None:
    known = overwrite("x-known", "%ROUTE_NAME%")
    filters = filter_list(entry("header_mutation.v3.HeaderMutation", **mutations(overwrite("x-a", value), known)))
    outcome = only(filters, request(), context(cluster=NamedCluster))
    assert isinstance(outcome.value, HttpRequest)
    assert outcome.value.hidden == {"x-a"}
    assert f"{value} is not known" in outcome.steps[-1].because
