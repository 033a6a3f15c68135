from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.location import Document, Location
from meshscope.simulation.connection import Connection, Envoy, HttpRequest, Peer
from meshscope.simulation.endings import End
from meshscope.simulation.route.choice import choose_route
from meshscope.simulation.route.compiled import ChosenRoute, CompiledVirtualHost
from meshscope.simulation.route.explanation import explain_routes
from meshscope.xds.route import VirtualHost

from ..reading import asking, read

NEW = Envoy((1, 40, 0))
MATCHER, ROUTE = "type.googleapis.com/envoy.type.matcher.v3.", "type.googleapis.com/envoy.config.route.v3."
PLAINTEXT = Connection()
PRESENTED, UNKNOWN = {"tls_context": {"presented": True}}, {"headers": [{"name": "x-request-id"}]}


def host(*matches: dict[str, Any], **fields: Any) -> CompiledVirtualHost:
    ignoring = fields.pop("ignore_path_parameters", False)
    routes = [{"match": {"prefix": "/", **match}, "route": {"cluster": "c"}} for match in matches]
    return CompiledVirtualHost(read(VirtualHost, {"routes": routes, **fields}), ignore_path_parameters=ignoring)


def chosen(
    virtual_host: CompiledVirtualHost, request: HttpRequest, connection: Connection = PLAINTEXT, **fields: Any
) -> list[tuple[int | str, float | None]]:
    outcomes = choose_route(virtual_host, request, connection, NEW, **fields)
    return [
        (each.value.index if isinstance(each.value, ChosenRoute) else each.value.disposition, each.probability)
        for each in outcomes
    ]


def certainly(virtual_host: CompiledVirtualHost, request: HttpRequest, connection: Connection = PLAINTEXT) -> Any:
    ((value, probability),) = chosen(virtual_host, request, connection)
    assert probability == 1.0
    return value


def test_the_first_match_wins_not_the_longest() -> None:
    virtual_host = host({"prefix": "/a"}, {"prefix": "/a/b"}, {})
    assert certainly(virtual_host, asking("/a/b")) == 0
    assert certainly(virtual_host, asking("/b")) == 2


def test_no_route_is_a_404_with_its_flag_and_details() -> None:
    (outcome,) = choose_route(host({"prefix": "/a"}), asking("/b"), Connection(), NEW)
    assert isinstance(outcome.value, End)
    assert outcome.value.response is not None
    response = outcome.value.response
    assert (outcome.value.disposition, response.code, response.flags) == ("no_route", 404, "NR")
    assert response.details == "route_not_found"


@pytest.mark.parametrize(
    ("match", "holds", "fails"),
    [
        ({"headers": [{"name": "h"}, {"name": "g"}]}, asking("/", ("h", ""), ("g", "")), asking("/", ("h", ""))),
        ({"query_parameters": [{"name": "q"}]}, asking("/?q"), asking("/?p")),
        ({"cookies": [{"name": "c", "string_match": {"exact": "1"}}]}, asking("/", ("cookie", "c=1")), asking("/")),
        ({"grpc": {}}, asking("/", ("content-type", "application/grpc")), asking("/")),
        (
            {"grpc": {}},
            asking("/", ("content-type", "application/grpc+proto")),
            asking("/", ("content-type", "application/grpc-web")),
        ),
        (
            {"grpc": {}},
            asking("/", ("content-type", "application/grpc")),
            asking("/", ("content-type", "Application/GRPC")),
        ),
        (
            {"dynamic_metadata": [{"filter": "f", "path": [{"key": "k"}], "value": {"present_match": True}}]},
            asking("/", metadata={"f": {"k": 1}}),
            asking("/"),
        ),
        ({"runtime_fraction": {"default_value": {"numerator": 50}}}, asking("/", random=149), asking("/", random=50)),
        ({"prefix": "/"}, asking("/", method="CONNECT"), asking("", method="CONNECT")),
    ],
)
def test_every_condition_has_to_hold(match: dict[str, Any], holds: HttpRequest, fails: HttpRequest) -> None:
    virtual_host = host(match)
    assert certainly(virtual_host, holds) == 0
    assert certainly(virtual_host, fails) == "no_route"


