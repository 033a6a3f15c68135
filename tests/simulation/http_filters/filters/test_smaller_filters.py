"""Health checks, buffers, scripts and plugins."""

from __future__ import annotations

from typing import Any

import pytest

from ..walks import GRPC, access_log, answer, context, entry, filter_list, only, request, scope, typed

HEALTH: dict[str, Any] = {"headers": [{"name": ":path", "string_match": {"exact": "/hz"}}]}


def test_a_health_check_is_answered_here_and_a_near_miss_is_not() -> None:
    filters = filter_list(entry("health_check.v3.HealthCheck", **HEALTH))
    assert access_log(answer(filters, request("/hz"))) == (200, "-", "health_check_ok")
    assert answer(filters, request("/hzx")) is None
    assert (
        answer(filter_list(entry("health_check.v3.HealthCheck", **HEALTH, pass_through_mode=True)), request("/hz"))
        is None
    )


@pytest.mark.parametrize(
    "config",
    [{"cluster_min_healthy_percentages": {"up": {"value": 50}}}, {"pass_through_mode": True, "cache_time": "1s"}],
)
def test_an_answer_that_depends_on_the_health_of_others_is_unknown(config: Any) -> None:
    outcome = only(filter_list(entry("health_check.v3.HealthCheck", **HEALTH, **config)), request("/hz"))
    assert outcome.steps[0].verdict == "unknown"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ((), None),
        ((("content-length", "5"),), None),
        ((("content-length", "6"),), (413, "-", "request_payload_too_large")),
        ((("content-length", "6"), GRPC), (200, "-", "request_payload_too_large")),
    ],
)
def test_a_content_length_beyond_the_limit_is_refused(headers: Any, expected: Any) -> None:
    filters = filter_list(entry("buffer.v3.Buffer", max_request_bytes=5))
    assert access_log(answer(filters, request("/", *headers, method="POST"))) == expected
    off = scope(typed("buffer.v3.BufferPerRoute", disabled=True))
    assert answer(filters, request("/", *headers), context(route=off)) is None


@pytest.mark.parametrize(
    ("own", "per_route", "verdict"),
    [
        ({}, None, "yes"),
        ({"inline_code": "x"}, None, "unknown"),
        ({"default_source_code": {"inline_string": "x"}}, None, "unknown"),
        ({"inline_code": "x"}, {"disabled": True}, "yes"),
        ({}, {"source_code": {"inline_string": "x"}}, "unknown"),
        ({"source_codes": {"a": {"inline_string": "x"}}}, {"name": "a"}, "unknown"),
        ({"source_codes": {"a": {"inline_string": "x"}}}, {"name": "b"}, "yes"),
    ],
)
def test_a_filter_with_a_script_is_unknown_and_one_without_passes(own: Any, per_route: Any, verdict: str) -> None:
    route = scope(per_route and typed("lua.v3.LuaPerRoute", **per_route))
    assert only(filter_list(entry("lua.v3.Lua", **own)), request(), context(route=route)).steps[0].verdict == verdict


def code(name: str) -> dict[str, Any]:
    return {"vm_config": {"code": {"local": {"inline_string": name}}}}


@pytest.mark.parametrize(
    ("plugin", "verdict"),
    [
        (code("envoy.wasm.stats"), "yes"),
        (code("envoy.wasm.metadata_exchange"), "yes"),
        ({"root_id": "stats_inbound", "vm_config": {"vm_id": "stats_inbound"}}, "yes"),
        ({"root_id": "stackdriver_outbound"}, "yes"),
        ({"root_id": "my_stats"}, "unknown"),
        (code("envoy.wasm.mine"), "unknown"),
        ({}, "unknown"),
    ],
)
def test_only_istios_own_plugins_are_known_to_pass(plugin: Any, verdict: str) -> None:
    assert only(filter_list(entry("wasm.v3.Wasm", config=plugin)), request()).steps[0].verdict == verdict
