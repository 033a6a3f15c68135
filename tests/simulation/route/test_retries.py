from __future__ import annotations

import pytest

from meshscope.simulation.route.retries import retries, retry_policy
from meshscope.simulation.route.timeouts import Timeouts
from meshscope.xds.route import VirtualHost
from meshscope.xds.route_action import RetryPolicy, RouteAction

from ..reading import asking, read

WAIT = Timeouts("15s", "2s")


def test_an_empty_policy_of_the_route_replaces_that_of_the_virtual_host() -> None:
    host = read(VirtualHost, {"retry_policy": {"retry_on": "5xx", "num_retries": 3}})
    assert retry_policy(read(RouteAction, {"retry_policy": {}}), host) == RetryPolicy()
    assert retry_policy(RouteAction(), host) == host.retry_policy
    assert retry_policy(RouteAction(), VirtualHost()) is None


def test_one_retry_is_the_default_and_without_a_policy_there_is_none() -> None:
    found = retries(read(RetryPolicy, {"retry_on": "5xx"}), asking(), WAIT)
    assert found is not None
    assert (found.num_retries, found.retry_on, found.per_try_timeout) == (1, "5xx", "2s")
    assert retries(None, asking(), WAIT) is None


@pytest.mark.parametrize(("internal", "number", "conditions"), [(True, 4, "5xx,reset,cancelled"), (False, 2, "5xx")])
def test_only_an_internal_request_adds_conditions_and_sets_the_number(
    internal: bool, number: int, conditions: str
) -> None:
    headers = (("x-envoy-retry-on", "reset,5xx"), ("x-envoy-retry-grpc-on", "cancelled"), ("x-envoy-max-retries", "4"))
    found = retries(
        read(RetryPolicy, {"retry_on": "5xx", "num_retries": 2}), asking("/", *headers, internal=internal), WAIT
    )
    assert found is not None
    assert (found.num_retries, found.retry_on) == (number, conditions)


def test_a_header_alone_makes_an_internal_request_be_retried_once() -> None:
    found = retries(None, asking("/", ("x-envoy-retry-on", "5xx"), internal=True), WAIT)
    assert found is not None
    assert (found.num_retries, found.retry_on) == (1, "5xx")


def test_a_number_of_retries_counts_for_nothing_without_a_condition() -> None:
    found = retries(RetryPolicy(), asking("/", ("x-envoy-max-retries", "4"), internal=True), WAIT)
    assert found is not None
    assert (found.num_retries, found.retry_on) == (1, "")
