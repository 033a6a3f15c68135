"""A field that a matcher gets tomorrow makes that matcher unknown and is named; everything else decides as before."""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Callable, Iterator
from copy import deepcopy
from importlib import import_module
from typing import Any

import pytest
from msgspec import Raw

import meshscope.simulation.matching
import meshscope.xds
from meshscope.simulation.connection import Connection, Envoy, HttpRequest, Peer
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.endings import End
from meshscope.simulation.http_filters.filter import FilterContext
from meshscope.simulation.listener.filter_chains import ChosenChain, FilterChains, NoChain
from meshscope.simulation.listener.listener_filters import is_disabled
from meshscope.simulation.matching.tree import evaluate
from meshscope.simulation.matching.tree_inputs import http_inputs
from meshscope.simulation.proxy.draft import Draft
from meshscope.simulation.proxy.reply_mappers import ReplyMappers
from meshscope.simulation.rbac.engine import RbacEngine
from meshscope.simulation.rbac.facts import RbacFacts
from meshscope.simulation.rbac.identity import PEER_PRINCIPAL
from meshscope.simulation.route.choice import choose_route
from meshscope.simulation.route.compiled import ChosenRoute, CompiledVirtualHost
from meshscope.simulation.tls.names import names_match
from meshscope.simulation.trace import Direction, Hop, Response
from meshscope.simulation.verdict import Unknown
from meshscope.xds import leniency
from meshscope.xds.listener import Listener
from meshscope.xds.listener_filter import ListenerFilterPredicate
from meshscope.xds.matcher_message import ExtensionMatcher, MatcherMessage, MatcherPart
from meshscope.xds.matcher_tree import Matcher
from meshscope.xds.message import Message
from meshscope.xds.rbac import Rules
from meshscope.xds.route import VirtualHost
from meshscope.xds.tls import CertificateValidationContext

from ..reading import read

Json = dict[str, Any]
Decide = Callable[[Json], tuple[str, str]]
FIELD = "glob_match"
NEW = Envoy((1, 40, 0))
TYPE = "type.googleapis.com/"
TEMPLATE = f"{TYPE}envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig"
REQUEST = HttpRequest(
    path="/a/b?q=1",
    headers=(("x-a", "1"), ("x-b", "5"), ("cookie", "c=1"), ("content-type", "application/grpc")),
    random=0,
    metadata={"f": {"k": {"n": 1.5, "l": ["x"], "s": "x"}}},
)
CONNECTION = Connection(
    destination_ip="10.0.0.1", destination_port=80, source_ip="10.9.9.9", source_port=7, sni="a.b", tls=True,
    transport_protocol="tls", alpn=("h2",),
    peer=Peer(presented=True, validated=True, uri_sans=("spiffe://a/ns/b/sa/c",), dns_sans=("d.e",)),
)  # fmt: skip


def by_route(match: Json, request: HttpRequest = REQUEST) -> tuple[str, str]:
    host = read(VirtualHost, {"routes": [{"match": match, "route": {"cluster": "c"}}]})
    outcomes = choose_route(CompiledVirtualHost(host), request, CONNECTION, NEW)
    words = str(host.routes[0].match)
    if any(outcome.assuming for outcome in outcomes):
        return "unknown", " ".join((*outcomes[0].assuming, words))
    (outcome,) = outcomes
    return ("yes" if isinstance(outcome.value, ChosenRoute) else "no"), words


def by_connect(match: Json) -> tuple[str, str]:
    return by_route(match, HttpRequest(method="CONNECT", path=""))


def by_rules(rules: Json) -> tuple[str, str]:
    facts = RbacFacts(connection=CONNECTION, request=REQUEST, secured=True, envoy=NEW, route_metadata=REQUEST.metadata)
    decision = RbacEngine(read(Rules, rules)).decide(facts)
    return decision.matched.answer, decision.matched.because


def by_permission(permission: Json) -> tuple[str, str]:
    return by_rules({"policies": {"p": {"permissions": [permission], "principals": [{"any": True}]}}})


def by_principal(principal: Json) -> tuple[str, str]:
    return by_rules({"policies": {"p": {"permissions": [{"any": True}], "principals": [principal]}}})


def by_chain(match: Json) -> tuple[str, str]:
    listener = read(Listener, {"filter_chains": [{"filter_chain_match": match}]})
    found = FilterChains(listener).find(CONNECTION)
    if isinstance(found, ChosenChain | NoChain):
        return ("yes" if isinstance(found, ChosenChain) else "no"), ""
    return "unknown", found.because


