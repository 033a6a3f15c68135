"""A person's words and the request that they are; errors name fields."""

from __future__ import annotations

import pickle

import pytest

from meshscope.simulation.hints import DESTINATION
from meshscope.simulation.journey.field_error import FieldError
from meshscope.simulation.journey.words import Words, request_of
from meshscope.simulation.request import Request


@pytest.mark.parametrize(
    ("words", "source", "dest"),
    [
        (Words(places=("a", "b")), "a", "b"),
        (Words(places=("b",)), "", "b"),
        (Words(places=("a",), to="10.0.0.1:80"), "a", ""),
        (Words(places=("http://b",), to="10.0.0.1:80"), "", "http://b"),
        (Words(places=("a",), curl="curl http://b"), "a", "http://b"),
        (Words(places=("a", "b"), curl="curl http://c"), "a", "b"),
        (Words(curl="curl http://b"), "", "http://b"),
        (Words(), "", ""),
    ],
)
def test_places_are_source_and_destination(words: Words, source: str, dest: str) -> None:
    request = request_of(words)
    assert (request.source, request.dest) == (source, dest)


def test_headers_and_claims_are_read_and_those_of_curl_come_first() -> None:
    words = Words(headers=("X-A: 1 ", ":authority: b"), jwt=("n=1", "s=x", 'l=["a"]'), curl="curl -H 'x-b: 2' c")
    request = request_of(words)
    assert request.headers == (("x-b", "2"), ("x-a", "1"), ("authority", "b"))
    assert request.jwt == {"n": 1, "s": "x", "l": ["a"]}


def test_of_pseudo_headers_protocol_alone_keeps_its_colon() -> None:
    request = request_of(Words(headers=(":Protocol: websocket", "protocol: x", "x:y: z")))
    assert request.headers == ((":protocol", "websocket"), ("protocol", "x"), ("x", "y: z"))


def test_what_is_not_given_is_absent_as_in_a_request() -> None:
    assert request_of(Words()) == Request()


def test_a_curl_commands_protocol_and_certificate_reach_the_request_and_fields_win() -> None:
    curl = "curl --http2 -E cert.pem -X POST https://b"
    request = request_of(Words(curl=curl))
    assert (request.protocol, request.client_cert, request.method) == ("http2", True, "POST")
    request = request_of(Words(curl=curl, protocol="http1", method="PUT"))
    assert (request.protocol, request.method) == ("http1", "PUT")


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (Words(headers=("no colon",)), "headers"),
        (Words(jwt=("sub",)), "jwt"),
        (Words(curl="curl"), "curl"),
        (Words(places=("a", "b", "c")), ""),
    ],
)
def test_an_error_names_the_field(words: Words, field: str) -> None:
    with pytest.raises(FieldError) as found:
        request_of(words)
    assert found.value.field == field
    assert str(found.value).startswith(f"{field}: " if field else "a trace has")


def test_a_face_spells_fields_and_hints_in_its_own_words() -> None:
    error = FieldError("to", "is no address", DESTINATION)
    assert str(error) == "to: is no address (to IP:PORT)"
    assert error.spelled(lambda field: f"--{field}") == "--to: is no address (--to IP:PORT)"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301  # our own
