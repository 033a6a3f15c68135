from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from meshscope.simulation.http_filters.filter import Reroute

from ..walks import entry, filter_list, only, outcomes, request

JSON = ("content-type", "application/json")
MISSING = {"on_missing": {"metadata_namespace": "m", "key": "k", "value": "none"}}
PRESENT = {"on_present": {"metadata_namespace": "m", "key": "k", "value": "some"}}
FROM_BODY = {"on_present": {"metadata_namespace": "m", "key": "k"}}
ERROR = {"on_error": {"metadata_namespace": "m", "key": "k", "value": "bad"}}


def filters(*rules: Any, **more: Any) -> Any:
    listed = [{"selectors": [{"key": "k"}], **rule} for rule in rules]
    return filter_list(entry("json_to_metadata.v3.JsonToMetadata", request_rules={"rules": listed, **more}))


def written(value: Any) -> Any:
    """The metadata that was written; None where the route stays."""
    return value.request.metadata if isinstance(value, Reroute) else None


@pytest.mark.parametrize(
    ("headers", "more", "reads"),
    [
        ((JSON,), {}, True),
        ((), {}, False),
        ((), {"allow_empty_content_type": True}, True),
        ((("content-type", "application/json; charset=x"),), {}, False),
        ((JSON,), {"allow_content_types": ["text/json"]}, False),
        ((("content-type", "text/x"),), {"allow_content_types_regex": {"regex": "text/.*"}}, True),
    ],
)
def test_without_a_body_every_value_is_missing_if_the_type_is_read(headers: Any, more: Any, reads: bool) -> None:
    value = only(filters(MISSING, **more), request("/", *headers)).value
    assert written(value) == ({"m": {"k": "none"}} if reads else None)


def test_a_rule_that_writes_nothing_leaves_the_route() -> None:
    assert only(filters(PRESENT), request("/", JSON)).value == request("/", JSON)
    kept = {"on_missing": {**MISSING["on_missing"], "preserve_existing_metadata_value": True}}
    there = request("/", JSON, metadata={"m": {"k": "old"}})
    assert only(filters(kept), there).value == there


def test_a_body_may_have_the_value_or_not_or_be_no_json() -> None:
    asking = request("/", JSON, ("content-length", "9"), method="POST")
    found = outcomes(filters({**PRESENT, **MISSING, **ERROR}), asking)
    assert [written(one.value) for one in found] == [{"m": {"k": "some"}}, {"m": {"k": "none"}}, {"m": {"k": "bad"}}]
    assert not any(one.assuming for one in found)
    unknown, without, error = outcomes(filters(FROM_BODY), asking)
    assert unknown.assuming
    assert isinstance(unknown.value, Reroute)
    assert without.value == error.value == replace(asking, body="whole")
    assert only(filters(*[PRESENT] * 4), asking).assuming


def test_over_http2_the_body_may_be_missing() -> None:
    found = outcomes(filters(MISSING), request("/", JSON, method="POST", protocol="http2"))
    assert found[0].condition == "it has no body"
    assert len(found) == 4