def by_tree(tree: Json) -> tuple[str, str]:
    found = evaluate(read(Matcher, tree), http_inputs(REQUEST, CONNECTION, NEW), metadata=REQUEST.metadata, envoy=NEW)
    return ("unknown", found.because) if isinstance(found, Unknown) else ("yes" if found else "no", "")


def by_predicate(predicate: Json) -> tuple[str, str]:
    return by_tree({"matcher_list": {"matchers": [{"predicate": predicate, "on_match": action("x")}]}})


def by_listener_filter(predicate: Json) -> tuple[str, str]:
    verdict = is_disabled(read(ListenerFilterPredicate, predicate), 80)
    return verdict.answer, verdict.because


def by_certificate(name: Json) -> tuple[str, str]:
    context = read(CertificateValidationContext, {"match_typed_subject_alt_names": [name]})
    verdict = names_match(context, CONNECTION.peer, NEW, shows="client")
    return verdict.answer, verdict.because


def by_mapper(filter_: Json) -> tuple[str, str]:
    end = End(Disposition.NO_ROUTE, Response(code=404, flags="NR", details="route_not_found"))
    config = ReplyMappers(Raw(json.dumps({"mappers": [{"filter": filter_, "status_code": 418}]}).encode()))
    draft = Draft(hop=Hop(proxy="p", direction=Direction.STATIC), end=end)
    plain = HttpRequest(headers=(("x-a", "1"),))
    after = config.applied(draft, plain, FilterContext(connection=CONNECTION, envoy=NEW))
    code = after.end.response.code if after.end and after.end.response else 0
    return ("unknown", after.assuming[0]) if after.assuming else ("yes" if code == 418 else "no", "")


def extension(type_url: str, **fields: Any) -> Json:
    return {"name": "x", "typed_config": {"@type": f"{TYPE}{type_url}", **fields}}


def action(name: str) -> Json:
    return {"action": {"name": name}}


def cidr(address: str) -> Json:
    return {"address_prefix": address, "prefix_len": 8}


ONE = {"name": "x-a", "string_match": {"exact": "1"}}
HEADER = extension("envoy.type.matcher.v3.HttpRequestHeaderMatchInput", header_name="x-a")
QUERY = extension("envoy.type.matcher.v3.HttpRequestQueryParamMatchInput", query_param="q")
_INPUTS = "envoy.extensions.matching.common_inputs.network.v3."
SOURCE, SNI = extension(f"{_INPUTS}SourceIPInput"), extension(f"{_INPUTS}ServerNameInput")
METADATA = extension(f"{_INPUTS}DynamicMetadataInput", filter="f", path=[{"key": "k"}, {"key": "s"}])
VALUES: list[tuple[str, Json]] = [
    ("n", {"double_match": {"range": {"start": 1, "end": 2}}}),
    ("l", {"list_match": {"one_of": {"string_match": {"prefix": "x"}}}}),
    ("s", {"or_match": {"value_matchers": [{"string_match": {"suffix": "x"}}]}}),
]


def metadata(key: str, value: Json) -> Json:
    return {"filter": "f", "path": [{"key": "k"}, {"key": key}], "value": value}


