"""Which balancer a cluster has, and its settings."""

from __future__ import annotations

from typing import Any

from meshscope.effect.clusters.expected import AGGRESSION, LINEAR, MINIMUM, TENTH, Facts

_RING, _TABLE = "ring_hash_lb_config.minimum_ring_size", "maglev_lb_config.table_size"
_WINDOW = "slow_start_config.slow_start_window"
_OWN = ("ring_hash_lb_config", "maglev_lb_config", "least_request_lb_config", "round_robin_lb_config")
_SLOW_STARTS = {"LEAST_REQUEST": "least_request_lb_config", "ROUND_ROBIN": "round_robin_lb_config"}


def write_balancer(body: dict[str, Any], changed: set[str], facts: Facts, default: str) -> None:
    """Anew where one of its facts is among the changed. Clusters of the original destination balance nothing."""
    is_original = body.get("lb_policy") == "CLUSTER_PROVIDED" and body.get("type") == "ORIGINAL_DST"
    if is_original or not changed & {"lb_policy", _RING, _TABLE, _WINDOW, AGGRESSION, MINIMUM}:
        return
    policy = body.get("lb_policy", "ROUND_ROBIN")
    if "lb_policy" in changed:
        policy = body["lb_policy"] = facts.get("lb_policy") or default
    for name in _OWN:
        body.pop(name, None)
    if policy == "RING_HASH":
        body["ring_hash_lb_config"] = {"minimum_ring_size": int(facts.get(_RING) or 1024)}
    elif policy == "MAGLEV" and facts.get(_TABLE):
        body["maglev_lb_config"] = {"table_size": int(facts[_TABLE])}
    elif policy in _SLOW_STARTS and facts.get(_WINDOW):
        body[_SLOW_STARTS[policy]] = {"slow_start_config": _slow_start(facts)}


def _slow_start(facts: Facts) -> dict[str, Any]:
    """Without what is Envoy's default."""
    held: dict[str, Any] = {"slow_start_window": facts[_WINDOW]}
    if facts.get(AGGRESSION, LINEAR) != LINEAR:
        held["aggression"] = {"default_value": float(facts[AGGRESSION])}
    if facts.get(MINIMUM, TENTH) != TENTH:
        held["min_weight_percent"] = {"value": float(facts[MINIMUM].removesuffix("%"))}
    return held
