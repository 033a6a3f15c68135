from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.endings import End
from meshscope.simulation.http_filters.delay import delay_of

from ..walks import (
    GRPC,
    access_log,
    answer,
    context,
    entry,
    filter_list,
    outcomes,
    request,
    request_after,
    scope,
    typed,
)

ALWAYS = {"numerator": 100}
HALF = {"numerator": 500_000, "denominator": "MILLION"}
ABORT = {"http_status": 503, "percentage": ALWAYS}
DELAY = {"fixed_delay": "0.5s", "percentage": ALWAYS}
BY_HEADER = {"header_abort": {}, "percentage": ALWAYS}


def fault(**config: Any) -> Any:
    return filter_list(entry("fault.v3.HTTPFault", **config))


@pytest.mark.parametrize(
    ("config", "headers", "expected"),
    [
        ({"abort": ABORT}, (), (503, "FI", "fault_filter_abort")),
        ({"abort": ABORT}, (GRPC,), (200, "FI", "fault_filter_abort")),
        ({"abort": ABORT, "delay": DELAY}, (), (503, "DI,FI", "fault_filter_abort")),
        ({"abort": {"grpc_status": 14, "percentage": ALWAYS}}, (), (200, "FI", "fault_filter_abort")),
        ({"abort": {"http_status": 503}}, (), None),
        ({"abort": ABORT, "max_active_faults": 0}, (), None),
        ({"abort": BY_HEADER}, (), None),
        ({"abort": BY_HEADER}, (("x-envoy-fault-abort-request", "418"),), (418, "FI", "fault_filter_abort")),
        ({"abort": BY_HEADER}, (("x-envoy-fault-abort-request", "100"),), None),
        ({"abort": BY_HEADER}, (("x-envoy-fault-abort-grpc-request", "5"),), (200, "FI", "fault_filter_abort")),
        (
            {"abort": BY_HEADER},
            (("x-envoy-fault-abort-request", "418"), ("x-envoy-fault-abort-request-percentage", "0")),
            None,
        ),
    ],
)
def test_an_abort_answers_as_envoy_does(config: Any, headers: Any, expected: Any) -> None:
    assert access_log(answer(fault(**config), request("/", *headers))) == expected


def test_a_delayed_request_passes_and_its_delay_is_remembered_for_the_log() -> None:
    assert delay_of(request_after(fault(delay=DELAY), request())) == "0.5s"
    assert delay_of(request_after(fault(), request())) is None
    by_header = fault(delay={"header_delay": {}, "percentage": ALWAYS})
    assert delay_of(request_after(by_header, request("/", ("x-envoy-fault-delay-request", "100")))) == "0.1s"


@pytest.mark.parametrize(
    ("gate", "headers", "aborted"),
    [
        ({"headers": [{"name": "x-h", "string_match": {"exact": "v"}}]}, (("x-h", "v"),), True),
        ({"headers": [{"name": "x-h", "string_match": {"exact": "v"}}]}, (("x-h", "w"),), False),
        ({"downstream_nodes": ["n"]}, (("x-envoy-downstream-service-node", "n"),), True),
        ({"downstream_nodes": ["n"]}, (), False),
        ({"upstream_cluster": "up"}, (), True),
        ({"upstream_cluster": "other"}, (), False),
    ],
)
def test_a_request_that_misses_a_condition_is_not_aborted(gate: Any, headers: Any, aborted: bool) -> None:
    assert (answer(fault(abort=ABORT, **gate), request("/", *headers)) is not None) is aborted


def test_shares_are_branches_whose_probabilities_add_up() -> None:
    filters = fault(delay={**DELAY, "percentage": HALF}, abort={**ABORT, "percentage": HALF})
    results = outcomes(filters, request())
    assert [one.probability for one in results] == [0.25] * 4
    assert {one.condition for one in results} == {
        "delay of 0.5s and abort with 503",
        "delay of 0.5s and no abort with 503",
        "no delay of 0.5s and abort with 503",
        "no delay of 0.5s and no abort with 503",
    }
    flags = {one.value.response.flags for one in results if isinstance(one.value, End) and one.value.response}
    assert flags == {"FI", "DI,FI"}


@pytest.mark.parametrize(("random", "aborted"), [(0, True), (499_999, True), (500_000, False), (1_000_000, True)])
def test_a_random_number_decides_a_share(random: int, aborted: bool) -> None:
    filters = fault(abort={**ABORT, "percentage": HALF})
    assert (answer(filters, request(random=random)) is not None) is aborted


def test_runtime_overrides_share_status_and_length() -> None:
    runtime = {"fault.http.abort.abort_percent": 100, "fault.http.abort.http_status": 418}
    filters = fault(abort={"http_status": 503})
    assert access_log(answer(filters, request(), context(envoy=Envoy(runtime=runtime)))) == (
        418,
        "FI",
        "fault_filter_abort",
    )
    slower = request_after(fault(delay=DELAY), request(runtime={"fault.http.delay.fixed_duration_ms": 2000}))
    assert delay_of(slower) == "2s"


def test_a_route_replaces_the_fault() -> None:
    at_route = scope(typed("fault.v3.HTTPFault"))
    assert isinstance(request_after(fault(abort=ABORT), request(), context(route=at_route)), HttpRequest)
