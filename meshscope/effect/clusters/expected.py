"""What a traffic policy asks of a cluster, as facts by the names of Envoy's fields.

Only what the policy says is a fact: what it leaves out has defaults that change between versions and with the mesh's settings.
https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/cluster_traffic_policy.go
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.effect.clusters.connection_limits import RETRY_BUDGET, budget_facts, pool_facts
from meshscope.istio.durations import envoy_duration
from meshscope.istio.objects.load_balancer import LoadBalancerSettings
from meshscope.istio.objects.traffic_policy import ClientTLSSettings, OutlierDetection, TrafficPolicy

Facts = dict[str, str]
"""Names of Envoy's fields, and their values in one spelling."""
VERIFICATION = "tls.verification"
"""`none` where the server's certificate is not verified."""
DETECTION, PROXY_PROTOCOL = "outlier_detection", "proxy_protocol"
OF_RULES = (DETECTION, RETRY_BUDGET, PROXY_PROTOCOL)
"""Facts that a cluster has by a policy alone."""
AGGRESSION, MINIMUM = "slow_start_config.aggression", "slow_start_config.min_weight_percent"
LINEAR, TENTH = "1", "10%"
"""Their defaults, which are Envoy's and istiod's."""
_SIMPLE = {"LEAST_CONN": "LEAST_REQUEST", "PASSTHROUGH": "CLUSTER_PROVIDED", "UNSPECIFIED": ""}


def policy_facts(policy: TrafficPolicy | None) -> Facts:
    return {field: value for field, value in _facts(policy) if value} if policy else {}


def _facts(policy: TrafficPolicy) -> Iterator[tuple[str, str]]:
    if policy.load_balancer:
        yield from _load_balancer(policy.load_balancer)
    if policy.connection_pool:
        yield from pool_facts(policy.connection_pool)
    if policy.retry_budget:
        yield from budget_facts(policy.retry_budget)
    if policy.outlier_detection:
        yield from _outliers(policy.outlier_detection)
    if policy.tls:
        yield from _tls(policy.tls)
    if policy.proxy_protocol:
        yield PROXY_PROTOCOL, policy.proxy_protocol.version or "V1"


def _load_balancer(settings: LoadBalancerSettings) -> Iterator[tuple[str, str]]:
    if settings.consistent_hash:
        ring = settings.consistent_hash
        yield "lb_policy", "MAGLEV" if ring.maglev else "RING_HASH"
        size = ring.ring_hash.minimum_ring_size if ring.ring_hash else ring.minimum_ring_size
        yield "ring_hash_lb_config.minimum_ring_size", "" if ring.maglev else _number(size)
        yield "maglev_lb_config.table_size", _number(ring.maglev.table_size) if ring.maglev else ""
    elif settings.simple:
        yield "lb_policy", _SIMPLE.get(settings.simple, settings.simple)
    warmup = settings.warmup
    if window := warmup.duration if warmup else settings.warmup_duration_secs:
        yield "slow_start_config.slow_start_window", envoy_duration(window)
        yield AGGRESSION, LINEAR if warmup is None or warmup.aggression is None else f"{warmup.aggression:g}"
        percent = warmup.minimum_percent if warmup else None
        yield MINIMUM, TENTH if percent is None else f"{percent:g}%"


def _outliers(detection: OutlierDetection) -> Iterator[tuple[str, str]]:
    """An error count of 0 switches that kind of detection off."""
    yield DETECTION, "on"
    if detection.consecutive_5xx_errors is not None:
        yield f"{DETECTION}.consecutive_5xx", str(detection.consecutive_5xx_errors)
    if detection.consecutive_gateway_errors is not None:
        yield f"{DETECTION}.consecutive_gateway_failure", str(detection.consecutive_gateway_errors)
    yield f"{DETECTION}.interval", envoy_duration(detection.interval)
    yield f"{DETECTION}.base_ejection_time", envoy_duration(detection.base_ejection_time)
    yield f"{DETECTION}.max_ejection_percent", _number(detection.max_ejection_percent)
    is_split = detection.split_external_local_origin_errors
    yield f"{DETECTION}.split_external_local_origin_errors", "true" if is_split else ""
    failures = _number(detection.consecutive_local_origin_failures)
    yield f"{DETECTION}.consecutive_local_origin_failure", failures
    if detection.min_health_percent:
        yield "common_lb_config.healthy_panic_threshold", f"{detection.min_health_percent}%"


def _tls(settings: ClientTLSSettings) -> Iterator[tuple[str, str]]:
    yield "tls", settings.mode or "DISABLE"
    if settings.mode in ("SIMPLE", "MUTUAL", "ISTIO_MUTUAL"):
        yield "tls.sni", settings.sni
    if settings.mode in ("SIMPLE", "MUTUAL"):
        yield "tls.subject_alt_names", ", ".join(sorted(settings.subject_alt_names))
        has_roots = settings.ca_certificates or settings.credential_name
        yield VERIFICATION, "none" if settings.insecure_skip_verify and not has_roots else ""


def _number(value: int | None) -> str:
    """0 stands for a value that is not set."""
    return str(value) if value else ""
