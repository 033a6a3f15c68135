"""What control planes of several versions read of a policy."""

from __future__ import annotations

import msgspec
import pytest

from meshscope.effect.clusters.expected import policy_facts
from meshscope.effect.clusters.policy import for_subset
from meshscope.effect.clusters.understood import default_budget, understood
from meshscope.effect.configuration import Configuration
from meshscope.istio.objects.traffic_policy import TrafficPolicy
from meshscope.istio.version import Version

from .. import recorded
from ..recorded import Json


def of(version: Version) -> Configuration:
    """Of a mesh whose control plane has that version."""
    configuration = Configuration(recorded.mesh("services"))
    configuration.__dict__["version"] = version
    return configuration


@pytest.mark.parametrize(
    ("policy", "fact", "since"),
    [
        ({"connectionPool": {"tcp": {"idleTimeout": "1m"}}}, "common_http_protocol_options.idle_timeout", (1, 21, 0)),
        ({"connectionPool": {"tcp": {"maxConnectionDuration": "1m"}}},
         "common_http_protocol_options.max_connection_duration", (1, 15, 0)),
        ({"loadBalancer": {"simple": "ROUND_ROBIN", "warmup": {"duration": "1m"}}}, "slow_start_config.aggression", (1, 24, 0)),
        ({"loadBalancer": {"consistentHash": {"maglev": {"tableSize": 101}}}}, "maglev_lb_config.table_size", (1, 16, 0)),
        ({"outlierDetection": {"splitExternalLocalOriginErrors": True, "consecutiveLocalOriginFailures": 3}},
         "outlier_detection.consecutive_local_origin_failure", (1, 11, 0)),
        ({"retryBudget": {"percent": 30}}, "circuit_breakers.retry_budget", (1, 27, 0)),
        ({"retryBudget": {"budgetInterval": "1s"}}, "circuit_breakers.retry_budget.budget_interval", (1, 31, 0)),
        ({"proxyProtocol": {}}, "proxy_protocol", (1, 21, 0)),
    ],
)  # fmt: skip
def test_a_field_counts_from_its_version_on(policy: Json, fact: str, since: Version) -> None:
    typed = msgspec.convert(policy, TrafficPolicy)
    before = (since[0], since[1] - 1, 99)
    assert fact in policy_facts(understood(of(since), typed))
    assert fact not in policy_facts(understood(of(before), typed))


def test_failures_of_local_origin_count_where_they_are_split() -> None:
    typed = msgspec.convert({"outlierDetection": {"consecutiveLocalOriginFailures": 3}}, TrafficPolicy)
    assert "outlier_detection.consecutive_local_origin_failure" in policy_facts(typed)
    assert policy_facts(understood(of((1, 32, 0)), typed)) == {"outlier_detection": "on"}


@pytest.mark.parametrize(
    ("version", "percent"),
    [((1, 28, 5), "0.2%"), ((1, 28, 6), "20%"), ((1, 29, 1), "0.2%"), ((1, 29, 2), "20%"), ((1, 30, 0), "20%")],
)
def test_the_default_share_of_retries_was_too_small(version: Version, percent: str) -> None:
    facts = {"circuit_breakers.retry_budget": "on"}
    assert default_budget(of(version), facts)["circuit_breakers.retry_budget.budget_percent"] == percent
    assert default_budget(of(version), {}) == {}


def test_a_subset_with_a_policy_once_lost_the_budget() -> None:
    whole = msgspec.convert({"retryBudget": {"percent": 30}}, TrafficPolicy)
    subset = msgspec.convert({"outlierDetection": {}}, TrafficPolicy)
    kept, lost = for_subset(whole, subset, 80), for_subset(whole, subset, 80, keeps_budget=False)
    assert kept
    assert lost
    assert (kept.retry_budget, lost.retry_budget) == (whole.retry_budget, None)
    alone = for_subset(whole, None, 80, keeps_budget=False)
    assert alone is whole
