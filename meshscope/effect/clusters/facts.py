"""A cluster as facts, by the names of Envoy's fields, as far as a traffic policy speaks of them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Raw

from meshscope.effect.clusters.connection_limits import HTTP2, KEEPALIVE, OF_CLIENT, PROTOCOL, RETRY_BUDGET, STREAMS
from meshscope.effect.clusters.expected import AGGRESSION, LINEAR, MINIMUM, TENTH, Facts
from meshscope.effect.clusters.socket_facts import socket_facts
from meshscope.xds.cluster import Cluster, RetryBudget
from meshscope.xds.duration import duration_text
from meshscope.xds.message import Message, Undecodable, decode, present
from meshscope.xds.upstream_http_options import HttpProtocolOptions, http_protocol_options

_RING = 1024
"""Envoy's size of a ring where none is given."""
_UNLIMITED = 4_294_967_295
"""istiod's limit for what nobody limits."""
_OLD_STREAMS = 1_073_741_824
"""istiod's limit of streams on a connection, before 1.15, where nobody limits them."""


class _CommonHttp(Message, frozen=True):
    max_requests_per_connection: int | None = None
    idle_timeout: str = ""
    max_connection_duration: str = ""


class _Keepalive(Message, frozen=True):
    interval: str = ""
    timeout: str = ""


class _Http2(Message, frozen=True):
    max_concurrent_streams: int | None = None
    connection_keepalive: _Keepalive = _Keepalive()


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
        if threshold.retry_budget is not None:
            yield from _budget(threshold.retry_budget)
    if (options := http_protocol_options(cluster)) and isinstance(options, HttpProtocolOptions):
        yield from _common(options.common_http_protocol_options, cluster.max_requests_per_connection)
        yield from _protocol(options)
    if (detection := cluster.outlier_detection) is not None:
        yield "outlier_detection", "on"
        for field in ("consecutive_5xx", "consecutive_gateway_failure", "consecutive_local_origin_failure"):
            value = getattr(detection, field)
            yield f"outlier_detection.{field}", "" if value is None else str(value)
        yield "outlier_detection.interval", duration_text(detection.interval)
        yield "outlier_detection.base_ejection_time", duration_text(detection.base_ejection_time)
        yield "outlier_detection.max_ejection_percent", str(detection.max_ejection_percent)
        is_split = detection.split_external_local_origin_errors
        yield "outlier_detection.split_external_local_origin_errors", "true" if is_split else ""
    if panic := cluster.common_lb_config.healthy_panic_threshold:
        yield "common_lb_config.healthy_panic_threshold", f"{panic.value:g}%" if panic.value else ""
    yield from socket_facts(cluster)


def _balancing(cluster: Cluster) -> Iterator[tuple[str, str]]:
    yield "lb_policy", cluster.lb_policy
    if cluster.lb_policy == "RING_HASH":
        yield "ring_hash_lb_config.minimum_ring_size", str(cluster.ring_hash_lb_config.minimum_ring_size or _RING)
    yield "maglev_lb_config.table_size", str(cluster.maglev_lb_config.table_size or "")
    for config in (cluster.least_request_lb_config, cluster.round_robin_lb_config):
        if slow := config.slow_start_config:
            yield "slow_start_config.slow_start_window", duration_text(slow.slow_start_window)
            yield AGGRESSION, f"{slow.aggression.default_value:g}" if slow.aggression else LINEAR
            yield MINIMUM, f"{slow.min_weight_percent.value:g}%" if slow.min_weight_percent else TENTH


def _budget(budget: RetryBudget) -> Iterator[tuple[str, str]]:
    yield RETRY_BUDGET, "on"
    yield f"{RETRY_BUDGET}.budget_percent", f"{budget.budget_percent.value:g}%" if budget.budget_percent else "20%"
    concurrency = 3 if budget.min_retry_concurrency is None else budget.min_retry_concurrency
    yield f"{RETRY_BUDGET}.min_retry_concurrency", str(concurrency)
    yield f"{RETRY_BUDGET}.budget_interval", duration_text(budget.budget_interval)


def _protocol(options: HttpProtocolOptions) -> Iterator[tuple[str, str]]:
    is_clients = options.use_downstream_protocol_config is not None
    yield PROTOCOL, OF_CLIENT if is_clients else HTTP2 if options.protocols("http1") == ("http2",) else ""
    held = options.use_downstream_protocol_config or options.explicit_http_config
    raw = held.http2_protocol_options if held else Raw()
    http2 = decode(raw, _Http2) if present(raw) else _Http2()
    if not isinstance(http2, Undecodable):
        streams = http2.max_concurrent_streams
        yield STREAMS, "" if streams in (None, _OLD_STREAMS) else str(streams)
        yield f"{KEEPALIVE}.interval", duration_text(http2.connection_keepalive.interval)
        yield f"{KEEPALIVE}.timeout", duration_text(http2.connection_keepalive.timeout)


def _common(raw: Raw, older: int | None) -> Iterator[tuple[str, str]]:
    """`older` is the limit in its place of before 1.8, on the cluster itself."""
    common = decode(raw, _CommonHttp) if present(raw) else _CommonHttp()
    if not isinstance(common, Undecodable):
        requests = common.max_requests_per_connection or older
        yield "common_http_protocol_options.max_requests_per_connection", str(requests) if requests else ""
        yield "common_http_protocol_options.idle_timeout", duration_text(common.idle_timeout)
        duration = duration_text(common.max_connection_duration)
        yield "common_http_protocol_options.max_connection_duration", duration
