from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.connection import Connection, Envoy, HttpRequest, Peer
from meshscope.simulation.matching.string import NEWEST
from meshscope.simulation.matching.tree import evaluate
from meshscope.simulation.matching.tree_inputs import http_inputs, network_inputs
from meshscope.simulation.verdict import Unknown
from meshscope.xds.extension import Extension
from meshscope.xds.matcher_tree import Matcher

from ..reading import read

XDS, ENVOY = "type.googleapis.com/xds.type.matcher.v3.", "type.googleapis.com/envoy.type.matcher.v3."
NETWORK = "type.googleapis.com/envoy.extensions.matching.common_inputs.network.v3."
INPUT_MATCHERS = "type.googleapis.com/envoy.extensions.matching.input_matchers."
Tree = dict[str, Any]


def extension(type_url: str, **fields: Any) -> Tree:
    return {"name": "x", "typed_config": {"@type": type_url, **fields}}


def action(name: str) -> Tree:
    return {"action": {"name": name}}


def input_of(header: str) -> Tree:
    return extension(f"{ENVOY}HttpRequestHeaderMatchInput", header_name=header)


def found(tree: Tree, *headers: tuple[str, str], metadata: Tree | None = None, envoy: Envoy = NEWEST) -> str | None:
    request = HttpRequest(headers=headers)
    result = evaluate(
        read(Matcher, tree), http_inputs(request, Connection(), envoy), metadata=metadata or {}, envoy=envoy
    )
    return f"unknown: {result.because}" if isinstance(result, Unknown) else result.name if result else None


def exact(header: str, entries: Tree, **more: Any) -> Tree:
    return {"matcher_tree": {"input": input_of(header), "exact_match_map": {"map": entries}}, **more}


def prefix(header: str, entries: Tree, **more: Any) -> Tree:
    return {"matcher_tree": {"input": input_of(header), "prefix_match_map": {"map": entries}}, **more}


def custom(header: str, type_url: str, **fields: Any) -> Tree:
    return {
        "matcher_tree": {"input": input_of(header), "custom_match": extension(type_url, **fields)},
        "on_no_match": action("none"),
    }


def is_(header: str, value: str) -> Tree:
    return {"single_predicate": {"input": input_of(header), "value_match": {"exact": value}}}


MISS = {"matcher": exact("h", {"never": action("never")})}


def test_the_first_predicate_that_holds_and_leads_somewhere_wins() -> None:
    entries = [(is_("h", "v"), MISS), (is_("h", "v"), action("second")), (is_("h", "w"), action("third"))]
    tree = {"matcher_list": {"matchers": [{"predicate": p, "on_match": m} for p, m in entries]}}
    assert found(tree, ("h", "v")) == "second"
    assert found(tree, ("h", "w")) == "third"
    assert found(tree, ("h", "x")) is None
    assert found({**tree, "on_no_match": action("none")}, ("h", "x")) == "none"


@pytest.mark.parametrize(
    ("predicate", "answer"),
    [
        ({"and_matcher": {"predicate": [is_("h", "v"), is_("g", "w")]}}, "hit"),
        ({"and_matcher": {"predicate": [is_("h", "v"), is_("g", "x")]}}, None),
        ({"or_matcher": {"predicate": [is_("h", "x"), is_("g", "w")]}}, "hit"),
        ({"or_matcher": {"predicate": [is_("h", "x"), is_("g", "x")]}}, None),
        ({"not_matcher": is_("h", "x")}, "hit"),
        ({"not_matcher": is_("h", "v")}, None),
        (is_("absent", ""), None),
        ({"not_matcher": is_("absent", "v")}, "hit"),
        ({}, "unknown: predicate without a matcher"),
    ],
)
def test_predicates(predicate: Tree, answer: str | None) -> None:
    tree = {"matcher_list": {"matchers": [{"predicate": predicate, "on_match": action("hit")}]}}
    assert found(tree, ("h", "v"), ("g", "w")) == answer


def test_an_exact_map_falls_to_on_no_match_for_a_missing_key_an_absent_input_and_a_nested_miss() -> None:
    tree = exact("h", {"v": action("hit"), "m": MISS}, on_no_match=action("none"))
    assert found(tree, ("h", "v")) == "hit"
    assert [found(tree, ("h", "x")), found(tree), found(tree, ("h", "m"))] == ["none"] * 3


