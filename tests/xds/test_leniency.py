"""What protobuf's JSON parser forgives is read; what it refuses stays undecodable."""

from __future__ import annotations

import json

import pytest

from meshscope.xds.listener import Listener
from meshscope.xds.message import Message, Undecodable, decode


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
