from __future__ import annotations

import random as randomness
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope.simulation.connection import Connection
from meshscope.simulation.hints import SOURCE_ADDRESS
from meshscope.simulation.listener.filter_chains import ChainChoice, ChosenChain, FilterChains, NoChain, UndecidedChain
from meshscope.xds.listener import Listener

from ..reading import read


def chains(*matches: dict[str, Any], default: bool = False, **more: Any) -> FilterChains:
    listener: dict[str, Any] = {
        "filter_chains": [{"name": str(i), "filter_chain_match": match} for i, match in enumerate(matches)],
        **more,
    }
    if default:
        listener["default_filter_chain"] = {"name": "default"}
    return FilterChains(read(Listener, listener))


def cidr(text: str) -> dict[str, Any]:
    address, _, length = text.partition("/")
    return {"address_prefix": address, "prefix_len": int(length)}


def client(**fields: Any) -> Connection:
    known: dict[str, Any] = {
        "destination_ip": "10.1.1.1", "destination_port": 80, "source_ip": "11.1.1.1", "source_port": 1001,
        "transport_protocol": "raw_buffer",
    }  # fmt: skip
    return Connection(**{**known, **fields})


def name(found: ChainChoice) -> str | None:
    assert not isinstance(found, UndecidedChain), found
    return found.chain.name if isinstance(found, ChosenChain) else None


TLS: dict[str, Any] = {"transport_protocol": "tls", "tls": True}
NONE: dict[str, Any] = {}
PORT_AND_RANGE = ({"destination_port": 80, "prefix_ranges": [cidr("10.0.0.0/8")]}, NONE)
RANGES = (
    {"prefix_ranges": [cidr("10.0.0.0/8")]},
    {"prefix_ranges": [cidr("10.1.0.0/16")], "server_names": ["a.com"]},
    NONE,
)
SUFFIX_AND_ALPN = ({"server_names": ["*.com"], "application_protocols": ["h2"]}, NONE)
TLS_AND_ALPN = ({"transport_protocol": "tls", "application_protocols": ["h2"]}, NONE)
ALPN_AND_SOURCE = (
    {"application_protocols": ["h2"], "source_prefix_ranges": [cidr("10.0.0.0/8")]},
    {"application_protocols": ["http/1.1"]},
    NONE,
)
DIRECT_AND_SOURCE = (
    {"direct_source_prefix_ranges": [cidr("127.0.0.0/8")], "source_prefix_ranges": [cidr("10.0.0.0/8")]},
    NONE,
)
EXTERNAL_AND_SOURCE = ({"source_type": "EXTERNAL", "source_prefix_ranges": [cidr("10.0.0.0/8")]}, NONE)
SOURCE_AND_PORT = (
    {"source_prefix_ranges": [cidr("10.1.0.0/16")], "source_ports": [1000]},
    {"source_prefix_ranges": [cidr("10.0.0.0/8")]},
)


@pytest.mark.parametrize(
    ("matches", "connection", "chosen"),
    [
        (PORT_AND_RANGE, client(destination_ip="11.1.1.1"), None),
        (PORT_AND_RANGE, client(), "0"),
        (PORT_AND_RANGE, client(destination_port=81), "1"),
        (RANGES, client(sni="b.com", **TLS), None),
        (RANGES, client(sni="a.com", **TLS), "1"),
        (RANGES, client(sni="b.com", destination_ip="10.2.1.1", **TLS), "0"),
        (SUFFIX_AND_ALPN, client(sni="example.com", alpn=("http/1.1",), **TLS), None),
        (SUFFIX_AND_ALPN, client(sni="example.com", alpn=("http/1.1", "h2"), **TLS), "0"),
        (SUFFIX_AND_ALPN, client(sni="example.org", alpn=("http/1.1",), **TLS), "1"),
        (TLS_AND_ALPN, client(alpn=("http/1.1",), **TLS), None),
        (TLS_AND_ALPN, client(alpn=("h2",), **TLS), "0"),
        (TLS_AND_ALPN, client(), "1"),
        (ALPN_AND_SOURCE, client(alpn=("h2", "http/1.1")), None),
        (ALPN_AND_SOURCE, client(alpn=("http/1.1", "h2")), "1"),
        (ALPN_AND_SOURCE, client(alpn=("h2",), source_ip="10.9.9.9"), "0"),
        (DIRECT_AND_SOURCE, client(direct_source_ip="127.0.0.1"), None),
        (DIRECT_AND_SOURCE, client(direct_source_ip="128.0.0.1"), "1"),
        (EXTERNAL_AND_SOURCE, client(), None),
        (EXTERNAL_AND_SOURCE, client(source_ip="127.0.0.1"), "1"),
        (SOURCE_AND_PORT, client(source_ip="10.1.1.1"), None),
        (SOURCE_AND_PORT, client(source_ip="10.1.1.1", source_port=1000), "0"),
        (SOURCE_AND_PORT, client(source_ip="10.2.1.1"), "1"),
    ],
)
def test_a_branch_once_taken_is_never_left(
    matches: tuple[dict[str, Any], ...], connection: Connection, chosen: str | None
) -> None:
    assert name(chains(*matches).find(connection)) == chosen
    assert name(chains(*matches, default=True).find(connection)) == (chosen or "default")