ROOTS: list[tuple[Decide, Json]] = [
    (by_route, {"prefix": "/a", "headers": [ONE, {"name": "x-b", "range_match": {"start": 1, "end": 9}}]}),
    (by_route, {"safe_regex": {"regex": "/.*", "google_re2": {}}, "query_parameters": [{"name": "q"}]}),
    (by_route, {"prefix": "/", "query_parameters": [{"name": "q", "string_match": {"safe_regex": {"regex": "1"}}}]}),
    (by_route, {"prefix": "/", "cookies": [{"name": "c", "string_match": {"contains": "1"}}], "grpc": {}}),
    (by_route, {"prefix": "/", "tls_context": {"presented": True, "validated": True}}),
    (by_connect, {"connect_matcher": {}}),
    (by_route, {"prefix": "/", "runtime_fraction": {"default_value": {"numerator": 100}, "runtime_key": "k"}}),
    (by_route, {"path_match_policy": {"name": "x", "typed_config": {"@type": TEMPLATE, "path_template": "/a/*"}}}),
    *((by_route, {"prefix": "/", "dynamic_metadata": [metadata(key, value)]}) for key, value in VALUES),
    *((by_permission, rule) for rule in (
        {"any": True}, {"and_rules": {"rules": [{"any": True}]}}, {"or_rules": {"rules": [{"header": ONE}]}},
        {"not_rule": {"destination_port": 81}}, {"url_path": {"path": {"prefix": "/a"}}},
        {"destination_ip": cidr("10.0.0.0")}, {"destination_port_range": {"start": 80, "end": 81}},
        {"metadata": metadata("s", {"string_match": {"exact": "x"}})},
        {"sourced_metadata": {"metadata_matcher": metadata("s", {"present_match": True}), "metadata_source": "ROUTE"}},
        {"requested_server_name": {"exact": "a.b"}},
        {"uri_template": {"name": "x", "typed_config": {"@type": TEMPLATE, "path_template": "/a/*"}}},
    )),
    *((by_principal, identity) for identity in (
        {"and_ids": {"ids": [{"any": True}]}}, {"or_ids": {"ids": [{"any": True}]}},
        {"authenticated": {"principal_name": {"prefix": "spiffe://a/"}}}, {"direct_remote_ip": cidr("10.0.0.0")},
        {"filter_state": {"key": PEER_PRINCIPAL, "string_match": {"prefix": "spiffe://"}}},
        {"not_id": {"header": {"name": "nothing", "present_match": True}}},
    )),
    (by_rules, {"policies": {"p": {"permissions": [{"any": True}], "principals": [{"any": True}]}}}),
    (by_chain, {
        "destination_port": 80, "prefix_ranges": [cidr("10.0.0.0")], "server_names": ["a.b"], "source_ports": [7],
        "transport_protocol": "tls", "application_protocols": ["h2"], "source_prefix_ranges": [cidr("10.0.0.0")],
    }),
    (by_chain, {}),
    (by_predicate, {"single_predicate": {"input": HEADER, "value_match": {"exact": "1"}}}),
    (by_predicate, {"or_matcher": {"predicate": [
        {"and_matcher": {"predicate": [{"single_predicate": {"input": QUERY, "value_match": {"exact": "1"}}}]}},
    ]}}),
    (by_predicate, {"not_matcher": {"single_predicate": {"input": HEADER, "value_match": {"exact": "2"}}}}),
    (by_predicate, {"single_predicate": {"input": SOURCE, "custom_match": extension(
        "envoy.extensions.matching.input_matchers.ip.v3.Ip", cidr_ranges=[cidr("10.0.0.0")])}}),
    (by_predicate, {"single_predicate": {"input": HEADER, "custom_match": extension(
        "envoy.extensions.matching.input_matchers.consistent_hashing.v3.ConsistentHashing", modulo=7)}}),
    (by_predicate, {"single_predicate": {"input": METADATA, "custom_match": extension(
        "envoy.extensions.matching.input_matchers.metadata.v3.Metadata", value={"string_match": {"exact": "x"}})}}),
    (by_tree, {"matcher_tree": {"input": HEADER, "exact_match_map": {"map": {"1": action("x")}}}}),
    (by_tree, {"matcher_tree": {"input": HEADER, "prefix_match_map": {"map": {"1": action("x")}}}}),
    (by_tree, {"matcher_tree": {"input": SOURCE, "custom_match": extension("xds.type.matcher.v3.IPMatcher",
        range_matchers=[{"ranges": [cidr("10.0.0.0")], "on_match": action("x")}])}}),
    (by_tree, {"matcher_tree": {"input": SNI, "custom_match": extension("xds.type.matcher.v3.ServerNameMatcher",
        domain_matchers=[{"domains": ["a.b"], "on_match": action("x")}])}}),
    (by_tree, {"matcher_list": {"matchers": [{"predicate": {"single_predicate": {"input": HEADER,
        "value_match": {"exact": "1"}}}, "on_match": {"matcher": {"on_no_match": action("x")}}}]}}),
    (by_listener_filter, {"or_match": {"rules": [{"and_match": {"rules": [{"destination_port_range":
        {"start": 80, "end": 81}}]}}]}}),
    (by_listener_filter, {"not_match": {"destination_port_range": {"start": 81, "end": 82}}}),
    (by_listener_filter, {"any_match": True}),
    (by_certificate, {"san_type": "URI", "matcher": {"prefix": "spiffe://a/"}}),
    (by_mapper, {"status_code_filter": {"comparison": {"op": "EQ", "value": {"default_value": 404}}}}),
    (by_mapper, {"and_filter": {"filters": [{"header_filter": {"header": ONE}}, {"response_flag_filter": {}}]}}),
    (by_mapper, {"or_filter": {"filters": [{"runtime_filter": {"percent_sampled": {"numerator": 100}}}]}}),
]  # fmt: skip