def test_a_prefix_map_takes_the_longest_prefix_and_resumes_with_a_shorter_one() -> None:
    tree = prefix("h", {"a": action("a"), "ab": action("ab"), "abc": MISS}, on_no_match=action("none"))
    assert [found(tree, ("h", value)) for value in ("abx", "a", "abcd", "x")] == ["ab", "a", "ab", "none"]
    assert found(tree, ("h", "abcd"), envoy=Envoy((1, 34, 0))) == "none"


def test_an_inner_on_no_match_ends_the_search() -> None:
    inner = {"matcher": exact("h", {"never": action("never")}, on_no_match=action("inner"))}
    tree = prefix("h", {"a": action("outer"), "ab": inner})
    assert found(tree, ("h", "ab")) == "inner"


def ranges(*entries: tuple[int, Tree, bool]) -> Tree:
    matchers = [
        {"ranges": [{"address_prefix": "10.1.1.0", "prefix_len": length}], "on_match": what, "exclusive": exclusive}
        for length, what, exclusive in entries
    ]
    return custom("ip", f"{XDS}IPMatcher", range_matchers=matchers)


def test_ip_ranges_from_the_longest_and_an_exclusive_one_only_if_it_is_that() -> None:
    wide, narrow = (8, action("8"), False), (16, action("16"), False)
    assert found(ranges(wide, narrow), ("ip", "10.1.9.9")) == "16"
    assert found(ranges(wide, narrow), ("ip", "10.9.9.9")) == "8"
    assert found(ranges((24, MISS, False), narrow, wide), ("ip", "10.1.1.1")) == "16"
    assert found(ranges((24, MISS, False), (16, action("16"), True), wide), ("ip", "10.1.1.1")) == "8"
    assert found(ranges((16, MISS, True), (16, action("b"), True), wide), ("ip", "10.1.1.1")) == "8"
    assert [found(ranges(wide), *ip) for ip in ([("ip", "11.1.1.1")], [("ip", "x")], [("ip", "::1")], [])] == [
        "none"
    ] * 4


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("a.b.c", "exact"),
        ("x.b.c", "*.b.c"),
        ("y.x.b.c", "*.b.c"),
        ("b.c", "*.c"),
        ("c", "*"),
        ("A.B.C", "*"),
        ("", "none"),
    ],
)
def test_server_names(name: str, answer: str) -> None:
    entries = {"a.b.c": action("exact"), "*.b.c": action("*.b.c"), "*.c": action("*.c"), "*": action("*")}
    matchers = [{"domains": [domain], "on_match": what} for domain, what in entries.items()]
    assert found(custom("h", f"{XDS}ServerNameMatcher", domain_matchers=matchers), ("h", name)) == answer


def test_a_server_name_whose_subtree_misses_goes_on_with_a_wider_one() -> None:
    matchers = [{"domains": ["a.b.c", "*.b.c"], "on_match": MISS}, {"domains": ["*.c"], "on_match": action("wide")}]
    assert found(custom("h", f"{XDS}ServerNameMatcher", domain_matchers=matchers), ("h", "a.b.c")) == "wide"
    assert found(custom("h", f"{XDS}ServerNameMatcher", domain_matchers=matchers)) == "none"


def test_values_of_a_repeated_header_are_joined_in_every_release() -> None:
    assert found(exact("h", {"v,w": action("joined")}), ("h", "v"), ("h", "w")) == "joined"


def test_dynamic_metadata_is_an_input_that_is_no_text() -> None:
    what = extension(f"{NETWORK}DynamicMetadataInput", filter="f", path=[{"key": "k"}])
    single = {
        "input": what,
        "custom_match": extension(f"{INPUT_MATCHERS}metadata.v3.Metadata", value={"string_match": {"exact": "v"}}),
    }
    tree = {"matcher_list": {"matchers": [{"predicate": {"single_predicate": single}, "on_match": action("hit")}]}}
    assert found(tree, metadata={"f": {"k": "v"}}) == "hit"
    assert found(tree, metadata={"f": {"k": "w"}}) is None


def test_an_ip_predicate() -> None:
    ip = extension(f"{INPUT_MATCHERS}ip.v3.Ip", cidr_ranges=[{"address_prefix": "10.0.0.0", "prefix_len": 8}])
    single = {"input": input_of("ip"), "custom_match": ip}
    tree = {"matcher_list": {"matchers": [{"predicate": {"single_predicate": single}, "on_match": action("hit")}]}}
    assert [found(tree, ("ip", "10.1.1.1")), found(tree, ("ip", "11.1.1.1")), found(tree)] == ["hit", None, None]


