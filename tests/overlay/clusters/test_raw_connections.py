"""Times and tunnels of raw connections, by rules that are applied."""

from __future__ import annotations

import pytest

from meshscope.overlay.change import Reach
from meshscope.overlay.what_if import WhatIf
from tests.effect.test_version_rules import under

from ..asking import edited, mesh_of
from .settings import Json

RULE = "DestinationRule default/vm-static"
CHAIN = "10.97.0.1_6379 filter_chains[0]"
TUNNEL = {"tunnel": {"protocol": "POST", "targetHost": "db.example", "targetPort": 5432}}
IDLE = {"connectionPool": {"tcp": {"idleTimeout": "1m"}}}


def changed(what_if: WhatIf) -> list[str]:
    """Of the chain that leads to subset `one`."""
    found = (one for one in what_if.changes if one.what == "filter chain" and "sleep" in one.proxy)
    return [f"{one.name}: {each}" for one in found for each in one.differences]


def applied(whole: Json, subset: Json | None) -> WhatIf:
    one = {"name": "one", "labels": {"pool": "one"}, **({"trafficPolicy": subset} if subset else {})}
    return WhatIf(mesh_of("services"), [edited(mesh_of("services"), RULE, trafficPolicy=whole, subsets=[one])])


@pytest.mark.parametrize(
    ("whole", "subset", "told"),
    [
        (IDLE, None, ["idle_timeout is absent, 60s was expected"]),
        (IDLE, IDLE, ["idle_timeout is absent, 60s was expected"]),
        ({}, IDLE, []),
        ({"connectionPool": {"tcp": {"maxConnectionDuration": "1h"}}}, None,
         ["max_downstream_connection_duration is absent, 3600s was expected"]),
        ({}, TUNNEL, ["tunneling_config is absent, POST db.example:5432 was expected"]),
        (TUNNEL, None, []),
        ({}, None, []),
    ],
)  # fmt: skip
def test_the_chain_of_a_subset(whole: Json, subset: Json | None, told: list[str]) -> None:
    assert changed(applied(whole, subset)) == [f"{CHAIN}: {each}" for each in told]


def test_what_goes_leaves_nothing() -> None:
    mesh = applied(IDLE, TUNNEL).mesh
    gone = WhatIf(mesh, [edited(mesh, RULE, trafficPolicy={}, subsets=[{"name": "one", "labels": {"pool": "one"}}])])
    assert sorted(changed(gone)) == [
        f"{CHAIN}: idle_timeout is 60s, none was expected",
        f"{CHAIN}: tunneling_config is POST db.example:5432, none was expected",
    ]


def test_where_a_tunnel_leads_is_unknown() -> None:
    told = [one for one in applied({}, TUNNEL).not_rebuilt if "tunnel" in one.because]
    assert {(one.decides, one.name) for one in told} == {
        (Reach.CLUSTER, "outbound|80|one|vm.static.example"),
        (Reach.CLUSTER, "outbound|6379|one|vm.static.example"),
    }


def test_an_older_control_plane_is_not_foretold() -> None:
    mesh = under("1.20.3", "services")
    what_if = WhatIf(mesh, [edited(mesh, RULE, trafficPolicy=IDLE)])
    assert not changed(what_if)
    assert any("of raw connections" in one.because for one in what_if.not_rebuilt)