def test_a_request_without_a_path_is_for_connect_routes_alone() -> None:
    virtual_host = host(routes=[{"match": {"prefix": ""}}, {"match": {"connect_matcher": {}}}])
    assert certainly(virtual_host, asking("", method="CONNECT")) == 1
    assert certainly(virtual_host, asking("/", method="CONNECT")) == 0
    assert certainly(virtual_host, asking("", method="GET")) == "no_route"


@pytest.mark.parametrize(
    ("asked", "connection", "answer"),
    [
        ({"presented": True}, Connection(tls=True, peer=Peer(presented=True)), 0),
        ({"presented": True}, Connection(tls=True, peer=Peer(presented=False)), "no_route"),
        ({"presented": True}, Connection(), "no_route"),
        ({"presented": False}, Connection(), 0),
        ({"validated": True}, Connection(tls=True, peer=Peer(presented=True, validated=True)), 0),
        ({"validated": False}, Connection(tls=True, peer=Peer(presented=False)), 0),
        ({"validated": True}, Connection(tls=True, peer=Peer(presented=True, validated=False)), "no_route"),
        ({}, Connection(), 0),
    ],
)
def test_plaintext_counts_as_no_certificate(asked: dict[str, bool], connection: Connection, answer: int | str) -> None:
    assert certainly(host({"tls_context": asked}), asking("/"), connection) == answer


def test_path_parameters_are_part_of_the_path_unless_the_table_ignores_them() -> None:
    match = {"path": "/foo/bar"}
    routes = [{"match": match, "route": {"cluster": "c"}}]
    for ignoring, answer in ((True, 0), (False, "no_route")):
        virtual_host = host(routes=routes, ignore_path_parameters=ignoring)
        assert certainly(virtual_host, asking("/foo;x=1/bar;y?q")) == answer


def fraction(numerator: int, denominator: str = "HUNDRED") -> dict[str, Any]:
    return {"runtime_fraction": {"default_value": {"numerator": numerator, "denominator": denominator}}}


def test_a_fraction_splits_by_its_share_and_the_random_value_decides_it() -> None:
    virtual_host = host(fraction(25), {})
    assert chosen(virtual_host, asking("/")) == [(0, 0.25), (1, 0.75)]
    assert certainly(virtual_host, asking("/", random=24)) == 0
    assert certainly(virtual_host, asking("/", random=25)) == 1
    first, second = choose_route(virtual_host, asking("/"), Connection(), NEW)
    assert first.condition == "25% of requests (runtime_fraction)"
    assert second.condition == "not the 25% of requests (runtime_fraction)"


def test_never_and_always_do_not_branch() -> None:
    assert certainly(host(fraction(0), {}), asking("/")) == 1
    assert certainly(host(fraction(100), {}), asking("/")) == 0
    assert certainly(host(fraction(250), {}), asking("/")) == 0


def test_fractions_share_one_random_value() -> None:
    assert chosen(host(fraction(50), fraction(50), {}), asking("/")) == [(0, 0.5), (2, 0.5)]
    assert chosen(host(fraction(50), fraction(75), {}), asking("/")) == [(0, 0.5), (1, 0.25), (2, 0.25)]


@given(st.lists(st.tuples(st.integers(0, 100), st.sampled_from(["HUNDRED", "TEN_THOUSAND"])), max_size=4))
def test_probabilities_are_what_all_random_values_choose(fractions: list[tuple[int, str]]) -> None:
    virtual_host = host(*(fraction(*each) for each in fractions))
    counted: dict[int | str, float] = {}
    for random in range(10_000):
        value = next(
            (i for i, (n, d) in enumerate(fractions) if random % (100 if d == "HUNDRED" else 10_000) < n), "no_route"
        )
        counted[value] = counted.get(value, 0) + 1 / 10_000
    found = dict(chosen(virtual_host, asking("/")))
    assert found == {value: pytest.approx(share) for value, share in counted.items()}