@pytest.mark.parametrize(
    "tree",
    [
        {"matcher_tree": {"input": extension("type.googleapis.com/acme.Input"), "exact_match_map": {"map": {}}}},
        {"matcher_tree": {"input": input_of("h"), "custom_match": extension("type.googleapis.com/acme.Matcher")}},
        {"matcher_tree": {"input": input_of("h")}},
        exact("h", {"v": {**action("kept"), "keep_matching": True}}),
        exact("x-request-id", {"v": action("hit")}),
    ],
)
def test_what_is_not_modelled_is_unknown(tree: Tree) -> None:
    answer = found(tree, ("h", "v"))
    assert answer is not None
    assert answer.startswith("unknown: ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DestinationPortInput", "80"),
        ("DestinationIPInput", "10.0.0.1"),
        ("SourceIPInput", "10.0.0.2"),
        ("DirectSourceIPInput", "10.0.0.2"),
        ("SourcePortInput", "9"),
        ("ServerNameInput", "a.com"),
        ("TransportProtocolInput", "tls"),
        ("ApplicationProtocolInput", "'h2','http/1.1'"),
        ("SourceTypeInput", None),
    ],
)
def test_network_inputs(name: str, value: str | None) -> None:
    connection = Connection(
        destination_ip="10.0.0.1", destination_port=80, source_ip="10.0.0.2", source_port=9, sni="a.com",
        transport_protocol="tls", alpn=("h2", "http/1.1"),
    )  # fmt: skip
    what = read(Extension, extension(f"{NETWORK}{name}"))
    assert network_inputs(connection)(what) == value
    unsaid = network_inputs(Connection())(what)
    absent = name in ("ServerNameInput", "TransportProtocolInput", "ApplicationProtocolInput")
    assert unsaid is None if absent else isinstance(unsaid, Unknown)


def test_names_of_a_peer_are_unknown_until_somebody_says_whether_it_has_a_certificate() -> None:
    what = read(Extension, extension("type.googleapis.com/envoy.extensions.matching.common_inputs.ssl.v3.UriSanInput"))
    peer = Peer(presented=True, uri_sans=("spiffe://a", "spiffe://b"))
    assert network_inputs(Connection(tls=True, peer=peer))(what) == "spiffe://a,spiffe://b"
    assert network_inputs(Connection())(what) is None
    assert isinstance(network_inputs(Connection(tls=True))(what), Unknown)


def test_only_the_loopback_address_and_the_own_one_are_a_local_source() -> None:
    what = read(Extension, extension(f"{NETWORK}SourceTypeInput"))
    assert network_inputs(Connection(source_ip="127.0.0.1", destination_ip="10.0.0.1"))(what) == "local"
    assert network_inputs(Connection(source_ip="127.0.0.6", destination_ip="10.0.0.1"))(what) is None
    assert network_inputs(Connection(source_ip="10.0.0.1", destination_ip="10.0.0.1"))(what) == "local"
    assert network_inputs(Connection(is_ip=False), is_pipe=True)(what) == "local"
    assert network_inputs(Connection(is_ip=False), is_pipe=False)(what) is None
    assert isinstance(network_inputs(Connection(is_ip=False))(what), Unknown)


@pytest.mark.parametrize(
    ("client", "forwarded", "source", "port", "direct"),
    [
        (None, False, "127.0.0.1", "9", "127.0.0.1"),
        ("127.0.0.1", False, "127.0.0.1", "9", "127.0.0.1"),
        ("127.0.0.1", True, "127.0.0.1", "0", "127.0.0.1"),
        ("1.2.3.4", True, "1.2.3.4", "0", "127.0.0.1"),
    ],
)
def test_the_source_of_a_request_is_the_client_that_was_forwarded_for(
    client: str | None, forwarded: bool, source: str, port: str, direct: str
) -> None:
    request = HttpRequest(client_ip=client, forwarded=forwarded)
    inputs = http_inputs(request, Connection(source_ip="127.0.0.1", source_port=9), Envoy())
    names = ("SourceIPInput", "SourcePortInput", "DirectSourceIPInput")
    assert tuple(inputs(read(Extension, extension(f"{NETWORK}{name}"))) for name in names) == (source, port, direct)
