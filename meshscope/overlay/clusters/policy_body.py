"""Facts of a traffic policy written into a cluster: each fact has its place in Envoy's message.

The names of the facts are those of `effect.clusters`; what a policy leaves out is what istiod makes of a host without one.
https://github.com/istio/istio/blob/master/pilot/pkg/networking/core/cluster_traffic_policy.go
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from meshscope.effect.clusters.connection_limits import HTTP2, KEEPALIVE, OF_CLIENT, PROTOCOL, RETRY_BUDGET, STREAMS
from meshscope.effect.clusters.expected import DETECTION, VERIFICATION, Facts
from meshscope.effect.clusters.made_facts import default_balancer
from meshscope.effect.configuration import Configuration
from meshscope.overlay.clusters.balancer_body import write_balancer
from meshscope.overlay.draft import Json

UNLIMITED = 4_294_967_295
_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
TLS = ("tls", "tls.sni", "tls.subject_alt_names", VERIFICATION)
"""Facts that are written elsewhere: a handshake takes more than they say."""
_PROTOCOLS: dict[str, tuple[str, dict[str, Json]]] = {
    HTTP2: ("explicit_http_config", {"http2_protocol_options": {}}),
    OF_CLIENT: ("use_downstream_protocol_config", {"http_protocol_options": {}, "http2_protocol_options": {}}),
    "": ("explicit_http_config", {"http_protocol_options": {}}),
}
"""By the fact: the one of Envoy's three ways, and what stands in it."""


def write_policy(configuration: Configuration, body: dict[str, Any], before: Facts, after: Facts) -> None:
    """Changes the fields of those facts that differ; the others stay as they are."""
    changed = [field for field in dict.fromkeys((*after, *before)) if before.get(field) != after.get(field)]
    write_balancer(body, set(changed), after, default_balancer(configuration))
    if PROTOCOL in changed:
        _speak(body, after.get(PROTOCOL, ""))
    for field in changed:
        value = after.get(field, "")
        group, _, name = field.partition(".")
        if field == "connect_timeout":
            body["connect_timeout"] = value or configuration.settings.connect_timeout
        elif group == DETECTION:
            _detect(body, name, value, after)
        elif field.startswith(RETRY_BUDGET):
            _allow_retries(body, after)
        elif group in _WRITERS:
            _WRITERS[group](body, name, value)
    if any(field.startswith((PROTOCOL, "http2_protocol_options")) for field in changed):
        _limit_streams(body, after)


def _limit(body: dict[str, Any], name: str, value: str) -> None:
    _first_limits(body)[name] = int(value) if value else UNLIMITED


def _first_limits(body: dict[str, Any]) -> dict[str, Any]:
    limits = body.setdefault("circuit_breakers", {}).setdefault("thresholds", [{}])
    limits[0] = dict(limits[0])
    first: dict[str, Any] = limits[0]
    return first


def _allow_retries(body: dict[str, Any], facts: Facts) -> None:
    if RETRY_BUDGET not in facts:
        _first_limits(body).pop("retry_budget", None)
        return
    percent, interval = facts.get(f"{RETRY_BUDGET}.budget_percent"), facts.get(f"{RETRY_BUDGET}.budget_interval")
    _first_limits(body)["retry_budget"] = {
        **({"budget_percent": {"value": float(percent.removesuffix("%"))}} if percent else {}),
        "min_retry_concurrency": int(facts.get(f"{RETRY_BUDGET}.min_retry_concurrency") or 3),
        **({"budget_interval": interval} if interval else {}),
    }


def _keep_alive(body: dict[str, Any], name: str, value: str) -> None:
    kept = body.setdefault("upstream_connection_options", {}).setdefault("tcp_keepalive", {})
    _set(kept, name, int(value) if value else None)


def _option(body: dict[str, Any], name: str, value: str) -> None:
    options = http_options(body).setdefault("common_http_protocol_options", {})
    _set(options, name, int(value) if value and name == "max_requests_per_connection" else value)


def _panic(body: dict[str, Any], name: str, value: str) -> None:
    percent = {"value": float(value.removesuffix("%"))} if value else {}
    body["common_lb_config"] = {**body.get("common_lb_config", {}), name: percent}


_WRITERS: dict[str, Callable[[dict[str, Any], str, str], None]] = {
    "circuit_breakers": _limit,
    "tcp_keepalive": _keep_alive,
    "common_http_protocol_options": _option,
    "common_lb_config": _panic,
}


def http_options(body: dict[str, Any]) -> dict[str, Any]:
    """The options of the upstream's HTTP, empty ones where there are none."""
    found: dict[str, Any] = body.setdefault("typed_extension_protocol_options", {}).setdefault(
        _OPTIONS, {"@type": f"type.googleapis.com/{_OPTIONS}", "explicit_http_config": {"http_protocol_options": {}}}
    )
    return found


def _speak(body: dict[str, Any], protocol: str) -> None:
    options = http_options(body)
    for way, _ in _PROTOCOLS.values():
        options.pop(way, None)
    way, held = _PROTOCOLS[protocol]
    options[way] = {name: dict(value) for name, value in held.items()}


def _limit_streams(body: dict[str, Any], facts: Facts) -> None:
    """Where the cluster speaks HTTP/2 whatever the client does."""
    http2 = http_options(body).get("explicit_http_config", {}).get("http2_protocol_options")
    if http2 is None:
        return
    streams = facts.get(STREAMS)
    _set(http2, "max_concurrent_streams", int(streams) if streams else None)
    pings = {name: value for name in ("interval", "timeout") if (value := facts.get(f"{KEEPALIVE}.{name}"))}
    _set(http2, "connection_keepalive", pings or None)


def _detect(body: dict[str, Any], name: str, value: str, facts: Facts) -> None:
    if DETECTION not in facts:
        body.pop(DETECTION, None)
        return
    detection = body.setdefault(DETECTION, {"enforcing_success_rate": 0})
    if name == "split_external_local_origin_errors":
        _set(detection, name, True if value else None)
        _set(detection, "enforcing_local_origin_success_rate", 0 if value else None)
    elif name:
        is_number = name.startswith(("consecutive", "max_ejection_percent"))
        _set(detection, name, int(value) if value and is_number else value)
        if name.startswith("consecutive"):
            _set(detection, f"enforcing_{name}", min(int(value), 1) * 100 if value else None)


def _set(holder: dict[str, Any], name: str, value: Any) -> None:
    if value in (None, ""):
        holder.pop(name, None)
    else:
        holder[name] = value
