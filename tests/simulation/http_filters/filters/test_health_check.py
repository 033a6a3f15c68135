from __future__ import annotations

from typing import Any

import pytest

from ..walks import access_log, answer, entry, filter_list, only, request

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
