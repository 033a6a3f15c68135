from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.endings import End
from meshscope.simulation.random_values import RandomValues
from meshscope.simulation.route.cluster_choice import (
    ClusterChoice,
    ClusterChooser,
    cluster_not_found,
    lb_metadata,
)
from meshscope.xds.metadata import Metadata
from meshscope.xds.route import Route, RouteConfiguration
from meshscope.xds.route_action import RouteAction

from ..reading import asking, read


def chooser(action: object, table: object = None, **runtime: Any) -> ClusterChooser:
    route = read(Route, {"match": {"prefix": "/"}, "route": action})
    return ClusterChooser(route, read(RouteConfiguration, table or {}), Envoy(runtime=runtime))


def names(of: ClusterChooser, request: HttpRequest | None = None, **more: Any) -> list[tuple[str | None, float | None]]:
    found = of.choose(request or asking(), **more)
    return [(o.value.name, o.probability) for o in found if isinstance(o.value, ClusterChoice)]


def weighted(*weights: int, **more: Any) -> dict[str, object]:
    clusters = [{"name": f"c{n}", "weight": weight} for n, weight in enumerate(weights)]
    return {"weighted_clusters": {"clusters": clusters, **more}}


def test_a_named_cluster_is_the_only_outcome() -> None:
    assert names(chooser({"cluster": "a"})) == [("a", 1.0)]


@pytest.mark.parametrize(("headers", "name"), [((("x-c", "A"), ("x-c", "b")), "A"), ((), "")])
def test_a_cluster_header_gives_its_first_value(headers: tuple[tuple[str, str], ...], name: str) -> None:
    assert names(chooser({"cluster_header": "X-C"}), asking("/", *headers)) == [(name, 1.0)]


@pytest.mark.parametrize(
    ("random", "name"), [(0, "c0"), (29, "c0"), (30, "c2"), (99, "c2"), (100, "c0"), (2**64 - 1, "c0")]
)
def test_the_random_value_picks_an_interval_and_never_a_zero_weight(random: int, name: str) -> None:
    assert names(chooser(weighted(30, 0, 70)), asking(random=random)) == [(name, 1.0)]


def test_without_a_random_value_every_weight_is_an_outcome_except_zero() -> None:
    assert names(chooser(weighted(30, 0, 70))) == [("c0", 0.3), ("c2", 0.7)]


def test_total_weight_is_ignored() -> None:
    assert names(chooser(weighted(1, 1, total_weight=100)), asking(random=3)) == [("c1", 1.0)]


@given(st.lists(st.integers(min_value=0, max_value=50), min_size=1, max_size=6).filter(any))
def test_shares_add_up_to_one_and_are_what_random_values_do(weights: list[int]) -> None:
    of, total = chooser(weighted(*weights)), sum(weights)
    picked = [names(of, asking(random=n))[0][0] for n in range(total)]
    assert dict(names(of)) == {name: picked.count(name) / total for name in picked}


def test_what_a_runtime_fraction_left_of_the_random_values_counts() -> None:
    first_half = RandomValues().within(100, 0, 50)
    assert names(chooser(weighted(50, 50)), random=first_half) == [("c0", 1.0)]
    assert names(chooser(weighted(25, 75)), random=first_half) == [("c0", 0.5), ("c1", 0.5)]


@pytest.mark.parametrize(
    ("values", "known"),
    [
        (("1",), True),
        (("1", "1"), False),
        (("-1",), False),
        (("x",), False),
        (("",), False),
        (("18446744073709551616",), False),
    ],
)
def test_a_random_value_may_come_in_a_header_that_is_there_once(values: tuple[str, ...], known: bool) -> None:
    of = chooser(weighted(1, 1, header_name="x-random"))
    assert (names(of, asking("/", *(("x-random", v) for v in values))) == [("c1", 1.0)]) == known


def test_a_header_wins_over_the_random_value() -> None:
    of = chooser(weighted(1, 1, header_name="x-random"))
    assert names(of, asking("/", ("x-random", "0"), random=1)) == [("c0", 1.0)]


def test_a_hash_that_nobody_knows_leaves_every_weight_possible() -> None:
    assert names(chooser(weighted(1, 1, use_hash_policy=True)), asking(random=0)) == [("c0", 0.5), ("c1", 0.5)]


