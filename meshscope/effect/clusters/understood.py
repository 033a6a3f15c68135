"""A traffic policy as a control plane of some version reads it: without the fields that younger ones brought.

https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/cluster_traffic_policy.go
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from meshscope.effect.clusters.connection_limits import RETRY_BUDGET
from meshscope.effect.clusters.expected import Facts
from meshscope.istio.objects.traffic_policy import TrafficPolicy
from meshscope.istio.version_gates import BUDGET_IN_PERCENT

if TYPE_CHECKING:
    from meshscope.effect.configuration import Configuration

S = TypeVar("S", bound=Struct)

_SINCE = {
    ("outlier_detection", "consecutive_5xx_errors"): (1, 5),
    ("outlier_detection", "consecutive_gateway_errors"): (1, 5),
    ("outlier_detection", "split_external_local_origin_errors"): (1, 11),
    ("load_balancer", "consistent_hash", "maglev"): (1, 16),
    ("load_balancer", "consistent_hash", "ring_hash"): (1, 16),
    ("load_balancer", "warmup_duration_secs"): (1, 14),
    ("load_balancer", "warmup"): (1, 24),
    ("connection_pool", "tcp", "max_connection_duration"): (1, 15),
    ("connection_pool", "tcp", "idle_timeout"): (1, 21),
    ("connection_pool", "http", "max_concurrent_streams"): (1, 21),
    ("connection_pool", "http", "http2_keep_alive"): (1, 31),
    ("tls", "insecure_skip_verify"): (1, 19),
    ("proxy_protocol",): (1, 21),
    ("retry_budget",): (1, 27),
    ("retry_budget", "budget_interval"): (1, 31),
}
"""Paths of fields."""


def understood(configuration: Configuration, policy: TrafficPolicy | None) -> TrafficPolicy | None:
    """Failures of local origin are counted only where they are split from the others."""
    if policy is None:
        return None
    for path, version in _SINCE.items():
        if not configuration.is_since(*version):
            policy = _without(policy, path)
    detection = policy.outlier_detection
    if detection and not detection.split_external_local_origin_errors:
        policy = _without(policy, ("outlier_detection", "consecutive_local_origin_failures"))
    return policy


def default_budget(configuration: Configuration, facts: Facts) -> Facts:
    """What istiod makes of a retry budget that does not say all."""
    if RETRY_BUDGET not in facts:
        return {}
    percent = "20%" if configuration.knows(BUDGET_IN_PERCENT) else "0.2%"
    return {f"{RETRY_BUDGET}.budget_percent": percent, f"{RETRY_BUDGET}.min_retry_concurrency": "3"}


def _without(holder: S, path: tuple[str, ...]) -> S:
    """With the default of the field at the end of the path."""
    name, *rest = path
    held = getattr(holder, name)
    if rest:
        return holder if held is None else replace(holder, **{name: _without(held, tuple(rest))})
    return replace(holder, **{name: getattr(type(holder)(), name)})
