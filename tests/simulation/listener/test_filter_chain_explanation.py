from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from meshscope.location import Document, Location
from meshscope.simulation.connection import Connection
from meshscope.simulation.listener.filter_chain_explanation import rejected_chains
from meshscope.simulation.listener.filter_chains import ChainChoice, ChosenChain, FilterChains, NoChain, UndecidedChain
from meshscope.simulation.trace import Rejected
from meshscope.xds.listener import Listener

from ..reading import read
from .test_filter_chains import CLIENTS, MATCHES, chains, client, tree

MUTUAL = {
    "name": "tls",
    "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
        "require_client_certificate": True,
    },
}


def lost(index: FilterChains, connection: Connection) -> tuple[Rejected, ...]:
    return rejected_chains(index, connection, index.find(connection))


def reasons(index: FilterChains, connection: Connection) -> dict[str, str]:
    return {each.name: each.because for each in lost(index, connection)}


def test_a_chain_may_lose_although_each_of_its_criteria_fits() -> None:
    index = chains({"destination_port": 80}, {"source_ports": [1001]})
    assert reasons(index, client()) == {"1": "shadowed at destination port by the more specific 80 of 0"}


def test_a_chain_that_does_not_fit_says_what_it_asks_for_and_what_is_there() -> None:
    index = chains({"server_names": ["*.a.com", "b.com"]}, {"application_protocols": ["h2"]})
    found = reasons(index, client(sni="x.com", alpn=("http/1.1",), transport_protocol="tls", tls=True))
    assert found == {
        "0": "asks for SNI *.a.com, b.com; the client sends x.com",
        "1": "asks for application protocol h2; detected: http/1.1",
    }


def strict(**chain: Any) -> FilterChains:
    match = {"transport_protocol": "tls"}
    return FilterChains(read(Listener, {"filter_chains": [{"filter_chain_match": match, **chain}]}))


def test_plain_text_before_a_chain_that_asks_for_a_certificate_is_strict() -> None:
    (rejected,) = lost(strict(transport_socket=MUTUAL), client())
    assert rejected.name == "filter_chains[0]"
    assert rejected.because == (
        "asks for transport protocol tls; the client speaks plain text: mutual TLS only (STRICT)"
    )


def test_without_a_client_certificate_it_is_just_tls() -> None:
    (rejected,) = lost(strict(), client())
    assert rejected.because == "asks for transport protocol tls; the client speaks plain text"


def test_tls_that_no_listener_filter_looks_at_is_said() -> None:
    (rejected,) = lost(strict(), client(tls=True))
    assert rejected.because.endswith("the client speaks TLS, but no listener filter looks at it")


def test_the_nearest_miss_comes_first_and_the_default_chain_last() -> None:
    index = chains({"destination_port": 81}, {"source_ports": [7]}, {"source_ports": [1001]}, default=True)
    assert [each.name for each in lost(index, client())] == ["1", "0", "default"]


def test_each_rejected_chain_knows_its_place() -> None:
    at = Location(Document.of("x", b"{}"), ("listener",))
    index = chains({"destination_port": 81}, {}, default=True)
    places = [each.location for each in rejected_chains(index, client(), index.find(client()), at=at)]
    assert [place and place.path for place in places] == [
        ("listener", "filter_chains", 0),
        ("listener", "default_filter_chain"),
    ]


def test_a_matcher_tree_is_the_reason_where_there_is_one() -> None:
    index = chains({}, {}, filter_chain_matcher=tree("DestinationPortInput", {"80": "1"}))
    assert reasons(index, client()) == {"0": "filter_chain_matcher: chooses 1"}


@given(MATCHES, CLIENTS)
def test_every_chain_is_chosen_possible_or_rejected_with_a_reason(
    matches: list[dict[str, Any]], connection: Connection
) -> None:
    index = chains(*matches)
    found = index.find(connection)
    candidates = found.candidates if isinstance(found, UndecidedChain) else (found,)
    possible = {each.chain.name for each in candidates if isinstance(each, ChosenChain)}
    rejected = rejected_chains(index, connection, found)
    assert {each.name for each in rejected} == {str(i) for i in range(len(matches))} - possible
    assert all(each.because for each in rejected)
    assert [each.near for each in rejected] == sorted(each.near for each in rejected)


@given(MATCHES, CLIENTS)
def test_a_chain_that_is_said_to_ask_for_something_else_does_not_fit_alone_and_a_shadowed_one_may(
    matches: list[dict[str, Any]], connection: Connection
) -> None:
    for rejected in lost(chains(*matches), connection):
        alone = chains(matches[int(rejected.name)]).find(connection)
        if isinstance(alone, ChosenChain):
            assert rejected.because.startswith("shadowed at "), rejected
        if rejected.because.startswith("asks for "):
            assert isinstance(alone, NoChain), rejected


@given(MATCHES, CLIENTS, st.integers(0, 7))
def test_a_chain_with_a_field_that_is_not_known_is_possible_or_rejected_too(
    matches: list[dict[str, Any]], connection: Connection, place: int
) -> None:
    matches = matches or [{}]
    before = possible(chains(*matches).find(connection))
    planted = place % len(matches)
    index = chains(*({**match, "tenant": "a"} if at == planted else match for at, match in enumerate(matches)))
    found = index.find(connection)
    names = possible(found)
    assert before <= names
    assert names != {str(planted)}
    rejected = {each.name for each in rejected_chains(index, connection, found)}
    assert rejected | names == {str(at) for at in range(len(matches))} | (names & {"none"})


def possible(found: ChainChoice) -> set[str]:
    candidates = found.candidates if isinstance(found, UndecidedChain) else (found,)
    return {each.chain.name if isinstance(each, ChosenChain) else "none" for each in candidates}
