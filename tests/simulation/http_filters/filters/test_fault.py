from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.connection import Envoy, HttpRequest
from meshscope.simulation.endings import End
from meshscope.simulation.http_filters.delay import delay_of

from ..asking import GRPC, answer, entry, going, listed, outcomes, request, scene, scope, told, typed

ALWAYS = {"numerator": 100}
HALF = {"numerator": 500_000, "denominator": "MILLION"}
ABORT = {"http_status": 503, "percentage": ALWAYS}
DELAY = {"fixed_delay": "0.5s", "percentage": ALWAYS}
BY_HEADER = {"header_abort": {}, "percentage": ALWAYS}


def fault(**config: Any) -> Any:
    return listed(entry("fault.v3.HTTPFault", **config))


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
    assert told(answer(fault(**config), request("/", *headers))) == expected


def test_a_delay_goes_on_and_is_remembered_for_the_log() -> None:
    assert delay_of(going(fault(delay=DELAY), request())) == "0.5s"
    assert delay_of(going(fault(), request())) is None
    by_header = fault(delay={"header_delay": {}, "percentage": ALWAYS})
    assert delay_of(going(by_header, request("/", ("x-envoy-fault-delay-request", "100")))) == "0.1s"


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
def test_a_gate_that_is_shut_spares_the_request(gate: Any, headers: Any, aborted: bool) -> None:
    assert (answer(fault(abort=ABORT, **gate), request("/", *headers)) is not None) is aborted


def test_shares_are_branches_whose_probabilities_add_up() -> None:
    filters = fault(delay={**DELAY, "percentage": HALF}, abort={**ABORT, "percentage": HALF})
    found = outcomes(filters, request())
    assert [one.probability for one in found] == [0.25] * 4
    assert {one.condition for one in found} == {
        "delay of 0.5s and abort with 503",
        "delay of 0.5s and no abort with 503",
        "no delay of 0.5s and abort with 503",
        "no delay of 0.5s and no abort with 503",
    }
    flags = {one.value.response.flags for one in found if isinstance(one.value, End) and one.value.response}
    assert flags == {"FI", "DI,FI"}


@pytest.mark.parametrize(("random", "aborted"), [(0, True), (499_999, True), (500_000, False), (1_000_000, True)])
def test_a_random_number_decides_a_share(random: int, aborted: bool) -> None:
    filters = fault(abort={**ABORT, "percentage": HALF})
    assert (answer(filters, request(random=random)) is not None) is aborted


def test_runtime_overrides_share_status_and_length() -> None:
    runtime = {"fault.http.abort.abort_percent": 100, "fault.http.abort.http_status": 418}
    filters = fault(abort={"http_status": 503})
    assert told(answer(filters, request(), scene(envoy=Envoy(runtime=runtime)))) == (418, "FI", "fault_filter_abort")
    slower = going(fault(delay=DELAY), request(runtime={"fault.http.delay.fixed_duration_ms": 2000}))
    assert delay_of(slower) == "2s"


def test_a_route_replaces_the_fault() -> None:
    at_route = scope(typed("fault.v3.HTTPFault"))
    assert isinstance(going(fault(abort=ABORT), request(), scene(route=at_route)), HttpRequest)