@pytest.mark.parametrize(
    ("asked", "sni", "chosen"),
    [
        ("*.example.com", "a.example.com", True),
        ("*.example.com", "a.b.example.com", True),
        ("*.example.com", "example.com", False),
        (".example.com", "a.example.com", True),
        ("A.Example.Com", "a.example.com", True),
        ("a.example.com", "A.EXAMPLE.COM", True),
        ("a.example.com", "b.a.example.com", False),
        ("*.com", "", False),
    ],
)
def test_server_names_match_exactly_or_by_the_suffix_after_a_dot(asked: str, sni: str, *, chosen: bool) -> None:
    found = chains({"server_names": [asked]}).find(client(sni=sni, **TLS))
    assert (name(found) == "0") is chosen


def test_the_longest_suffix_wins_and_an_exact_name_over_it() -> None:
    index = chains({"server_names": ["*.c"]}, {"server_names": ["*.b.c"]}, {"server_names": ["a.b.c"]})
    assert [name(index.find(client(sni=sni, **TLS))) for sni in ("x.c", "x.b.c", "a.b.c")] == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("source", "local"),
    [("127.0.0.1", True), ("::1", True), ("127.0.0.9", False), ("10.1.1.1", True), ("10.1.1.2", False)],
)
def test_local_is_the_loopback_address_itself_or_the_own_address(source: str, *, local: bool) -> None:
    index = chains({"source_type": "SAME_IP_OR_LOOPBACK"}, {"source_type": "EXTERNAL"})
    assert name(index.find(client(source_ip=source))) == ("0" if local else "1")


def test_the_v2_word_for_a_local_source_is_read_alike() -> None:
    assert name(chains({"source_type": "LOCAL"}).find(client(source_ip="127.0.0.1"))) == "0"


@pytest.mark.parametrize(
    ("match", "chosen"),
    [
        (NONE, True),
        ({"prefix_ranges": [cidr("0.0.0.0/0")]}, True),
        ({"prefix_ranges": [cidr("10.0.0.0/8")]}, False),
        ({"destination_port": 80}, False),
        ({"source_ports": [1]}, False),
    ],
)
def test_a_pipe_has_no_port_and_no_address(match: dict[str, Any], *, chosen: bool) -> None:
    index = chains(match, address={"pipe": {"path": "/run/x.sock"}})
    assert isinstance(index.find(Connection(is_ip=False)), ChosenChain) is chosen


def test_clients_of_a_pipe_are_local_and_those_of_an_internal_listener_are_not() -> None:
    matches = {"source_type": "SAME_IP_OR_LOOPBACK"}, {"source_type": "EXTERNAL"}
    pipe, internal = chains(*matches, address={"pipe": {"path": "/x"}}), chains(*matches, internal_listener={})
    assert (name(pipe.find(Connection(is_ip=False))), name(internal.find(Connection(is_ip=False)))) == ("0", "1")


def test_overlapping_catch_alls_are_ambiguous_for_the_family_that_both_hold() -> None:
    index = chains(NONE, {"prefix_ranges": [cidr("0.0.0.0/0")]})
    found = index.find(client())
    assert isinstance(found, UndecidedChain)
    assert found.ambiguous
    assert [each.index for each in found.candidates if isinstance(each, ChosenChain)] == [0, 1]
    assert name(index.find(client(destination_ip="2001:db8::1"))) == "0"


def test_a_fact_that_nobody_said_decides_nothing() -> None:
    index = chains({"source_prefix_ranges": [cidr("10.0.0.0/8")]}, default=True)
    found = index.find(client(source_ip=None, source_port=None))
    assert isinstance(found, UndecidedChain)
    assert not found.ambiguous
    assert (found.because, found.hint) == ("the source address is not given", SOURCE_ADDRESS)
    assert [each.index for each in found.candidates if isinstance(each, ChosenChain)] == [0, None]


def test_a_fact_that_nobody_said_does_no_harm_where_nobody_asks_for_it() -> None:
    nobody = Connection(destination_ip="10.1.1.1", destination_port=80)
    assert name(chains({"destination_port": 80}, NONE).find(nobody)) == "0"


def test_what_no_filter_detected_is_raw_buffer() -> None:
    assert name(chains({"transport_protocol": "raw_buffer"}).find(client(transport_protocol=""))) == "0"