def test_the_choice_hands_on_what_it_says_of_the_random_value() -> None:
    first, second = choose_route(host(fraction(25), {}), asking("/"), Connection(), NEW)
    assert isinstance(first.value, ChosenRoute)
    assert isinstance(second.value, ChosenRoute)
    assert first.value.random.within(100, 0, 50).share == 0.25
    assert second.value.random.within(100, 0, 50).share == 0.25


def test_an_unknown_predicate_makes_two_outcomes_under_assumptions() -> None:
    taken, passed = choose_route(host(UNKNOWN, {}), asking("/"), Connection(), NEW)
    assert (taken.probability, passed.probability) == (None, None)
    (assumed,), (not_assumed,) = taken.assuming, passed.assuming
    assert assumed.startswith("routes[0] matches: ")
    assert not_assumed.startswith("routes[0] does not match: ")


def test_a_failing_predicate_settles_what_an_unknown_one_leaves_open() -> None:
    assert certainly(host({**UNKNOWN, "prefix": "/a"}, {}), asking("/b")) == 1
    assert certainly(host({**UNKNOWN, "grpc": {}}, {}), asking("/")) == 1
    connection = Connection(tls=True)
    assert [value for value, _ in chosen(host(PRESENTED, {}), asking("/"), connection)] == [0, 1]


def test_filter_state_that_a_filter_may_set_is_unknown() -> None:
    virtual_host = host({"filter_state": [{"key": "k", "string_match": {"exact": "v"}}]})
    assert chosen(virtual_host, asking("/")) == [("no_route", 1.0)]
    assert chosen(virtual_host, asking("/"), settable={"k"}) == [(0, None), ("no_route", None)]


def test_tls_is_required_before_any_route_is_asked() -> None:
    virtual_host = host({"prefix": "/a"}, require_tls="ALL")
    assert certainly(virtual_host, asking("/b")) == "redirect"
    assert certainly(virtual_host, asking("/a", scheme="https")) == 0


def tree(action: dict[str, Any]) -> dict[str, Any]:
    what = {"name": "h", "typed_config": {"@type": f"{MATCHER}HttpRequestHeaderMatchInput", "header_name": ":path"}}
    return {
        "matcher_tree": {
            "input": what,
            "prefix_match_map": {"map": {"/t": {"action": {"name": "a", "typed_config": action}}}},
        }
    }


def test_a_matcher_tree_leads_to_a_route_whose_own_match_counts() -> None:
    virtual_host = host(
        matcher=tree({"@type": f"{ROUTE}Route", "match": {"prefix": "/t/1"}, "route": {"cluster": "c"}})
    )
    assert certainly(virtual_host, asking("/t/1?q")) == 0
    assert certainly(virtual_host, asking("/t/2")) == "no_route"
    assert certainly(virtual_host, asking("/x")) == "no_route"


def test_a_matcher_tree_leads_to_a_list_that_is_asked_in_order() -> None:
    routes = [{"match": {"prefix": f"/t/{i}"}, "route": {"cluster": "c"}} for i in (1, 2)]
    virtual_host = host(matcher=tree({"@type": f"{ROUTE}RouteList", "routes": routes}))
    assert certainly(virtual_host, asking("/t/2")) == 1


@pytest.mark.parametrize("matcher", [7, {"matcher_tree": {}}, tree({"@type": "type.googleapis.com/acme.Action"})])
def test_a_tree_that_cannot_be_followed_is_unknown(matcher: Any) -> None:
    (outcome,) = choose_route(host(matcher=matcher), asking("/t"), Connection(), NEW)
    assert isinstance(outcome.value, End)
    assert (outcome.value.disposition, outcome.probability) == ("unknown", None)
    assert outcome.assuming


