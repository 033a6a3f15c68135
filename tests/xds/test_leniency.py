"""What protobuf's JSON parser forgives is read; what it refuses stays undecodable."""

from __future__ import annotations

import json

import pytest
from msgspec import UNSET

from meshscope.xds.listener import Listener
from meshscope.xds.message import Message, Undecodable, decode
from meshscope.xds.route_match import RouteMatch


class Inner(Message, frozen=True):
    names: tuple[str, ...] = ()
    timeout: str = ""


class Outer(Message, frozen=True):
    one: Inner | None = None
    many: tuple[Inner, ...] = ()
    by_name: dict[str, Inner] = {}


def test_one_value_where_a_list_is_expected() -> None:
    found = decode(b'{"many": {"names": "a"}, "one": {"names": "b"}, "by_name": {"x": {"names": "c"}}}', Outer)
    assert found == Outer(one=Inner(names=("b",)), many=(Inner(names=("a",)),), by_name={"x": Inner(names=("c",))})


def test_elements_that_are_lists_already_stay() -> None:
    found = decode(b'{"many": [{"names": ["a", "b"]}, {"names": "c"}]}', Outer)
    assert found == Outer(many=(Inner(names=("a", "b")), Inner(names=("c",))))


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"seconds": 30}, "30s"),
        ({"seconds": "3", "nanos": 500_000_000}, "3.5s"),
        ({"seconds": -1, "nanos": -250_000_000}, "-1.25s"),
    ],
)
def test_a_duration_in_parts(given: dict[str, object], read: str) -> None:
    found = decode(json.dumps({"one": {"timeout": given}}).encode(), Outer)
    assert found == Outer(one=Inner(timeout=read))


@pytest.mark.parametrize(
    "text",
    [
        '{"one": {"timeout": {"hours": 1}}}',
        '{"one": {"timeout": {}}}',
        '{"one": {"timeout": []}}',
        '{"one": "x"}',
        '{"many": [[]]}',
        "[]",
    ],
)
def test_what_protobuf_refuses_stays_undecodable(text: str) -> None:
    assert isinstance(decode(text.encode(), Outer), Undecodable)


def test_a_listener_with_a_single_prefix_range() -> None:
    match = {"prefix_ranges": {"address_prefix": "10.0.0.0", "prefix_len": 8}}
    found = decode(json.dumps({"filter_chains": [{"filter_chain_match": match}]}).encode(), Listener)
    assert isinstance(found, Listener)
    assert found.filter_chains[0].filter_chain_match.prefix_ranges[0].address_prefix == "10.0.0.0"


def test_many_values_are_put_right_in_one_reading() -> None:
    found = decode(json.dumps({"many": [{"names": str(number)} for number in range(100)]}).encode(), Outer)
    assert found == Outer(many=tuple(Inner(names=(str(number),)) for number in range(100)))


def test_a_null_is_an_absent_field() -> None:
    assert decode(b'{"one": {"names": null, "timeout": "1s"}, "many": null}', Outer) == Outer(one=Inner(timeout="1s"))


def test_fields_that_a_matcher_does_not_know_are_kept_by_name_where_they_stand() -> None:
    document = {"headers": [{"name": "x", "fuzzy": 1, "string_match": {"safe_regex": {"engine": {}}, "trim": True}}]}
    found = decode(json.dumps(document).encode(), RouteMatch)
    assert isinstance(found, RouteMatch)
    (header,) = found.headers
    assert (found.unread, header.unread) == (UNSET, ("fuzzy",))
    assert header.string_match is not None
    assert header.string_match.unread == ("safe_regex.engine", "trim")
    assert header.string_match.doubt == "fields safe_regex.engine, trim are not known to meshscope"


def test_no_field_of_a_document_is_taken_for_the_names() -> None:
    found = decode(b'{"prefix": "/", "unread": []}', RouteMatch)
    assert isinstance(found, RouteMatch)
    assert found.unread == ("unread",)
