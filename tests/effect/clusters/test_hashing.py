"""The key of a consistent hash, as a rule and as Envoy's routes say it."""

from __future__ import annotations

import msgspec
import pytest
from msgspec import Raw

from meshscope.effect.answer import State
from meshscope.effect.clusters.hashing import key_of, wanted_keys, wanted_of_connections
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
    wanted = wanted_keys(policy, None, 80)
    assert wanted.unnamed == key_of(Raw(msgspec.json.encode(envoy)))
    assert key_of(Raw(msgspec.json.encode({**envoy, "terminal": True}))) == wanted.unnamed


def test_connections_have_an_address_alone() -> None:
    policy = msgspec.convert({"loadBalancer": {"consistentHash": {"httpHeaderName": "x-user"}}}, TrafficPolicy)
    assert not wanted_of_connections(policy, None)
    assert not wanted_keys(None, None, 80).unnamed


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


def lb(key: Json | None) -> Json:
    return {"loadBalancer": {"consistentHash": key} if key else {"simple": "RANDOM"}}


TOP, OWN, SUBSET, OWN_SUBSET = ({"httpHeaderName": name} for name in ("top", "own", "subset", "own-subset"))


@pytest.mark.parametrize(
    ("own", "subset", "own_subset", "named", "unnamed", "default"),
    [
        (None, None, None, "top", "top", ("top",)),
        (OWN, None, None, "own", "top", ("own",)),
        (OWN, SUBSET, None, "subset", "subset", ("own",)),
        (OWN, SUBSET, OWN_SUBSET, "own-subset", "subset", ("own",)),
        ({}, None, None, "top", "top", ("", "top")),
    ],
)
def test_the_key_of_a_port_counts_where_a_route_names_the_port(  # noqa: PLR0913, PLR0917  # two policies and their keys
    own: Json, subset: Json, own_subset: Json, named: str, unnamed: str, default: tuple[str, ...]
) -> None:
    """{} is a port with settings and without a key."""
    port = {"port": {"number": 80}}
    whole = lb(TOP) | ({} if own is None else {"portLevelSettings": [port | lb(own)]})
    inner = ({} if subset is None else lb(subset)) | (
        {"portLevelSettings": [port | lb(own_subset)]} if own_subset else {}
    )
    keys = wanted_keys(msgspec.convert(whole, TrafficPolicy), msgspec.convert(inner, TrafficPolicy), 80)
    assert keys.named.removeprefix("header ") == named
    assert keys.unnamed.removeprefix("header ") == unnamed
    assert tuple(one.removeprefix("header ") for one in keys.default) == default


@pytest.mark.parametrize(("port", "told"), [(8081, True), (80, True), (None, False)])
def test_a_key_for_a_port_is_missed_in_the_routes_that_name_it(port: int | None, *, told: bool) -> None:
    """The last route of `app` names port 80, the one before port 8081."""
    number = port or 80

    def change(body: Json) -> None:
        key = {"loadBalancer": {"consistentHash": {"httpHeaderName": "x-user"}}}
        body["spec"]["trafficPolicy"]["portLevelSettings"] = [{"port": {"number": number}} | key]

    def forget(body: Json) -> None:
        for rule in body["spec"]["http"]:
            for one in rule["route"]:
                one["destination"].pop("port", None)

    mesh = recorded.rewritten(recorded.without_configz("services"), "DestinationRule default/app", change)
    if port is None:
        mesh = recorded.rewritten(mesh, "VirtualService default/app", forget)
    found = recorded.of(mesh, "DestinationRule default/app", "sleep")
    fields = [each.field for one in found for each in one.differences if each.field.endswith("hash_policy")]
    assert bool(fields) == told