def test_a_listener_with_a_default_chain_alone_takes_everything() -> None:
    assert name(chains(default=True).find(client())) == "default"
    assert isinstance(chains().find(client()), NoChain)


KEYS = {
    "destination_port": st.sampled_from([80, 81]),
    "prefix_ranges": st.lists(st.sampled_from([cidr("10.0.0.0/8"), cidr("10.1.0.0/16")]), min_size=1, max_size=2),
    "server_names": st.lists(st.sampled_from(["a.com", "*.com", "*.b.com"]), min_size=1, max_size=2),
    "transport_protocol": st.sampled_from(["tls", "raw_buffer"]),
    "application_protocols": st.lists(st.sampled_from(["h2", "http/1.1"]), min_size=1, max_size=2),
    "source_type": st.sampled_from(["EXTERNAL", "SAME_IP_OR_LOOPBACK"]),
    "source_ports": st.lists(st.sampled_from([1000, 1001]), min_size=1, max_size=2),
}
MATCHES = st.lists(st.fixed_dictionaries({}, optional=KEYS), max_size=6)
CLIENTS = st.builds(
    client,
    destination_port=st.sampled_from([80, 81, 82]),
    destination_ip=st.sampled_from(["10.1.1.1", "10.2.1.1", "9.9.9.9"]),
    sni=st.sampled_from(["", "a.com", "x.com", "x.b.com", "x.org"]),
    transport_protocol=st.sampled_from(["tls", "raw_buffer"]),
    alpn=st.sampled_from([(), ("h2",), ("http/1.1", "h2"), ("x",)]),
    source_ip=st.sampled_from(["127.0.0.1", "11.1.1.1"]),
    source_port=st.sampled_from([1000, 1001, 1002]),
)


def indices(found: ChainChoice) -> set[str | None]:
    candidates = found.candidates if isinstance(found, UndecidedChain) else (found,)
    return {each.chain.name if isinstance(each, ChosenChain) else None for each in candidates}


@given(MATCHES, CLIENTS, st.randoms(use_true_random=False))
def test_the_order_of_chains_does_not_matter(
    matches: list[dict[str, Any]], connection: Connection, random: randomness.Random
) -> None:
    named = [{"name": str(i), "filter_chain_match": match} for i, match in enumerate(matches)]
    first = FilterChains(read(Listener, {"filter_chains": named}))
    random.shuffle(named)
    assert indices(first.find(connection)) == indices(
        FilterChains(read(Listener, {"filter_chains": named})).find(connection)
    )


@given(MATCHES, CLIENTS)
def test_the_chosen_chain_fits_by_itself_and_saying_less_never_rules_the_answer_out(
    matches: list[dict[str, Any]], connection: Connection
) -> None:
    found = chains(*matches).find(connection)
    for each in indices(found):
        if each is not None:
            assert name(chains(matches[int(each)]).find(connection)) == "0"
    silent = Connection(sni=connection.sni, alpn=connection.alpn, transport_protocol=connection.transport_protocol)
    assert indices(found) <= indices(chains(*matches).find(silent))


NETWORK = "type.googleapis.com/envoy.extensions.matching.common_inputs.network.v3."


def tree(kind: str, entries: dict[str, str]) -> dict[str, Any]:
    return {
        "matcher_tree": {
            "input": {"name": "i", "typed_config": {"@type": NETWORK + kind}},
            "exact_match_map": {
                "map": {
                    key: {"action": {"name": "a", "typed_config": {"@type": STRING_VALUE, "value": chain}}}
                    for key, chain in entries.items()
                }
            },
        }
    }


STRING_VALUE = "type.googleapis.com/google.protobuf.StringValue"


@pytest.mark.parametrize(("port", "chosen"), [(80, "0"), (81, None), (82, "default")])
def test_a_matcher_tree_names_the_chain_and_a_wrong_name_closes(port: int, chosen: str | None) -> None:
    matcher = tree("DestinationPortInput", {"80": "0", "81": "nowhere"})
    index = chains({"destination_port": 9}, default=True, filter_chain_matcher=matcher)
    assert name(index.find(client(destination_port=port))) == chosen


@pytest.mark.parametrize(("source", "chosen"), [("127.0.0.1", "0"), ("127.0.0.9", None)])
def test_a_matcher_tree_calls_local_what_source_type_does(source: str, chosen: str | None) -> None:
    index = chains(NONE, filter_chain_matcher=tree("SourceTypeInput", {"local": "0"}))
    assert name(index.find(client(source_ip=source))) == chosen


def test_an_input_that_is_not_modelled_leaves_every_chain_possible() -> None:
    found = chains(NONE, NONE, filter_chain_matcher=tree("FilterStateInput", {"x": "0"})).find(client())
    assert isinstance(found, UndecidedChain)
    assert len(found.candidates) == 3
