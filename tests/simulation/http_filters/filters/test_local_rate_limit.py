from __future__ import annotations

from typing import Any

from meshscope.simulation.endings import End

from ..walks import access_log, answer, entry, filter_list, only, outcomes, request

ALWAYS = {"default_value": {"numerator": 100}}


def local(**config: Any) -> Any:
    return filter_list(entry("local_ratelimit.v3.LocalRateLimit", **config))


CLOSED = {"token_bucket": {"max_tokens": 0, "fill_interval": "1s"}, "filter_enabled": ALWAYS, "filter_enforced": ALWAYS}


def test_only_a_bucket_of_size_zero_is_known_to_be_empty() -> None:
    assert access_log(answer(local(**CLOSED), request())) == (429, "RL", "local_rate_limited")
    some = {**CLOSED, "token_bucket": {"max_tokens": 1, "fill_interval": "1s"}}
    assert "has an unknown fill level" in only(local(**some), request()).steps[0].because
    assert answer(local(**some), request()) is None


def test_both_shares_must_hold() -> None:
    for absent in ("filter_enabled", "filter_enforced"):
        config = {name: value for name, value in CLOSED.items() if name != absent}
        assert answer(local(**config), request()) is None
    half = {"default_value": {"numerator": 50}}
    results = outcomes(local(**{**CLOSED, "filter_enabled": half, "filter_enforced": half}), request())
    assert [(one.probability, isinstance(one.value, End)) for one in results] == [(0.25, True), (0.75, False)]


def test_a_status_below_400_does_not_count() -> None:
    assert access_log(answer(local(**CLOSED, status={"code": 200}), request())) == (429, "RL", "local_rate_limited")
    assert access_log(answer(local(**CLOSED, status={"code": "ServiceUnavailable"}), request())) == (
        503,
        "RL",
        "local_rate_limited",
    )
