from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from meshscope.simulation.connection import Connection, Peer
from meshscope.simulation.headers.substitution import Substitution, SubstitutionFacts
from meshscope.xds.metadata import Metadata

from ..reading import asking, read

FACTS = SubstitutionFacts(
    request=asking(
        "/p?q=7&e=",
        ("x-a", "one"),
        ("x-a", "two"),
        client_ip="10.1.1.1",
        metadata={"ns": {"k": {"deep": "down"}, "n": 3, "yes": True}},
    ),
    connection=Connection(
        destination_ip="10.0.0.1", destination_port=80, source_ip="10.9.9.9", source_port=5, sni="s.example"
    ),
    route_name="r",
    cluster="c",
    route_metadata=read(Metadata, {"filter_metadata": {"ns": {"k": 1.5}}}),
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("100%%", "100%"),
        ("%REQ(x-a)%", "one"),
        ("%REQ(X-A)%", "one"),
        ("%REQ(x-no?x-a)%", "one"),
        ("%REQ(x-a):2%", "on"),
        ("a%REQ(x-no)%b", "ab"),
        ("%REQ(:path)%", "/p?q=7&e="),
        ("%REQ(:authority)%-%REQ(:METHOD)%", "shop.example-GET"),
        ("%PATH(NQ:PATH)%", "/p"),
        ("%PATH(WQ:PATH)%", "/p?q=7&e="),
        ("%QUERY_PARAM(q)%", "7"),
        ("%QUERY_PARAM(z)%", ""),
        ("%PROTOCOL%", "HTTP/1.1"),
        ("%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%", "10.1.1.1"),
        ("%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%", "10.9.9.9"),
        ("%DOWNSTREAM_LOCAL_ADDRESS%", "10.0.0.1:80"),
        ("%DOWNSTREAM_LOCAL_PORT%", "80"),
        ("%REQUESTED_SERVER_NAME%", "s.example"),
        ("%ROUTE_NAME%/%UPSTREAM_CLUSTER%", "r/c"),
        ("%DYNAMIC_METADATA(ns:k:deep)%", "down"),
        ('%DYNAMIC_METADATA(["ns", "n"])%', "3"),
        ("%DYNAMIC_METADATA(ns:yes)%", "true"),
        ("%DYNAMIC_METADATA(no:k)%", ""),
        ("%DYNAMIC_METADATA(ns:k)%", '{"deep":"down"}'),
        ("%METADATA(ROUTE:ns:k)%", "1.5"),
        ("a%UPSTREAM_METADATA(ns:k)%%UPSTREAM_HOST%%METADATA(UPSTREAM_HOST:ns:k)%", "a"),
    ],
)
def test_an_operator_is_answered_from_the_facts(text: str, value: str) -> None:
    assert Substitution(text).formatted(FACTS) == (value, ())


@pytest.mark.parametrize(
    "operator",
    [
        "%START_TIME%",
        "%HOSTNAME%",
        "%RESP(x)%",
        "%FILTER_STATE(a)%",
        "%DOWNSTREAM_PEER_URI_SAN%",
        "%CLUSTER_METADATA(ns:k)%",
        "%METADATA(CLUSTER:ns:k)%",
    ],
)
def test_what_nobody_knows_stays_as_it_is_written(operator: str) -> None:
    assert Substitution(f"a{operator}b").formatted(FACTS) == (f"a{operator}b", (operator,))


@pytest.mark.parametrize("operator", ["%CLUSTER_METADATA(ns:k)%", "%METADATA(CLUSTER:ns:k)%"])
def test_a_cluster_has_metadata_once_it_is_chosen(operator: str) -> None:
    chosen = replace(FACTS, cluster_metadata=read(Metadata, {"filter_metadata": {"ns": {"k": "gold"}}}))
    assert Substitution(operator).formatted(chosen) == ("gold", ())
    assert Substitution(operator).formatted(replace(chosen, cluster_metadata=Metadata())) == ("", ())


def test_of_the_host_nothing_is_known_once_one_is_chosen() -> None:
    answered = replace(FACTS, response=(), host_chosen=True)
    assert Substitution("%UPSTREAM_HOST%").formatted(answered) == ("%UPSTREAM_HOST%", ("%UPSTREAM_HOST%",))


def test_a_response_header_is_known_once_there_is_a_response() -> None:
    facts = SubstitutionFacts(request=FACTS.request, response=(("x", "1"),))
    assert Substitution("%RESP(X)%%RESP(y)%").formatted(facts) == ("1", ())


def test_a_client_certificate_is_known_once_somebody_said_so() -> None:
    facts = SubstitutionFacts(
        request=FACTS.request, connection=Connection(peer=Peer(presented=True, uri_sans=("spiffe://a", "b")))
    )
    assert Substitution("%DOWNSTREAM_PEER_URI_SAN%").format(facts) == "spiffe://a,b"


@given(st.text())
def test_text_without_a_percent_sign_is_itself(text: str) -> None:
    assert Substitution(text.replace("%", "")).format(FACTS) == text.replace("%", "")


@given(st.text(alphabet="%REQ(x-a)S:19 "))
def test_no_text_is_a_traceback(text: str) -> None:
    assert isinstance(Substitution(text).format(FACTS), str)