def messages(node: Any, field: str = "") -> Iterator[Json]:
    """Every matcher and every part of one in a document: each object but maps, free-form ones and extensions."""
    if isinstance(node, list):
        for one in node:
            yield from messages(one, field)
    elif isinstance(node, dict):
        if field not in ("map", "policies", "google_re2", "action") and "typed_config" not in node:
            yield node
        for name, member in node.items():
            yield from messages(member, name)


PLANTED = [(root, place) for root, (_, document) in enumerate(ROOTS) for place in range(len(list(messages(document))))]
PLANTED = [(root, place) for root, place in PLANTED if not (ROOTS[root][0] is by_rules and place == 0)]
"""All but Rules itself, which is a body."""


def planted(root: int, place: int, name: str = FIELD) -> Json:
    document = deepcopy(ROOTS[root][1])
    list(messages(document))[place][name] = {"x": 1}
    return document


@pytest.mark.parametrize("root", range(len(ROOTS)))
def test_each_document_matches_for_certain_as_it_is(root: int) -> None:
    decide, document = ROOTS[root]
    assert decide(document)[0] == "yes"


@pytest.mark.parametrize(("root", "place"), PLANTED)
def test_an_unknown_field_makes_its_matcher_unknown_and_is_named(root: int, place: int) -> None:
    answer, words = ROOTS[root][0](planted(root, place))
    assert answer == "unknown"
    assert FIELD in words
    assert "not known to meshscope" in words


def test_every_matcher_has_such_a_document(monkeypatch: pytest.MonkeyPatch) -> None:
    for package in (meshscope.xds, meshscope.simulation.matching):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    reached: set[type[Message]] = set()
    read_message = leniency._Reading._message

    def recorded(self: Any, value: Json, kind: Any, *more: Any) -> Json:
        if "new_field" in value:  # one that no cache has met
            reached.add(kind.cls)
        return read_message(self, value, kind, *more)

    monkeypatch.setattr(leniency._Reading, "_message", recorded)
    for root, place in PLANTED:
        ROOTS[root][0](planted(root, place, "new_field"))
    assert (below(MatcherMessage) | below(MatcherPart)) - reached == {MatcherMessage, ExtensionMatcher, MatcherPart}


def below(kind: type[Any]) -> set[type[Any]]:
    return {kind}.union(*map(below, kind.__subclasses__()))


SURE_NO: list[tuple[Decide, Json]] = [
    (by_route, {"prefix": "/other", FIELD: 1}),
    (by_route, {"prefix": "/", FIELD: 1, "headers": [{"name": "nothing"}]}),
    (by_route, {"prefix": "/", "headers": [{**ONE, FIELD: 1}, {"name": "nothing"}]}),
    (by_route, {"prefix": "/", "tls_context": {"presented": False, FIELD: 1}}),
    (by_rules, {"policies": {"p": {"permissions": [{FIELD: 1}], "principals": [{"not_id": {"any": True}}]}}}),
    (by_permission, {"and_rules": {"rules": [{FIELD: 1}, {"destination_port": 81}]}}),
    (by_chain, {"destination_port": 81, FIELD: 1}),
    (by_chain, {"server_names": ["c.d"], FIELD: 1}),
    (by_predicate, {"and_matcher": {"predicate": [
        {FIELD: 1}, {"single_predicate": {"input": HEADER, "value_match": {"exact": "2"}}},
    ]}}),
    (by_listener_filter, {"and_match": {"rules": [{FIELD: 1}, {"destination_port_range": {"start": 1, "end": 2}}]}}),
]  # fmt: skip


@pytest.mark.parametrize(("decide", "document"), SURE_NO)
def test_a_certain_no_beside_it_stays(decide: Decide, document: Json) -> None:
    assert decide(document)[0] == "no"


SURE_YES: list[tuple[Decide, Json]] = [
    (by_permission, {"or_rules": {"rules": [{FIELD: 1}, {"destination_port": 80}]}}),
    (by_predicate, {"or_matcher": {"predicate": [
        {FIELD: 1}, {"single_predicate": {"input": HEADER, "value_match": {"exact": "1"}}},
    ]}}),
    (by_listener_filter, {"or_match": {"rules": [{FIELD: 1}, {"destination_port_range": {"start": 80, "end": 81}}]}}),
]  # fmt: skip


@pytest.mark.parametrize(("decide", "document"), SURE_YES)
def test_a_certain_yes_beside_it_stays(decide: Decide, document: Json) -> None:
    assert decide(document)[0] == "yes"


