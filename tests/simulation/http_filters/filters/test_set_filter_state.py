from __future__ import annotations

import pytest

from meshscope.simulation.connection import HttpRequest
from meshscope.simulation.http_filters.filter import Reroute

from ..walks import answer, entry, filter_list, only, outcomes, request

STATE = "set_filter_state.v3.Config"
GROWS = {"append": {"header": {"key": "x-n", "value": "1"}}}


def test_the_route_is_chosen_again_only_with_clear_route_cache() -> None:
    assert only(filter_list(entry(STATE, clear_route_cache=True)), request()).value == Reroute(request(), resume=1)
    assert answer(filter_list(entry(STATE)), request()) is None
    assert only(filter_list(entry(STATE)), request()).value == request()


def test_the_new_route_is_chosen_when_a_filter_asks_for_it() -> None:
    """A header that is added before that counts for the new route; one that is added afterwards does not."""
    clears = entry(STATE, clear_route_cache=True)
    mutation = entry("header_mutation.v3.HeaderMutation", mutations={"request_mutations": [GROWS]})
    asks = entry("rbac.v3.RBAC")
    early = only(filter_list(clears, mutation, asks), request()).value
    assert early == Reroute(request("/", ("x-n", "1")), resume=2)
    late = only(filter_list(clears, asks, mutation), request()).value
    assert late == Reroute(request(), resume=1)


@pytest.mark.parametrize(
    ("asking", "resumes"),
    [
        (request(), [2]),
        (request("/", ("content-length", "0")), [2]),
        (request("/", ("content-length", "3")), [1]),
        (request(method="POST", protocol="http2"), [2, 1]),
    ],
)
def test_a_buffer_asks_for_the_new_route_only_where_there_is_a_body(asking: HttpRequest, resumes: list[int]) -> None:
    """https://github.com/envoyproxy/envoy/blob/main/source/extensions/filters/http/buffer/buffer_filter.cc (`end_stream`)"""
    filters = filter_list(
        entry(STATE, clear_route_cache=True), entry("buffer.v3.Buffer", max_request_bytes=9), entry("rbac.v3.RBAC")
    )
    values = [one.value for one in outcomes(filters, asking)]
    assert [value.resume for value in values if isinstance(value, Reroute)] == resumes
