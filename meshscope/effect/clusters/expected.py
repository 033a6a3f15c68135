"""What a traffic policy asks of a cluster, as facts by the names of Envoy's fields.

Only what the policy says is a fact: what it leaves out has defaults that change between versions and with the mesh's settings.
https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/cluster_traffic_policy.go
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from meshscope.istio.durations import envoy_duration
from meshscope.istio.objects.connection_pool import ConnectionPoolSettings
from meshscope.istio.objects.load_balancer import LoadBalancerSettings
from meshscope.istio.objects.traffic_policy import ClientTLSSettings, OutlierDetection, RetryBudget, TrafficPolicy

if TYPE_CHECKING:
    from meshscope.effect.configuration import Configuration

Facts = dict[str, str]
"""Names of Envoy's fields, and their values in one spelling."""
VERIFICATION = "tls.verification"
"""`none` where the server's certificate is not verified."""
BUDGET = "circuit_breakers.retry_budget"
_SIMPLE = {"LEAST_CONN": "LEAST_REQUEST", "PASSTHROUGH": "CLUSTER_PROVIDED", "UNSPECIFIED": ""}


_SINCE = {
    "outlier_detection.consecutive_5xx": (1, 5),
    "outlier_detection.consecutive_gateway_failure": (1, 5),
    VERIFICATION: (1, 19),
    BUDGET: (1, 27),
    f"{BUDGET}.budget_percent": (1, 27),
    f"{BUDGET}.min_retry_concurrency": (1, 27),
    f"{BUDGET}.budget_interval": (1, 31),
}
"""Of fields that younger control planes brought: an older one does not read them."""


def known_to(configuration: Configuration, facts: Facts) -> Facts:
    """Those of fields that the control plane's version has."""
    return {field: value for field, value in facts.items() if configuration.is_since(*_SINCE.get(field, (0,)))}


def policy_facts(policy: TrafficPolicy | None) -> Facts:
    return {field: value for field, value in _facts(policy) if value} if policy else {}


def _facts(policy: TrafficPolicy) -> Iterator[tuple[str, str]]:
    if policy.load_balancer:
        yield from _load_balancer(policy.load_balancer)
    if policy.connection_pool:
        yield from _connection_pool(policy.connection_pool)
    if policy.outlier_detection:
        yield from _outliers(policy.outlier_detection)
    if policy.tls:
        yield from _tls(policy.tls)
    if policy.retry_budget:
        yield from _retry_budget(policy.retry_budget)


def _load_balancer(settings: LoadBalancerSettings) -> Iterator[tuple[str, str]]:
    if settings.consistent_hash:
        ring = settings.consistent_hash
        yield "lb_policy", "MAGLEV" if ring.maglev else "RING_HASH"
        size = ring.ring_hash.minimum_ring_size if ring.ring_hash else ring.minimum_ring_size
        yield "ring_hash_lb_config.minimum_ring_size", "" if ring.maglev else _number(size)
    elif settings.simple:
        yield "lb_policy", _SIMPLE.get(settings.simple, settings.simple)
    warmup = settings.warmup.duration if settings.warmup else settings.warmup_duration_secs
    yield "slow_start_config.slow_start_window", envoy_duration(warmup)


def _connection_pool(pool: ConnectionPoolSettings) -> Iterator[tuple[str, str]]:
    if tcp := pool.tcp:
        yield "circuit_breakers.max_connections", _number(tcp.max_connections)
        yield "connect_timeout", envoy_duration(tcp.connect_timeout)
        if kept := tcp.tcp_keepalive:
            yield "tcp_keepalive.keepalive_probes", _number(kept.probes)
            yield "tcp_keepalive.keepalive_time", _seconds(kept.time)
            yield "tcp_keepalive.keepalive_interval", _seconds(kept.interval)
    if http := pool.http:
        yield "circuit_breakers.max_pending_requests", _number(http.http1_max_pending_requests)
        yield "circuit_breakers.max_requests", _number(http.http2_max_requests)
        yield "circuit_breakers.max_retries", _number(http.max_retries)
        yield "common_http_protocol_options.max_requests_per_connection", _number(http.max_requests_per_connection)
        yield "common_http_protocol_options.idle_timeout", envoy_duration(http.idle_timeout)
        yield "http_protocol", "HTTP/2" if http.h2_upgrade_policy == "UPGRADE" else ""


def _outliers(detection: OutlierDetection) -> Iterator[tuple[str, str]]:
    yield "outlier_detection", "on"
    if detection.consecutive_5xx_errors:
        yield "outlier_detection.consecutive_5xx", str(detection.consecutive_5xx_errors)
    if detection.consecutive_gateway_errors:
        yield "outlier_detection.consecutive_gateway_failure", str(detection.consecutive_gateway_errors)
    yield "outlier_detection.interval", envoy_duration(detection.interval)
    yield "outlier_detection.base_ejection_time", envoy_duration(detection.base_ejection_time)
    yield "outlier_detection.max_ejection_percent", _number(detection.max_ejection_percent)
    if detection.min_health_percent:
        yield "common_lb_config.healthy_panic_threshold", f"{detection.min_health_percent}%"


def _retry_budget(budget: RetryBudget) -> Iterator[tuple[str, str]]:
    yield BUDGET, "on"
    yield f"{BUDGET}.budget_percent", "" if budget.percent is None else f"{budget.percent:g}%"
    yield f"{BUDGET}.min_retry_concurrency", _number(budget.min_retry_concurrency)
    yield f"{BUDGET}.budget_interval", envoy_duration(budget.budget_interval)


def _tls(settings: ClientTLSSettings) -> Iterator[tuple[str, str]]:
    yield "tls", settings.mode or "DISABLE"
    if settings.mode in ("SIMPLE", "MUTUAL", "ISTIO_MUTUAL"):
        yield "tls.sni", settings.sni
    if settings.mode in ("SIMPLE", "MUTUAL"):
        yield "tls.subject_alt_names", ", ".join(sorted(settings.subject_alt_names))
        has_roots = settings.ca_certificates or settings.credential_name
        yield VERIFICATION, "none" if settings.insecure_skip_verify and not has_roots else ""


def _seconds(duration: str) -> str:
    """Whole ones: istiod leaves out the rest."""
    return envoy_duration(duration).removesuffix("s").partition(".")[0]


def _number(value: int | None) -> str:
    """0 stands for a value that is not set."""
    return str(value) if value else ""