SPECIFIER = [{"name": "s", "typed_config": {"@type": "type.googleapis.com/acme.Specifier"}}]


def test_a_route_specifier_is_assumed_to_leave_the_route_where_that_route_is_chosen() -> None:
    routes = [
        {"match": {"prefix": path}, "route": {"cluster": "c"}, "route_specifiers": SPECIFIER} for path in ("/a", "/b")
    ]
    virtual_host = host(routes=[*routes, {"match": {"prefix": "/"}, "route": {"cluster": "c"}}])
    (chosen_one,) = choose_route(virtual_host, asking("/b"), Connection(), NEW)
    assert isinstance(chosen_one.value, ChosenRoute)
    assert chosen_one.assuming == ("route specifier acme.Specifier leaves the route as it is",)
    assert certainly(virtual_host, asking("/c")) == 2


def test_a_route_specifier_of_the_virtual_host_may_choose_any_route() -> None:
    (outcome,) = choose_route(host({}, route_specifiers=SPECIFIER), asking("/"), Connection(), NEW)
    assert isinstance(outcome.value, End)
    assert outcome.value.disposition == "unknown"
    assert "acme.Specifier" in outcome.assuming[0]


# --- why the others lost -----------------------------------------------------------------------------------------------


def explained(virtual_host: CompiledVirtualHost, request: HttpRequest, winner: int | None) -> list[tuple[str, str]]:
    question = virtual_host.asking(request, Connection(), NEW)
    routes = virtual_host.candidates(question)
    assert isinstance(routes, tuple)
    return [(each.name, each.because) for each in explain_routes(routes, question, winner)]


def test_each_earlier_route_names_its_first_failing_predicate_and_later_ones_the_winner() -> None:
    end_user = {"headers": [{"name": "end-user", "string_match": {"exact": "jason"}}]}
    virtual_host = host({**end_user, "prefix": "/b"}, end_user, {}, {}, {"prefix": "/b"})
    assert explained(virtual_host, asking("/a"), 2) == [
        ("routes[1] /*", "header end-user is absent; exact 'jason' was asked"),
        ("routes[0] /b*", "header end-user is absent; exact 'jason' was asked"),
        ("routes[3] /*", "routes[2] matched before"),
        ("routes[4] /b*", "routes[2] matched before"),
    ]


@pytest.mark.parametrize(
    ("match", "words"),
    [
        ({**fraction(10), "grpc": {}}, "runtime_fraction 10% leaves this request out"),
        ({"grpc": {}, "query_parameters": [{"name": "q"}]}, "content-type is absent; gRPC was asked"),
        ({"query_parameters": [{"name": "q"}], **PRESENTED}, "query parameter q is absent; it was to be present"),
        ({"cookies": [{"name": "c", "string_match": {"exact": "1"}}]}, "cookie c is absent; exact '1' was asked"),
        ({**PRESENTED, "prefix": "/b"}, "a client certificate presented was asked"),
        ({"filter_state": [{"key": "k"}], "prefix": "/b"}, "filter state k is absent"),
        ({"prefix": "/b"}, "path is '/a'; prefix '/b' was asked"),
    ],
)
def test_predicates_are_named_in_envoys_order(match: dict[str, Any], words: str) -> None:
    assert explained(host(match), asking("/a", random=99), None)[0][1] == words


def test_the_words_for_a_request_without_a_path() -> None:
    words = "the request has no path; only a connect_matcher takes it"
    assert explained(host({}), asking("", method="CONNECT"), None) == [("routes[0] /*", words)]


def test_a_route_that_may_match_says_so_and_each_has_its_place() -> None:
    virtual_host = host(UNKNOWN, {})
    question = virtual_host.asking(asking("/"), Connection(), NEW)
    top = Location(Document.of("t", b"{}"), ("virtual_hosts", 0))
    (rejected,) = explain_routes(virtual_host.routes, question, 1, location=top)
    assert rejected.because == "it may match; not everything that it asks for is known"
    assert rejected.location == top.below(("routes", 0))
