"""A cluster as facts, by the names of Envoy's fields, as far as a traffic policy speaks of them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Raw

from meshscope.effect.clusters.expected import BUDGET, VERIFICATION, Facts
from meshscope.xds.cluster import Cluster, Percent
from meshscope.xds.duration import duration_text
from meshscope.xds.message import Message, Undecodable, decode, present
from meshscope.xds.tls import CommonTlsContext, UpstreamTlsContext
from meshscope.xds.upstream_http_options import HttpProtocolOptions, http_protocol_options

_UNLIMITED = 4_294_967_295
"""istiod's limit for what nobody limits."""
_MESH_FILES = b"/etc/certs/cert-chain.pem"
"""The mesh's certificates of before SDS."""
AUTO = "auto"
"""TLS by endpoint: mutual TLS for those that accept it, plain text for the others."""


class _CommonHttp(Message, frozen=True):
    max_requests_per_connection: int | None = None
    idle_timeout: str = ""


class _RetryBudget(Message, frozen=True):
    budget_percent: Percent | None = None
    min_retry_concurrency: int | None = None
    budget_interval: str = ""


def cluster_facts(cluster: Cluster) -> Facts:
    return {field: value for field, value in _facts(cluster) if value}


def _facts(cluster: Cluster) -> Iterator[tuple[str, str]]:
    yield from _balancing(cluster)
    yield "connect_timeout", duration_text(cluster.connect_timeout)
    kept = cluster.upstream_connection_options.tcp_keepalive
    for field in ("keepalive_probes", "keepalive_time", "keepalive_interval"):
        yield f"tcp_keepalive.{field}", str(getattr(kept, field) or "")
    for threshold in cluster.circuit_breakers.thresholds[:1]:
        for field in ("max_connections", "max_pending_requests", "max_requests", "max_retries"):
            limit = getattr(threshold, field)
            yield f"circuit_breakers.{field}", "" if limit in (None, _UNLIMITED) else str(limit)
        yield from _retry_budget(threshold.retry_budget)
    if (options := http_protocol_options(cluster)) and isinstance(options, HttpProtocolOptions):
        yield from _common(options.common_http_protocol_options, cluster.max_requests_per_connection)
        yield "http_protocol", "HTTP/2" if options.protocols("http1") == ("http2",) else ""
    if (detection := cluster.outlier_detection) is not None:
        yield "outlier_detection", "on"
        for field in ("consecutive_5xx", "consecutive_gateway_failure"):
            value = getattr(detection, field)
            yield f"outlier_detection.{field}", "" if value is None else str(value)
        yield "outlier_detection.interval", duration_text(detection.interval)
        yield "outlier_detection.base_ejection_time", duration_text(detection.base_ejection_time)
        yield "outlier_detection.max_ejection_percent", str(detection.max_ejection_percent)
    if panic := cluster.common_lb_config.healthy_panic_threshold:
        yield "common_lb_config.healthy_panic_threshold", f"{panic.value:g}%" if panic.value else ""
    yield from _tls(cluster)


def _balancing(cluster: Cluster) -> Iterator[tuple[str, str]]:
    yield "lb_policy", cluster.lb_policy
    if size := cluster.ring_hash_lb_config.minimum_ring_size:
        yield "ring_hash_lb_config.minimum_ring_size", str(size)
    for config in (cluster.least_request_lb_config, cluster.round_robin_lb_config):
        if config.slow_start_config:
            yield "slow_start_config.slow_start_window", duration_text(config.slow_start_config.slow_start_window)


def _common(raw: Raw, older: int | None) -> Iterator[tuple[str, str]]:
    """`older` is the limit in its place of before 1.8, on the cluster itself."""
    common = decode(raw, _CommonHttp) if present(raw) else _CommonHttp()
    if not isinstance(common, Undecodable):
        requests = common.max_requests_per_connection or older
        yield "common_http_protocol_options.max_requests_per_connection", str(requests) if requests else ""
        yield "common_http_protocol_options.idle_timeout", duration_text(common.idle_timeout)


def _retry_budget(raw: Raw) -> Iterator[tuple[str, str]]:
    budget = decode(raw, _RetryBudget) if present(raw) else None
    if isinstance(budget, _RetryBudget):
        percent, least = budget.budget_percent, budget.min_retry_concurrency
        yield BUDGET, "on"
        yield f"{BUDGET}.budget_percent", "" if percent is None else f"{percent.value:g}%"
        yield f"{BUDGET}.min_retry_concurrency", "" if least is None else str(least)
        yield f"{BUDGET}.budget_interval", duration_text(budget.budget_interval)


def _verifies(common: CommonTlsContext) -> bool:
    """Whether the server's certificate is held against anything."""
    own = common.validation_context
    roots = own is not None and any(map(present, (own.trusted_ca, own.system_root_certs)))
    by_secret = common.validation_context_sds_secret_config or common.combined_validation_context
    return roots or by_secret is not None


def _tls(cluster: Cluster) -> Iterator[tuple[str, str]]:
    """The mode, as a DestinationRule names it."""
    socket = cluster.transport_socket
    for match in cluster.transport_socket_matches:
        if match.name == "user":  # beside one for HBONE
            socket = match.transport_socket
    if socket is None:
        yield "tls", AUTO if cluster.transport_socket_matches else "DISABLE"
        return
    context = socket.config
    if not isinstance(context, UpstreamTlsContext):
        yield "tls", f"socket {socket.name}"
        return
    common = context.common_tls_context
    own = [secret.name for secret in common.tls_certificate_sds_secret_configs]
    if own == ["default"] or any(_MESH_FILES in bytes(one) for one in common.tls_certificates):
        yield "tls", "ISTIO_MUTUAL"
    else:
        yield "tls", "MUTUAL" if own or common.tls_certificates else "SIMPLE"
    yield VERIFICATION, "" if _verifies(common) else "none"
    yield "tls.sni", context.sni
    checked = common.combined_validation_context
    validation = checked.default_validation_context if checked else common.validation_context
    if validation:
        names = [one.exact for one in validation.match_subject_alt_names if one.exact is not None]
        names += [
            one.matcher.exact for one in validation.match_typed_subject_alt_names if one.matcher.exact is not None
        ]
        yield "tls.subject_alt_names", ", ".join(sorted(set(names)))
