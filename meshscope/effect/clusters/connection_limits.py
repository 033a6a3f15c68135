"""What a connection pool and a retry budget ask of a cluster, as facts by the names of Envoy's fields.

https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings and
https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/cluster_traffic_policy.go (applyConnectionPool)
"""

from __future__ import annotations

from collections.abc import Iterator

from meshscope.istio.durations import envoy_duration
from meshscope.istio.objects.connection_pool import ConnectionPoolSettings, HTTPSettings, TCPSettings
from meshscope.istio.objects.traffic_policy import RetryBudget

PROTOCOL = "http_protocol"
HTTP2, OF_CLIENT = "HTTP/2", "the client's"
"""Values of the fact `http_protocol`; HTTP/1.1 is "", which nothing asks for."""
KEEPALIVE = "http2_protocol_options.connection_keepalive"
STREAMS = "http2_protocol_options.max_concurrent_streams"
RETRY_BUDGET = "circuit_breakers.retry_budget"
_IDLE = "common_http_protocol_options.idle_timeout"


def pool_facts(pool: ConnectionPoolSettings) -> Iterator[tuple[str, str]]:
    """The idle timeout of TCP is that of HTTP, too, where HTTP has none."""
    if pool.tcp:
        yield from _tcp(pool.tcp)
    if pool.http:
        yield from _http(pool.http)
    idle = (pool.http.idle_timeout if pool.http else "") or (pool.tcp.idle_timeout if pool.tcp else "")
    yield _IDLE, envoy_duration(idle)


def _tcp(tcp: TCPSettings) -> Iterator[tuple[str, str]]:
    yield "circuit_breakers.max_connections", _number(tcp.max_connections)
    yield "connect_timeout", envoy_duration(tcp.connect_timeout)
    if kept := tcp.tcp_keepalive:
        yield "tcp_keepalive.keepalive_probes", _number(kept.probes)
        yield "tcp_keepalive.keepalive_time", _seconds(kept.time)
        yield "tcp_keepalive.keepalive_interval", _seconds(kept.interval)
    yield "common_http_protocol_options.max_connection_duration", envoy_duration(tcp.max_connection_duration)


def _http(http: HTTPSettings) -> Iterator[tuple[str, str]]:
    yield "circuit_breakers.max_pending_requests", _number(http.http1_max_pending_requests)
    yield "circuit_breakers.max_requests", _number(http.http2_max_requests)
    yield "circuit_breakers.max_retries", _number(http.max_retries)
    yield "common_http_protocol_options.max_requests_per_connection", _number(http.max_requests_per_connection)
    yield PROTOCOL, OF_CLIENT if http.use_client_protocol else HTTP2 if http.h2_upgrade_policy == "UPGRADE" else ""
    yield STREAMS, _number(http.max_concurrent_streams)
    if pings := http.http2_keep_alive:
        yield f"{KEEPALIVE}.interval", envoy_duration(pings.interval)
        yield f"{KEEPALIVE}.timeout", envoy_duration(pings.timeout)


def budget_facts(budget: RetryBudget) -> Iterator[tuple[str, str]]:
    """What it leaves out is istiod's default."""
    yield RETRY_BUDGET, "on"
    if budget.percent is not None:
        yield f"{RETRY_BUDGET}.budget_percent", f"{budget.percent:g}%"
    yield f"{RETRY_BUDGET}.min_retry_concurrency", _number(budget.min_retry_concurrency)
    yield f"{RETRY_BUDGET}.budget_interval", envoy_duration(budget.budget_interval)


def of_protocol(facts: dict[str, str], protocol: str) -> dict[str, str]:
    """Those that mean something to a cluster that speaks this protocol: the limits of HTTP/2 nothing to one of HTTP/1.1. What
    istiod writes of pings where the client decides about the protocol is not known here.
    """
    unspoken = {HTTP2: (), OF_CLIENT: (KEEPALIVE,)}.get(protocol, ("http2_protocol_options",))
    return {field: value for field, value in facts.items() if not field.startswith(unspoken)}


def _seconds(duration: str) -> str:
    """Whole ones: istiod leaves out the rest."""
    return envoy_duration(duration).removesuffix("s").partition(".")[0]


def _number(value: int | None) -> str:
    """0 stands for a value that is not set."""
    return str(value) if value else ""
