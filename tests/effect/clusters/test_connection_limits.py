"""Limits, times and protocols of connections: as a rule says them, and as a cluster has them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from meshscope.effect.answer import State
from meshscope.effect.clusters.connection_limits import HTTP2, OF_CLIENT, PROTOCOL, of_protocol
from meshscope.effect.clusters.expected import policy_facts
from meshscope.effect.clusters.facts import cluster_facts
from meshscope.istio.objects.traffic_policy import TrafficPolicy
from meshscope.xds.cluster import Cluster
from meshscope.xds.message import decode

from .. import recorded
from ..recorded import Json

APP = "DestinationRule default/app"
_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_RAW = {"name": "envoy.transport_sockets.raw_buffer"}
_PROXY_PROTOCOL = "envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport"


def typed(body: Json) -> Cluster:
    found = decode(msgspec.json.encode(body), Cluster)
    assert isinstance(found, Cluster)
    return found


def options(**held: Any) -> Json:
    return {"typed_extension_protocol_options": {_OPTIONS: {"@type": f"type.googleapis.com/{_OPTIONS}", **held}}}


def common(**held: Any) -> Json:
    return options(common_http_protocol_options=held)


def http2(**held: Any) -> Json:
    return options(explicit_http_config={"http2_protocol_options": held})


def budget(**held: Any) -> Json:
    return {"circuit_breakers": {"thresholds": [{"retry_budget": held}]}}


def behind_proxy_protocol(socket: Json, **config: Any) -> Json:
    wrapper = {"@type": f"type.googleapis.com/{_PROXY_PROTOCOL}", "config": config, "transport_socket": socket}
    return {"name": "envoy.transport_sockets.upstream_proxy_protocol", "typed_config": wrapper}


def tcp(**held: Any) -> Json:
    return {"connectionPool": {"tcp": held}}


def http(**held: Any) -> Json:
    return {"connectionPool": {"http": held}}


PAIRS: list[tuple[Json, Json, Json]] = [
    (tcp(idleTimeout="1m"), common(idle_timeout="60s"), common(idle_timeout="61s")),
    (tcp(maxConnectionDuration="1h"), common(max_connection_duration="3600s"), {}),
    (http(maxConcurrentStreams=7, h2UpgradePolicy="UPGRADE"), http2(max_concurrent_streams=7), http2()),
    (http(useClientProtocol=True), options(use_downstream_protocol_config={}), http2()),
    (http(http2KeepAlive={"interval": "30s", "timeout": "5s"}, h2UpgradePolicy="UPGRADE"),
     http2(connection_keepalive={"interval": "30s", "timeout": "5.000s"}), http2(connection_keepalive={"interval": "30s"})),
    ({"retryBudget": {"percent": 12.5, "minRetryConcurrency": 4, "budgetInterval": "2s"}},
     budget(budget_percent={"value": 12.5}, min_retry_concurrency=4, budget_interval="2s"),
     budget(budget_percent={"value": 12.5}, min_retry_concurrency=4)),
    ({"retryBudget": {"percent": 20, "minRetryConcurrency": 3}}, budget(), {}),
    ({"retryBudget": {}}, budget(budget_percent={"value": 0.2}), {}),
    ({"proxyProtocol": {"version": "V2"}}, {"transport_socket": behind_proxy_protocol(_RAW, version="V2")},
     {"transport_socket": behind_proxy_protocol(_RAW)}),
    ({"proxyProtocol": {}},
     {"transport_socket_matches": [{"name": "tlsMode-istio", "transport_socket": behind_proxy_protocol(_RAW)}]},
     {"transport_socket_matches": [{"name": "tlsMode-istio", "transport_socket": _RAW}]}),
]  # fmt: skip
"""Settings, what a cluster is that has them, and one that does not."""


@pytest.mark.parametrize(("policy", "held", "other"), PAIRS)
def test_both_sides_have_one_spelling(policy: Json, held: Json, other: Json) -> None:
    wanted = policy_facts(msgspec.convert(policy, TrafficPolicy))
    assert wanted
    assert wanted.items() <= cluster_facts(typed(held)).items()
    assert not wanted.items() <= cluster_facts(typed(other)).items()


def test_the_idle_timeout_of_http_comes_before_that_of_tcp() -> None:
    policy = {"connectionPool": {"tcp": {"idleTimeout": "1m"}, "http": {"idleTimeout": "2m"}}}
    assert policy_facts(msgspec.convert(policy, TrafficPolicy)) == {"common_http_protocol_options.idle_timeout": "120s"}


def test_limits_of_http_2_mean_nothing_to_a_cluster_of_http_1() -> None:
    facts = policy_facts(
        msgspec.convert(http(maxConcurrentStreams=7, http2KeepAlive={"interval": "1s"}, maxRetries=2), TrafficPolicy)
    )
    assert list(of_protocol(facts, "")) == ["circuit_breakers.max_retries"]
    assert of_protocol(facts, HTTP2) == facts
    assert "http2_protocol_options.max_concurrent_streams" in of_protocol(facts, OF_CLIENT)


def test_the_limit_of_streams_of_old_control_planes_is_no_limit() -> None:
    facts = cluster_facts(typed(http2(max_concurrent_streams=1073741824)))
    assert facts[PROTOCOL] == HTTP2
    assert not any("streams" in field for field in facts)


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ({"connectionPool": {"tcp": {"maxConnectionDuration": "1h"}}}, "max_connection_duration is absent, 3600s was expected"),
        ({"connectionPool": {"http": {"useClientProtocol": True}}}, "http_protocol is absent, the client's was expected"),
        ({"proxyProtocol": {"version": "V2"}}, "proxy_protocol is absent, V2 was expected"),
        ({"retryBudget": {"percent": 30}}, "circuit_breakers.retry_budget is absent, on was expected"),
        ({"connectionPool": {"http": {"maxConcurrentStreams": 7}}}, ""),
    ],
)  # fmt: skip
def test_what_a_cluster_lacks_is_told(setting: Json, told: str) -> None:
    """The port speaks HTTP/1.1, so that no limit of streams is missing."""

    def change(body: Json) -> None:
        policy = body["spec"]["trafficPolicy"]
        for part, held in setting.items():
            for name, value in held.items():
                inner = policy.setdefault(part, {})
                inner[name] = {**inner.get(name, {}), **value} if isinstance(value, dict) else value

    mesh = recorded.rewritten(recorded.mesh("services"), APP, change)
    (found,) = [one for one in recorded.of(mesh, APP, "sleep") if one.rule == "trafficPolicy"]
    assert found.state is (State.PARTLY if told else State.IN_EFFECT)
    assert any(str(one).endswith(told) for one in found.differences) == bool(told)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body["circuit_breakers"]["thresholds"][0].update(retry_budget={}),
        lambda body: body.update(transport_socket=behind_proxy_protocol(_RAW), transport_socket_matches=[]),
    ],
)
def test_what_a_cluster_has_and_no_rule_asks_for_is_told(change: Any) -> None:
    mesh = recorded.reconfigured(
        recorded.mesh("services"), "sleep", "cluster", "outbound|80||app.default.svc.cluster.local", change
    )
    (found,) = [one for one in recorded.of(mesh, APP, "sleep") if one.rule == "trafficPolicy"]
    assert found.state is State.PARTLY
    assert [one.expected for one in found.differences] == [""]


def speak(way: str, held: Json) -> Any:
    def change(body: Json) -> None:
        found = body["typed_extension_protocol_options"][_OPTIONS]
        found.pop("explicit_http_config", None)
        found[way] = held

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (speak("explicit_http_config", {"http2_protocol_options": {}}), ["http_protocol is HTTP/2, none was expected"]),
        (speak("explicit_http_config", {"http_protocol_options": {}}), []),
    ],
)
def test_a_protocol_that_neither_port_nor_rule_has_is_told(change: Any, told: list[str]) -> None:
    mesh = recorded.reconfigured(
        recorded.mesh("services"), "sleep", "cluster", "outbound|80||app.default.svc.cluster.local", change
    )
    (found,) = [one for one in recorded.of(mesh, APP, "sleep") if one.rule == "trafficPolicy"]
    assert [str(one) for one in found.differences] == told