@pytest.mark.parametrize(
    "body",
    [
        {FIELD: 1, "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "c"}}]},
        {"routes": [{FIELD: 1, "match": {"prefix": "/"}, "route": {"cluster": "c"}}]},
        {"routes": [{"match": {"prefix": "/"}, "route": {"cluster": "c", FIELD: 1}}]},
        {"routes": [{"match": {"prefix": "/", FIELD: None}, "route": {"cluster": "c"}}]},
        {"routes": [{"match": {"prefix": "/"}, "route": {"cluster": "c", "regex_rewrite": {"pattern": {FIELD: 1}}}}]},
    ],
)
def test_the_same_field_in_a_body_changes_nothing(body: Json) -> None:
    (outcome,) = choose_route(CompiledVirtualHost(read(VirtualHost, body)), REQUEST, CONNECTION, NEW)
    assert isinstance(outcome.value, ChosenRoute)
    assert outcome.probability == 1.0


def test_other_routes_and_chains_of_the_same_document_decide_for_certain() -> None:
    routes = [{"match": {"prefix": f"/{index}", FIELD: index}, "route": {"cluster": "c"}} for index in range(40)]
    host = read(VirtualHost, {"routes": [*routes, {"match": {"prefix": "/"}, "route": {"cluster": "c"}}]})
    (outcome,) = choose_route(CompiledVirtualHost(host), REQUEST, CONNECTION, NEW)
    assert isinstance(outcome.value, ChosenRoute)
    assert (outcome.value.index, outcome.assuming) == (40, ())
    chains = [{"filter_chain_match": {"destination_port": port, FIELD: 1}} for port in range(81, 121)]
    chains.append({"filter_chain_match": {"destination_port": 80}})
    found = FilterChains(read(Listener, {"filter_chains": chains})).find(CONNECTION)
    assert isinstance(found, ChosenChain)
    assert found.index == 40


UNNAMED: list[tuple[Decide, Json]] = [
    (by_chain, {"source_type": "FROM_THE_MOON"}),
    (by_chain, {"source_type": 7}),
    (by_route, {"prefix": "/", "runtime_fraction": {"default_value": {"numerator": 1, "denominator": "BILLION"}}}),
    (by_route, {"prefix": "/", "runtime_fraction": {"default_value": {"numerator": 1, "denominator": 7}}}),
    (by_permission, {"sourced_metadata": {"metadata_source": "CLUSTER", "metadata_matcher": {"filter": "f"}}}),
    (by_certificate, {"san_type": 9, "matcher": {"exact": "x"}}),
]


@pytest.mark.parametrize(("decide", "document"), UNNAMED)
def test_a_value_of_an_enum_that_is_not_known_is_unknown(decide: Decide, document: Json) -> None:
    assert decide(document)[0] == "unknown"


NUMBERED: list[tuple[Decide, Json]] = [
    (by_chain, {"source_type": 2}),
    (by_route, {"prefix": "/", "runtime_fraction": {"default_value": {"numerator": 1_000_000, "denominator": 2}}}),
    (
        by_permission,
        {"sourced_metadata": {"metadata_source": 1, "metadata_matcher": metadata("s", {"present_match": True})}},
    ),
]


@pytest.mark.parametrize(("decide", "document"), NUMBERED)
def test_a_known_value_of_an_enum_may_be_its_number(decide: Decide, document: Json) -> None:
    assert decide(document)[0] == "yes"


@pytest.mark.parametrize(
    ("action", "allowed"), [("ALLOW", "yes"), ("DENY", "no"), ("LOG", "yes"), ("AUDIT", "unknown"), (9, "unknown")]
)
def test_an_action_of_rules_that_is_not_known_is_unknown(action: object, allowed: str) -> None:
    policy = {"permissions": [{"any": True}], "principals": [{"any": True}]}
    engine = RbacEngine(read(Rules, {"action": action, "policies": {"p": policy}}))
    assert engine.decide(RbacFacts(connection=CONNECTION)).allowed.answer == allowed


def test_an_unread_chain_may_hide_others_or_not_be_there_at_all() -> None:
    """It is the more specific one at the port, and leads nowhere for another SNI."""
    hidden = {"destination_port": 80, "server_names": ["other"], FIELD: 1}
    found = FilterChains(read(Listener, {"filter_chains": [{"filter_chain_match": hidden}, {}]})).find(CONNECTION)
    assert not isinstance(found, ChosenChain | NoChain)
    assert {each.index if isinstance(each, ChosenChain) else "none" for each in found.candidates} == {"none", 1}