def test_runtime_weights_stand_in_for_configured_ones_key_by_key() -> None:
    of = chooser(weighted(1, 1, runtime_key_prefix="w"), **{"w.c0": 3})
    assert names(of) == [("c0", 0.75), ("c1", 0.25)]
    assert names(of, asking(runtime={"w.c0": 0})) == [("c1", 1.0)]


def test_weights_that_runtime_makes_zero_leave_no_route() -> None:
    (outcome,) = chooser(weighted(1, runtime_key_prefix="w"), **{"w.c0": 0}).choose(asking())
    assert isinstance(outcome.value, End)
    assert outcome.value.disposition == "no_route"


def test_a_weighted_entry_may_take_its_cluster_from_a_header() -> None:
    action = {"weighted_clusters": {"clusters": [{"cluster_header": "x-c", "weight": 1}]}}
    assert names(chooser(action), asking("/", ("x-c", "mine"))) == [("mine", 1.0)]


def test_an_entrys_metadata_is_laid_over_the_routes() -> None:
    entry = {"name": "a", "weight": 1, "metadata_match": {"filter_metadata": {"envoy.lb": {"v": "2"}}}}
    route = {"filter_metadata": {"envoy.lb": {"v": "1", "s": "x"}}}
    (outcome,) = chooser({"metadata_match": route, "weighted_clusters": {"clusters": [entry]}}).choose(asking())
    assert isinstance(outcome.value, ClusterChoice)
    assert outcome.value.criteria == {"v": "2", "s": "x"}


def test_metadata_of_other_filters_is_no_criterion() -> None:
    assert lb_metadata(read(Metadata, {"filter_metadata": {"istio": {}}})) is None


@pytest.mark.parametrize("action", ["filter_action", "non_forwarding_action"])
def test_actions_for_other_filters_find_no_cluster(action: str) -> None:
    route = read(Route, {"match": {"prefix": "/"}, action: {}})
    (outcome,) = ClusterChooser(route, RouteConfiguration(), Envoy()).choose(asking())
    assert outcome.value == cluster_not_found(RouteAction())


@pytest.mark.parametrize(
    ("word", "code"), [("SERVICE_UNAVAILABLE", 503), ("NOT_FOUND", 404), ("INTERNAL_SERVER_ERROR", 500)]
)
def test_a_cluster_that_is_not_there_is_answered_as_the_route_says(word: str, code: int) -> None:
    end = cluster_not_found(read(RouteAction, {"cluster_not_found_response_code": word}))
    assert end.response is not None
    assert (end.disposition, end.response.code, end.response.flags, end.response.details) == (
        "no_cluster",
        code,
        "NC",
        "cluster_not_found",
    )


SPECIFIERS = "type.googleapis.com/envoy.extensions.router.cluster_specifiers"
LUA = {"extension": {"name": "script", "typed_config": {"@type": f"{SPECIFIERS}.lua.v3.LuaConfig"}}}
HEADER = {
    "name": "h",
    "typed_config": {
        "@type": "type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput",
        "header_name": "x-c",
    },
}
ACTION = {"name": "a", "typed_config": {"@type": f"{SPECIFIERS}.matcher.v3.ClusterAction", "cluster": "canary"}}
TREE = {"matcher_tree": {"input": HEADER, "exact_match_map": {"map": {"yes": {"action": ACTION}}}}}
MATCHER = {
    "extension": {
        "name": "tree",
        "typed_config": {"@type": f"{SPECIFIERS}.matcher.v3.MatcherClusterSpecifier", "cluster_matcher": TREE},
    }
}


def test_a_plugin_that_is_not_modelled_is_named_and_assumed() -> None:
    of = chooser({"cluster_specifier_plugin": "script"}, {"cluster_specifier_plugins": [MATCHER, LUA]})
    (outcome,) = of.choose(asking())
    assert isinstance(outcome.value, ClusterChoice)
    assert outcome.value.name is None
    assert "lua.v3.LuaConfig" in outcome.assuming[0]


@pytest.mark.parametrize(("value", "name"), [("yes", "canary"), ("no", "")])
def test_a_matcher_plugin_is_walked(value: str, name: str) -> None:
    of = chooser({"inline_cluster_specifier_plugin": MATCHER})
    assert names(of, asking("/", ("x-c", value))) == [(name, 1.0)]
