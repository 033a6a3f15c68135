"""The limits of a workload's own clusters, by rules that are applied."""

from __future__ import annotations

from meshscope.mesh.mesh import Mesh
from meshscope.overlay.what_if import WhatIf
from tests.effect import recorded
from tests.effect.clusters.test_at_inbound import INBOUND, LIMITED, at_own, with_rule

from ..asking import edited, written

RULE = """apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: mine, namespace: team-a}
spec:
  host: db
  trafficPolicy: {connectionPool: {tcp: {maxConnections: 5}}}
"""


def inbound(what_if: WhatIf) -> list[str]:
    found = (one for one in what_if.changes if one.name == INBOUND and one.proxy.startswith("db-0"))
    return [str(each) for one in found for each in one.differences]


def test_a_limit_comes_to_the_server_too() -> None:
    what_if = WhatIf(recorded.mesh("services"), list(written(RULE)))
    assert inbound(what_if) == ["circuit_breakers.max_connections is absent, 5 was expected"]
    assert not at_own(what_if.mesh).differences


def test_and_goes_with_the_rule() -> None:
    limited = WhatIf(recorded.mesh("services"), list(written(RULE))).mesh
    gone = WhatIf(limited, [edited(limited, "DestinationRule team-a/mine", trafficPolicy={})])
    assert inbound(gone) == ["circuit_breakers.max_connections is 5, none was expected"]


def test_a_rule_for_another_service_leaves_it() -> None:
    other = RULE.replace("host: db", "host: rest")
    assert not inbound(WhatIf(recorded.mesh("services"), list(written(other))))


def test_a_sidecars_pool_stays() -> None:
    held = {"egress": [{"hosts": ["./*"]}], "inboundConnectionPool": {"tcp": {"maxConnections": 6}}}
    mesh: Mesh = with_rule(LIMITED, held, limit=6)
    raised = {"connectionPool": {"tcp": {"maxConnections": 9}}}
    assert not inbound(WhatIf(mesh, [edited(mesh, "DestinationRule team-a/mine", trafficPolicy=raised)]))


def test_a_limit_that_somebody_else_has_set_is_unknown() -> None:
    mesh = with_rule(LIMITED, limit=77)
    raised = {"connectionPool": {"tcp": {"maxConnections": 9}}}
    what_if = WhatIf(mesh, [edited(mesh, "DestinationRule team-a/mine", trafficPolicy=raised)])
    assert not inbound(what_if)
    assert [one.because for one in what_if.not_rebuilt if one.name == INBOUND] == [
        "circuit_breakers.max_connections is 77, which today's manifests do not say"
    ]


SIDECAR = """apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: mine, namespace: team-a}
spec:
  egress: [{hosts: ["*/*"]}]
  inboundConnectionPool: {tcp: {maxConnections: 6}}
"""


def test_a_sidecar_that_is_applied_has_the_last_word() -> None:
    limited = WhatIf(recorded.mesh("services"), list(written(RULE))).mesh
    what_if = WhatIf(limited, list(written(SIDECAR)))
    assert inbound(what_if) == ["circuit_breakers.max_connections is 5, 6 was expected"]
    (found,) = [one for one in what_if.changes if one.name == INBOUND and one.proxy.startswith("db-0")]
    assert (found.object, found.rule) == ("Sidecar team-a/mine", "inboundConnectionPool")


def test_a_sidecar_that_leaves_the_service_out_takes_its_rule_away() -> None:
    limited = WhatIf(recorded.mesh("services"), list(written(RULE))).mesh
    blind = SIDECAR.replace("*/*", "default/*").replace("  inboundConnectionPool: {tcp: {maxConnections: 6}}\n", "")
    what_if = WhatIf(limited, list(written(blind)))
    assert inbound(what_if) == ["circuit_breakers.max_connections is 5, none was expected"]
