"""Filters that change the request for the filters after them."""

from __future__ import annotations

from typing import Any

import pytest

from ..walks import context, entry, filter_list, request, request_after, scope, typed

NAMESPACE = "envoy.filters.http.header_to_metadata"


def overwrite(name: str, value: str) -> dict[str, Any]:
    return {"append": {"header": {"key": name, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}}


def mutations(*changes: dict[str, Any]) -> dict[str, Any]:
    return {"mutations": {"request_mutations": list(changes)}}


def test_mutations_are_applied_in_order_and_see_each_other() -> None:
    changes = (
        overwrite("x-b", "new"),
        {"append": {"header": {"key": "x-n", "value": "%REQ(x-b)%"}}},
        {"remove": "x-gone"},
        {"remove_on_match": {"key_matcher": {"prefix": "x-r"}}},
    )
    filters = filter_list(entry("header_mutation.v3.HeaderMutation", **mutations(*changes)))
    after = request_after(filters, request("/", ("x-b", "old"), ("x-gone", "1"), ("x-r1", "1"), ("x-keep", "1")))
    assert after.headers == (("x-b", "new"), ("x-keep", "1"), ("x-n", "new"))


def test_the_virtual_host_is_applied_last_unless_the_most_specific_wins() -> None:
    per = "header_mutation.v3.HeaderMutationPerRoute"
    route = scope(typed(per, **mutations(overwrite("x", "route"))), typed(per, **mutations(overwrite("x", "host"))))
    for wins, expected in ((False, "host"), (True, "route")):
        config = {**mutations(overwrite("x", "own")), "most_specific_header_mutations_wins": wins}
        filters = filter_list(entry("header_mutation.v3.HeaderMutation", **config))
        assert request_after(filters, request(), context(route=route)).values("x") == (expected,)


@pytest.mark.parametrize(
    ("rule", "headers", "expected"),
    [
        ({"header": "x-a", "on_header_present": {"key": "k"}}, (("x-a", "1"),), {NAMESPACE: {"k": "1"}}),
        ({"header": "x-a", "on_header_present": {"key": "k"}}, (("x-a", ""),), {}),
        ({"header": "x-a", "on_header_present": {"key": "k"}}, (), {}),
        ({"header": "x-a", "on_header_missing": {"key": "k", "value": "d"}}, (), {NAMESPACE: {"k": "d"}}),
        (
            {"header": "x-a", "on_header_present": {"metadata_namespace": "n", "key": "k", "type": "NUMBER"}},
            (("x-a", "12"),),
            {"n": {"k": 12.0}},
        ),
        (
            {"header": "x-a", "on_header_present": {"metadata_namespace": "n", "key": "k", "type": "NUMBER"}},
            (("x-a", "zz"),),
            {},
        ),
        ({"cookie": "c", "on_header_present": {"key": "k"}}, (("cookie", "c=1; d=2"),), {NAMESPACE: {"k": "1"}}),
    ],
)
def test_headers_become_metadata(rule: Any, headers: Any, expected: Any) -> None:
    filters = filter_list(entry("header_to_metadata.v3.Config", request_rules=[rule]))
    assert request_after(filters, request("/", *headers)).metadata == expected


def test_a_regex_rewrites_the_value_and_the_header_may_be_removed() -> None:
    rewrite = {"pattern": {"regex": "^(a)(.*)$"}, "substitution": "\\2"}
    rule = {"header": "x-a", "on_header_present": {"key": "k", "regex_value_rewrite": rewrite}, "remove": True}
    after = request_after(
        filter_list(entry("header_to_metadata.v3.Config", request_rules=[rule])), request("/", ("x-a", "abc"))
    )
    assert after.metadata == {NAMESPACE: {"k": "bc"}}
    assert after.headers == ()


def test_metadata_of_an_existing_namespace_is_kept_or_merged() -> None:
    entries = [
        {"metadata_namespace": "n", "value": {"a": "1", "l": ["x"]}},
        {"metadata_namespace": "n", "value": {"a": "2"}},
        {"metadata_namespace": "n", "value": {"b": "3", "l": ["z"]}, "allow_overwrite": True},
    ]
    filters = filter_list(entry("set_metadata.v3.Config", metadata=entries))
    assert request_after(filters, request()).metadata == {"n": {"a": "1", "b": "3", "l": ["x", "z"]}}
