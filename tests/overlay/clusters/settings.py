"""What DestinationRules may say of a cluster, each setting for itself."""

from __future__ import annotations

from typing import Any

Json = Any
APP = "DestinationRule default/app"
HTTP2 = "UPGRADE"


def _tcp(**held: Any) -> Json:
    return {"connectionPool": {"tcp": held}}


def _http(**held: Any) -> Json:
    return {"connectionPool": {"http": held}}


SETTINGS: tuple[Json, ...] = (
    _http(idleTimeout="30s", maxRequestsPerConnection=3, maxRetries=2),
    _http(h2UpgradePolicy=HTTP2, maxConcurrentStreams=7, http2KeepAlive={"interval": "30s", "timeout": "5s"}),
    _http(h2UpgradePolicy=HTTP2),
    _http(useClientProtocol=True),
    {"retryBudget": {"percent": 12.5, "minRetryConcurrency": 4, "budgetInterval": "2s"}},
    {"retryBudget": {}},
    {"outlierDetection": {"splitExternalLocalOriginErrors": True, "consecutiveLocalOriginFailures": 4}},
    {"outlierDetection": {"consecutive5xxErrors": 0, "consecutiveGatewayErrors": 3, "minHealthPercent": 20}},
    {"loadBalancer": {"consistentHash": {"useSourceIp": True, "maglev": {"tableSize": 101}}}},
    {"loadBalancer": {"consistentHash": {"useSourceIp": True, "ringHash": {"minimumRingSize": 64}}}},
    {"loadBalancer": {"simple": "ROUND_ROBIN", "warmup": {"duration": "1m", "aggression": 1.5, "minimumPercent": 25}}},
    {"loadBalancer": {"simple": "LEAST_REQUEST", "warmup": {"duration": "1m"}}},
    {"proxyProtocol": {"version": "V2"}},
    {"proxyProtocol": {}, "tls": {"mode": "DISABLE"}},
    {"proxyProtocol": {}, "tls": {"mode": "ISTIO_MUTUAL"}},
    {"tls": {"mode": "SIMPLE", "sni": "app.example"}, "proxyProtocol": {"version": "V2"}},
    {"tls": {"mode": "SIMPLE", "sni": "app.example"}, **_http(h2UpgradePolicy=HTTP2)},
    _tcp(maxConnections=3, connectTimeout="1s", tcpKeepalive={"probes": 2, "time": "7s"}),
    {},
)
