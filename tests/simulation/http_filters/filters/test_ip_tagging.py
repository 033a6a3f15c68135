from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.http_filters.filter import Reroute

from ..walks import context, entry, filter_list, only, outcomes, request

TAGS = [
    {"ip_tag_name": "ten", "ip_list": [{"address_prefix": "10.0.0.0", "prefix_len": 8}]},
    {"ip_tag_name": "eight", "ip_list": [{"address_prefix": "8.0.0.0", "prefix_len": 8}]},
    {"ip_tag_name": "one", "ip_list": [{"address_prefix": "10.1.0.0", "prefix_len": 16}]},
]


def tagging(**more: Any) -> Any:
    return filter_list(entry("ip_tagging.v3.IPTagging", **{"request_type": "BOTH", "ip_tags": TAGS, **more}))


@pytest.mark.parametrize(
    ("header", "before", "after"),
    [
        (None, (), ("ten",)),
        (None, (("x-envoy-ip-tags", "a"),), ("a,ten",)),
        ({"header": "x-t", "action": "APPEND_IF_EXISTS_OR_ADD"}, (("x-t", "a"), ("x-t", "b")), ("a,ten", "b")),
        ({"header": "x-t", "action": "SANITIZE"}, (("x-t", "a"), ("x-t", "b")), ("ten",)),
        ({"header": "x-t"}, (("x-t", "a"),), ("ten",)),
    ],
)
def test_a_tag_is_written_and_the_route_is_chosen_again(header: Any, before: Any, after: Any) -> None:
    more = {"ip_tag_header": header} if header else {}
    value = only(tagging(**more), request("/", *before)).value
    assert isinstance(value, Reroute)
    assert value.request.values(header["header"] if header else "x-envoy-ip-tags") == after


def test_without_a_tag_the_route_stays_unless_a_header_is_taken_away() -> None:
    other = request("/", ("x-t", "a"), client_ip="9.9.9.9")
    assert only(tagging(), other).value == other
    sanitized = only(tagging(ip_tag_header={"header": "x-t"}), other).value
    assert isinstance(sanitized, Reroute)
    assert not sanitized.request.values("x-t")


def test_several_tags_may_be_written_in_any_order() -> None:
    both = outcomes(tagging(), request(client_ip="10.1.2.3"))
    written = [one.value.request.values("x-envoy-ip-tags") for one in both if isinstance(one.value, Reroute)]
    assert written == [("ten,one",), ("one,ten",)]
    assert [one.probability for one in both] == [None, None]


def test_a_list_for_internal_requests_leaves_others_alone() -> None:
    assert only(tagging(request_type="INTERNAL"), request()).value == request()
    assert isinstance(only(tagging(request_type="INTERNAL"), request(internal=True)).value, Reroute)


def test_an_address_that_is_not_given_and_tags_in_a_file_are_unknown() -> None:
    nowhere = request(client_ip=None)
    from_nowhere = context(connection=context().connection.__class__())
    assert only(tagging(), nowhere, from_nowhere).assuming
    assert only(tagging(ip_tags=[], ip_tags_file_provider={"ip_tags_refresh_rate": "1s"}), request()).assuming
