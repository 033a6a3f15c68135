"""What a rule says of raw connections, in the filter chains that lead to its clusters."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from meshscope.effect.answer import State
from meshscope.effect.clusters.policy import for_subset
from meshscope.effect.clusters.tcp_proxies import proxy_differences
from meshscope.effect.configuration import Configuration
from meshscope.istio.objects.traffic_policy import TrafficPolicy

from .. import recorded
from ..recorded import Json

CLUSTER = "outbound|6379|one|vm.static.example"
RULE = "DestinationRule default/vm-static"
LISTENER = "10.97.0.1_6379"
TUNNEL = {"tunnel": {"protocol": "CONNECT", "targetHost": "db.example", "targetPort": 5432}}


def told(whole: Json, subset: Json | None = None, **proxy: Any) -> list[str]:
    """Of the cluster of a subset, to which a chain leads. `proxy` is what its filter has besides."""

    def write(body: Json) -> None:
        body["filter_chains"][0]["filters"][-1]["typed_config"] |= proxy

    mesh = recorded.reconfigured(recorded.mesh("services"), "sleep", "listener", LISTENER, write)
    (client,) = [one for one in Configuration(mesh).clients if one.name.startswith("sleep")]
    top, own = msgspec.convert(whole, TrafficPolicy), msgspec.convert(subset or {}, TrafficPolicy)
    found = proxy_differences(mesh, client, CLUSTER, top, own, for_subset(top, own, 6379))
    return [str(one).removeprefix(f"filter chain {LISTENER}/0 ") for one in found]


def pool(**tcp: Any) -> Json:
    return {"connectionPool": {"tcp": tcp}}


@pytest.mark.parametrize(
    ("whole", "subset", "proxy", "differences"),
    [
        (pool(idleTimeout="1m"), None, {}, ["idle_timeout is 3600s, 60s was expected"]),
        (pool(idleTimeout="1m"), None, {"idle_timeout": "60s"}, []),
        (pool(maxConnectionDuration="1m"), None, {}, ["max_downstream_connection_duration is absent, 60s was expected"]),
        (pool(maxConnectionDuration="1m"), None, {"max_downstream_connection_duration": "60s"}, []),
        ({}, None, {"max_downstream_connection_duration": "60s"},
         ["max_downstream_connection_duration is 60s, none was expected"]),
        ({}, TUNNEL, {}, ["tunneling_config is absent, CONNECT db.example:5432 was expected"]),
        ({}, TUNNEL, {"tunneling_config": {"hostname": "db.example:5432"}}, []),
        ({}, TUNNEL, {"tunneling_config": {"hostname": "db.example:5432", "use_post": True}},
         ["tunneling_config is POST db.example:5432, CONNECT db.example:5432 was expected"]),
        (TUNNEL, None, {}, []),
        ({}, None, {"tunneling_config": {"hostname": "a:1"}}, ["tunneling_config is CONNECT a:1, none was expected"]),
        (pool(idleTimeout="1m"), pool(idleTimeout="2m"), {"idle_timeout": "60s"}, ["idle_timeout is 60s, 120s was expected"]),
    ],
)  # fmt: skip
def test_the_chain_that_leads_to_a_subset(
    whole: Json, subset: Json | None, proxy: Json, differences: list[str]
) -> None:
    """A tunnel of the whole rule is not for its subsets; times of a subset reach no chain."""
    assert told(whole, subset, **proxy) == differences


def test_the_rule_is_told_of_it() -> None:
    def change(body: Json) -> None:
        body["spec"]["subsets"][0]["trafficPolicy"] = TUNNEL

    found = {
        one.rule: one for one in recorded.of(recorded.rewritten(recorded.mesh("services"), RULE, change), RULE, "sleep")
    }
    assert found["trafficPolicy"].state is State.IN_EFFECT
    assert "tunneling_config is absent" in found["subsets[0]"].because
