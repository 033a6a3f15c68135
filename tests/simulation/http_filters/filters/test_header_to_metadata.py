from __future__ import annotations

from typing import Any

import pytest

from ..walks import entry, filter_list, request, request_after

NAMESPACE = "envoy.filters.http.header_to_metadata"


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
