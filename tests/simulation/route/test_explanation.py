"""Deciding and explaining agree: a route lost for certain where, and only where, a condition of it is named."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.connection import Connection, Envoy, HttpRequest, Peer
from meshscope.simulation.route.choice import first_match
from meshscope.simulation.route.compiled import ChosenRoute, CompiledVirtualHost
from meshscope.simulation.route.conditions import KINDS
from meshscope.simulation.route.explanation import explain_routes
from meshscope.xds.route import VirtualHost
from meshscope.xds.route_match import CONDITIONS

from ..reading import read

Json = dict[str, Any]
TEXTS = st.sampled_from(("", "1", "a", "A", "ab"))
NEW = Envoy((1, 40, 0))
FIELDS = ("exact", "prefix", "suffix", "contains")
strings = st.one_of(
    st.builds(
        lambda field, text, fold: {field: text, "ignore_case": fold}, st.sampled_from(FIELDS), TEXTS, st.booleans()
    ),
    st.sampled_from(({"safe_regex": {"regex": "a.*"}}, {"safe_regex": {"regex": "("}}, {"fuzzy": 1}, {})),
)
specifiers = st.one_of(
    strings.map(lambda string: {"string_match": string}),
    st.booleans().map(lambda value: {"present_match": value}),
    st.just({}),
)
older = st.builds(lambda field, text: {f"{field}_match": text}, st.sampled_from(FIELDS), TEXTS)
ranges = st.just({"range_match": {"start": 0, "end": 2}})
headers = st.builds(
    lambda name, specifier, more: {"name": name, **specifier, **more},
    st.sampled_from(("x-a", "x-b", ":method", "x-request-id")),
    st.one_of(specifiers, older, ranges),
    st.sampled_from(({}, {"invert_match": True}, {"treat_missing_header_as_empty": True}, {"unheard": 1})),
)
parameters = st.builds(lambda name, specifier: {"name": name, **specifier}, st.sampled_from(("p", "q")), specifiers)
cookies = st.builds(
    lambda string, invert: {"name": "c", "string_match": string, "invert_match": invert}, strings, st.booleans()
)
values = st.sampled_from(({"present_match": True}, {"string_match": {"exact": "a"}}, {"bool_match": True}, {}))
metadata = st.builds(
    lambda value, invert: {"filter": "f", "path": [{"key": "k"}], "value": value, "invert": invert},
    values,
    st.booleans(),
)
paths = st.sampled_from(
    ({"prefix": "/"}, {"prefix": "/a"}, {"path": "/a"}, {"path": "/A", "case_sensitive": False}, {"connect_matcher": {}},
     {"path_separated_prefix": "/a"}, {"safe_regex": {"regex": "/a.*"}}, {"safe_regex": {"regex": "("}}, {},
     {"path_match_policy": {"name": "x", "typed_config": {"@type": "type.googleapis.com/acme.Policy"}}})
)  # fmt: skip
conditions = st.fixed_dictionaries({}, optional={
    "headers": st.lists(headers, max_size=2),
    "query_parameters": st.lists(parameters, max_size=2),
    "cookies": st.lists(cookies, max_size=1),
    "grpc": st.just({}),
    "tls_context": st.sampled_from(({"presented": True}, {"validated": False}, {"presented": False, "validated": True})),
    "runtime_fraction": st.sampled_from((0, 30, 100)).map(lambda share: {"default_value": {"numerator": share}}),
    "dynamic_metadata": st.lists(metadata, max_size=1),
    "filter_state": st.just([{"key": "k", "string_match": {"exact": "v"}}]),
    "glob_match": st.just("x"),
})  # fmt: skip
matches = st.builds(lambda path, more: {**path, **more}, paths, st.one_of(st.just({}), conditions))
requests = st.builds(
    HttpRequest,
    method=st.sampled_from(("GET", "CONNECT")),
    path=st.sampled_from(("/", "/a", "/a/b?p=1&q", "/A?p=ab", "")),
    headers=st.lists(st.tuples(st.sampled_from(("x-a", "x-b")), TEXTS), max_size=3).map(
        lambda pairs: (*pairs, ("cookie", "c=a"), ("content-type", "application/grpc"))
    ),
    random=st.sampled_from((None, 0, 29, 30, 99)),
    metadata=st.sampled_from(({}, {"f": {"k": "a"}}, {"f": {"k": True}})),
)
connections = st.builds(
    Connection,
    tls=st.booleans(),
    peer=st.sampled_from((Peer(), Peer(presented=True, validated=True), Peer(presented=False))),
)


@given(st.lists(matches, min_size=1, max_size=4), requests, connections, st.sampled_from(((), ("k",))))
def test_a_route_is_named_with_a_failing_condition_where_it_does_not_match(
    asked: list[Json], request: HttpRequest, connection: Connection, settable: tuple[str, ...]
) -> None:
    routes = [{"match": match, "route": {"cluster": "c"}} for match in asked]
    host = CompiledVirtualHost(read(VirtualHost, {"routes": routes}))
    question = host.asking(request, connection, NEW, settable)
    for route in host.routes:
        assert bool(list(route.failing(question))) == route.matches(question).is_no
    outcomes = first_match(host.routes, question)
    possible = [outcome.value.index for outcome in outcomes if isinstance(outcome.value, ChosenRoute)]
    first = possible[0] if possible else None
    lost = {rejected.name: rejected for rejected in explain_routes(host.routes, question, first)}
    assert len(lost) == len(asked) - (first is not None)
    for rejected in lost.values():
        index = int(rejected.name.partition("]")[0].removeprefix("routes["))
        if first is None or index < first:
            assert rejected.near > 0, "a route before the chosen one, or without one any, fails for certain"
            assert rejected.because


def test_each_condition_of_a_route_match_is_decided_explained_and_printed() -> None:
    assert tuple(kind.field for kind in KINDS) == (*CONDITIONS, "unread")
