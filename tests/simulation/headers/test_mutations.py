from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.headers.inline import add_headers
from meshscope.simulation.headers.mutations import HeaderMutation, HeaderMutations, response_headers
from meshscope.simulation.headers.substitution import SubstitutionFacts
from meshscope.simulation.request import Headers
from meshscope.xds.route import Route, RouteConfiguration, VirtualHost
from meshscope.xds.route_action import HeaderValueOption

from ..reading import asking, read

NOTHING = SubstitutionFacts(request=asking())


def mutation(*options: object, remove: tuple[str, ...] = ()) -> HeaderMutation:
    return HeaderMutation(tuple(read(HeaderValueOption, option) for option in options), remove)


def option(value: str = "new", key: str = "x", **more: Any) -> object:
    return {"header": {"key": key, "value": value}, **more}


def applied(how: HeaderMutation, headers: Headers) -> Headers:
    return how.added(how.removed(headers), NOTHING)


OLD: Headers = (("x", "1"), ("y", "k"), ("x", "2"))


@pytest.mark.parametrize(
    ("more", "there", "absent"),
    [
        ({}, ("1", "2", "new"), ("new",)),
        ({"append_action": "APPEND_IF_EXISTS_OR_ADD"}, ("1", "2", "new"), ("new",)),
        ({"append_action": "ADD_IF_ABSENT"}, ("1", "2"), ("new",)),
        ({"append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}, ("new",), ("new",)),
        ({"append_action": "OVERWRITE_IF_EXISTS"}, ("new",), ()),
        ({"append": True}, ("1", "2", "new"), ("new",)),
        ({"append": False}, ("new",), ("new",)),
    ],
)
def test_an_append_action_does_what_it_says(
    more: dict[str, Any], there: tuple[str, ...], absent: tuple[str, ...]
) -> None:
    how = mutation(option(**more))
    assert tuple(v for k, v in applied(how, OLD) if k == "x") == there
    assert tuple(v for k, v in applied(how, (("y", "k"),)) if k == "x") == absent
    assert ("y", "k") in applied(how, OLD)


@pytest.mark.parametrize(("keep", "values"), [(False, ("1", "2")), (True, ("",))])
def test_an_empty_value_counts_only_where_it_is_kept(keep: bool, values: tuple[str, ...]) -> None:
    how = mutation(option("", append_action="OVERWRITE_IF_EXISTS_OR_ADD", keep_empty_value=keep))
    assert tuple(v for k, v in applied(how, OLD) if k == "x") == values


def test_removal_comes_first_and_values_do_not_see_what_is_removed() -> None:
    how = mutation(option("was %REQ(x)%"), remove=("X",))
    left = how.removed(OLD)
    assert left == (("y", "k"),)
    assert how.added(left, SubstitutionFacts(request=asking("/", *left))) == (("y", "k"), ("x", "was "))


def test_overwrites_come_before_additions_whatever_their_order() -> None:
    how = mutation(option("added"), option("set", append_action="OVERWRITE_IF_EXISTS_OR_ADD"))
    assert tuple(v for k, v in applied(how, OLD) if k == "x") == ("set", "added")


@pytest.mark.parametrize("name", [":path", ":authority", "host", "Host"])
def test_pseudo_headers_and_host_are_out_of_reach(name: str) -> None:
    assert not mutation(option(key=name), remove=(name,))


@pytest.mark.parametrize(
    ("old", "new", "values"),
    [("a", "b", ("a,b",)), ("", "b", ("b",)), ("a", "", ("a",))],
)
def test_a_header_that_envoy_holds_once_is_joined(old: str, new: str, values: tuple[str, ...]) -> None:
    assert tuple(v for _, v in add_headers((("via", old),), [("via", new)])) == values


TABLE = {"request_headers_to_add": [option("table", append_action="OVERWRITE_IF_EXISTS_OR_ADD")]}
HOST = {"request_headers_to_add": [option("host", append_action="OVERWRITE_IF_EXISTS_OR_ADD")]}
ROUTE = {"request_headers_to_add": [option("route", append_action="OVERWRITE_IF_EXISTS_OR_ADD")]}


@pytest.mark.parametrize(("most_specific", "winner"), [(False, "table"), (True, "route")])
def test_the_table_has_the_last_word_unless_the_most_specific_wins(most_specific: bool, winner: str) -> None:
    table = read(RouteConfiguration, {**TABLE, "most_specific_header_mutations_wins": most_specific})
    headers = OLD
    for level in HeaderMutations(table, read(VirtualHost, HOST), read(Route, ROUTE)).request:
        headers = applied(level, headers)
    assert dict(headers)["x"] == winner


def test_response_headers_are_changed_likewise_and_see_the_response() -> None:
    how = mutation(option("%RESP(x-up)%", key="copy"), remove=("server",))
    assert response_headers([how], (("x-up", "u"), ("server", "s")), NOTHING) == (("x-up", "u"), ("copy", "u"))
