"""Facts of a traffic policy written into a cluster: each fact has its place in Envoy's message.

The names of the facts are those of `effect.clusters`; what a policy leaves out is what istiod makes of a host without one.
https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/cluster_traffic_policy.go
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from meshscope.effect.clusters.expected import BUDGET, VERIFICATION, Facts
from meshscope.effect.configuration import Configuration
from meshscope.istio.version_gates import BUDGET_IN_PERCENT

UNLIMITED = 4_294_967_295
_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_RINGS = {"RING_HASH", "MAGLEV"}
_OWN_BALANCERS = ("ring_hash_lb_config", "maglev_lb_config", "least_request_lb_config", "round_robin_lb_config")
_SLOW_STARTS = {"LEAST_REQUEST": "least_request_lb_config", "ROUND_ROBIN": "round_robin_lb_config"}
_DETECTION = "outlier_detection"
TLS = ("tls", "tls.sni", "tls.subject_alt_names", VERIFICATION)
"""Facts that are written elsewhere: a handshake takes more than they say."""
PROTOCOL = "http_protocol"


def write_policy(configuration: Configuration, body: dict[str, Any], before: Facts, after: Facts) -> None:
    """Changes the fields of those facts that differ; the others stay as they are."""
    for field in dict.fromkeys((*after, *before)):
        if before.get(field) != after.get(field) and field not in (*TLS, PROTOCOL):
            _write(configuration, body, field, after)


def _write(configuration: Configuration, body: dict[str, Any], field: str, facts: Facts) -> None:
    value = facts.get(field, "")
    group, _, name = field.partition(".")
    if field == "lb_policy":
        _balance(configuration, body, value)
    elif field == "connect_timeout":
        body["connect_timeout"] = value or configuration.settings.connect_timeout
    elif field.startswith(BUDGET):
        _budget(configuration, body, field.removeprefix(BUDGET).removeprefix("."), value, facts)
    elif group == _DETECTION:
        _detect(body, name, value, facts)
    else:
        _WRITERS[group](body, name, value)


def _limit(body: dict[str, Any], name: str, value: str) -> None:
    limits = body.setdefault("circuit_breakers", {}).setdefault("thresholds", [{}])
    limits[0] = {**limits[0], name: int(value) if value else UNLIMITED}


def _budget(configuration: Configuration, body: dict[str, Any], name: str, value: str, facts: Facts) -> None:
    """Of retries; what a policy leaves out of it has istiod's defaults."""
    limits = body.setdefault("circuit_breakers", {}).setdefault("thresholds", [{}])
    limit = dict(limits[0])
    if BUDGET not in facts:
        limit.pop("retry_budget", None)
    else:
        percent = 20.0 if configuration.knows(BUDGET_IN_PERCENT) else 0.2
        budget = limit.setdefault("retry_budget", {"budget_percent": {"value": percent}, "min_retry_concurrency": 3})
        if name == "budget_percent" and value:
            budget = {**budget, name: {"value": float(value.removesuffix("%"))}}
        elif name and value:
            budget = {**budget, name: int(value) if name.startswith("min") else value}
        limit["retry_budget"] = budget
    limits[0] = limit


def _keep_alive(body: dict[str, Any], name: str, value: str) -> None:
    kept = body.setdefault("upstream_connection_options", {}).setdefault("tcp_keepalive", {})
    _set(kept, name, int(value) if value else None)


def _option(body: dict[str, Any], name: str, value: str) -> None:
    options = http_options(body).setdefault("common_http_protocol_options", {})
    _set(options, name, value if not value or name.endswith("timeout") else int(value))


def _panic(body: dict[str, Any], name: str, value: str) -> None:
    percent = {"value": float(value.removesuffix("%"))} if value else {}
    body["common_lb_config"] = {**body.get("common_lb_config", {}), name: percent}


def _ring(body: dict[str, Any], name: str, value: str) -> None:
    _set(body, "ring_hash_lb_config", {name: int(value)} if value else None)


def _warm_up(body: dict[str, Any], name: str, value: str) -> None:
    if place := _SLOW_STARTS.get(body.get("lb_policy", "ROUND_ROBIN")):
        _set(body, place, {"slow_start_config": {name: value}} if value else None)


_WRITERS: dict[str, Callable[[dict[str, Any], str, str], None]] = {
    "circuit_breakers": _limit,
    "tcp_keepalive": _keep_alive,
    "common_http_protocol_options": _option,
    "common_lb_config": _panic,
    "ring_hash_lb_config": _ring,
    "slow_start_config": _warm_up,
}


def http_options(body: dict[str, Any]) -> dict[str, Any]:
    """The options of the upstream's HTTP, empty ones where there are none."""
    found: dict[str, Any] = body.setdefault("typed_extension_protocol_options", {}).setdefault(
        _OPTIONS, {"@type": f"type.googleapis.com/{_OPTIONS}", "explicit_http_config": {"http_protocol_options": {}}}
    )
    return found


def _balance(configuration: Configuration, body: dict[str, Any], value: str) -> None:
    """Passthrough and DNS clusters of the original destination balance nothing."""
    if body.get("lb_policy") == "CLUSTER_PROVIDED" and body.get("type") == "ORIGINAL_DST":
        return
    body["lb_policy"] = value or ("LEAST_REQUEST" if configuration.is_since(1, 14) else "ROUND_ROBIN")
    for name in _OWN_BALANCERS:
        if not (name.startswith("ring_hash") and value in _RINGS):
            body.pop(name, None)


def _detect(body: dict[str, Any], name: str, value: str, facts: Facts) -> None:
    if _DETECTION not in facts:
        body.pop(_DETECTION, None)
    elif not name:
        body.setdefault(_DETECTION, {"enforcing_success_rate": 0})
    else:
        detection = body.setdefault(_DETECTION, {"enforcing_success_rate": 0})
        is_number = name.startswith(("consecutive", "max_ejection_percent"))
        _set(detection, name, int(value) if value and is_number else value)
        if name.startswith("consecutive"):
            _set(detection, f"enforcing_{name}", 100 if value else None)


def _set(holder: dict[str, Any], name: str, value: Any) -> None:
    if value in (None, ""):
        holder.pop(name, None)
    else:
        holder[name] = value
