"""The key of a consistent hash, as a rule and as Envoy's routes say it."""

from __future__ import annotations

import msgspec
import pytest
from msgspec import Raw

from meshscope.effect.answer import State
from meshscope.effect.clusters.hashing import key_of, wanted_key
from meshscope.istio.objects.traffic_policy import TrafficPolicy

from .. import recorded
from ..recorded import Json

HEADER = "DestinationRule team-a/rest"
ADDRESS = "DestinationRule default/vm-static"


@pytest.mark.parametrize(
    ("rule", "envoy"),
    [
        ({"httpHeaderName": "x-user"}, {"header": {"header_name": "x-user"}}),
        ({"httpQueryParameterName": "user"}, {"query_parameter": {"name": "user"}}),
        ({"httpCookie": {"name": "user", "ttl": "0s"}}, {"cookie": {"name": "user", "ttl": "0s"}}),
        ({"httpCookie": {"name": "user", "path": "/a"}}, {"cookie": {"name": "user", "path": "/a"}}),
        ({"useSourceIp": True}, {"connection_properties": {"source_ip": True}}),
        ({"useSourceIp": True}, {"source_ip": {}}),
    ],
)
def test_both_sides_have_one_spelling(rule: Json, envoy: Json) -> None:
    policy = msgspec.convert({"loadBalancer": {"consistentHash": rule}}, TrafficPolicy)
    assert wanted_key(policy, is_tcp=False) == key_of(Raw(msgspec.json.encode(envoy)))
    assert key_of(Raw(msgspec.json.encode({**envoy, "terminal": True}))) == wanted_key(policy, is_tcp=False)


def test_connections_have_an_address_alone() -> None:
    policy = msgspec.convert({"loadBalancer": {"consistentHash": {"httpHeaderName": "x-user"}}}, TrafficPolicy)
    assert not wanted_key(policy, is_tcp=True)
    assert not wanted_key(None, is_tcp=False)


@pytest.mark.parametrize(
    ("ref", "proxy", "key"),
    [
        (HEADER, "sleep", {"httpHeaderName": "x-other"}),
        (HEADER, "sleep", {"httpCookie": {"name": "user", "ttl": "10s"}}),
        (ADDRESS, "sleep", {"httpHeaderName": "x-user"}),
    ],
)
def test_a_route_with_another_key_is_told(ref: str, proxy: str, key: Json) -> None:
    def change(body: Json) -> None:
        body["spec"]["trafficPolicy"]["loadBalancer"]["consistentHash"] = key

    mesh = recorded.mesh("services")
    (found,) = [
        one for one in recorded.of(recorded.rewritten(mesh, ref, change), ref, proxy) if one.rule == "trafficPolicy"
    ]
    assert found.state is State.PARTLY
    assert any(one.field.endswith("hash_policy") for one in found.differences)
    assert {one.state for one in recorded.of(mesh, ref, proxy)} == {State.IN_EFFECT}
