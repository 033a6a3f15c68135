"""The limits of a rule for a workload's own Service, at the workload's proxy."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import msgspec
import pytest
from msgspec import Raw
from msgspec.structs import replace

from meshscope.effect.answer import State
from meshscope.effect.clusters.at_inbound import inbound_facts, inbound_outcomes
from meshscope.effect.clusters.inbound_limits import inbound_limits
from meshscope.effect.configuration import Configuration
from meshscope.effect.inbound_ports import inbound_ports
from meshscope.effect.outcome import Outcome
from meshscope.istio.manifest import Object
from meshscope.istio.objects.traffic_policy import TrafficPolicy
from meshscope.mesh.mesh import Mesh

from .. import recorded
from ..recorded import Json

RULE, SIDECAR = "DestinationRule default/app", "Sidecar closed/default"
LIMITED = {"connectionPool": {"tcp": {"maxConnections": 5}}}
MINE = "DestinationRule team-a/mine"


def written(mesh: Mesh, like: str, name: str, spec: Json, namespace: str = "team-a") -> Object:
    body = Raw(msgspec.json.encode({"spec": spec}))
    return replace(
        recorded.item(mesh, like), name=name, namespace=namespace, created_at="2026-01-01T00:00:00Z", body=body
    )


def with_rule(policy: Json, *sidecars: Json, limit: int | None = None, spec: Json = MappingProxyType({})) -> Mesh:
    """The proxy of db-0 as it was recorded, or with a limit in its inbound cluster."""
    mesh = recorded.without_configz("services")
    if limit is not None:
        mesh = recorded.reconfigured(mesh, "db-0", "cluster", INBOUND, lambda body: _limit(body, limit))
    items = [written(mesh, RULE, "mine", {"host": "db", "trafficPolicy": policy, **spec})]
    return mesh.overlay([*items, *(written(mesh, SIDECAR, "mine", held) for held in sidecars)])


INBOUND = "inbound|5432||"


def _limit(body: Json, limit: int) -> None:
    body["circuit_breakers"]["thresholds"][0]["max_connections"] = limit


def at_own(mesh: Mesh) -> Outcome:
    configuration = Configuration(mesh)
    (client,) = [one for one in configuration.clients if one.name.startswith("db-0")]
    (rule,) = [one for one in configuration.destination_rules if str(one) == MINE]
    (found,) = inbound_outcomes(configuration, rule, client)
    return found


@pytest.mark.parametrize(("limit", "state"), [(None, State.PARTLY), (6, State.PARTLY), (5, State.IN_EFFECT)])
def test_the_inbound_cluster_is_held_against_the_limit(limit: int | None, state: State) -> None:
    found = at_own(with_rule(LIMITED, limit=limit))
    assert (found.state, found.name) == (state, INBOUND)
    expected = [("circuit_breakers.max_connections", "5", str(limit or ""))] if state is State.PARTLY else []
    assert [(one.field, one.expected, one.actual) for one in found.differences] == expected


def test_a_rule_is_told_of_it() -> None:
    found = recorded.of(with_rule(LIMITED, limit=5), MINE, "db-0")
    assert any(made.name == INBOUND for one in found for made in one.makes)


@pytest.mark.parametrize(("limit", "state"), [(6, State.NOT_IN_EFFECT), (5, State.IN_EFFECT)])
def test_a_sidecar_has_the_last_word(limit: int, state: State) -> None:
    """Where both say the same nothing is lost."""
    held = {"egress": [{"hosts": ["./*"]}], "inboundConnectionPool": {"tcp": {"maxConnections": limit}}}
    found = at_own(with_rule(LIMITED, held, limit=limit))
    because = f"Sidecar team-a/mine, inboundConnectionPool has the connection pool of cluster {INBOUND}"
    assert (found.state, because in found.because) == (state, state is State.NOT_IN_EFFECT)


def limits_of(mesh: Mesh) -> Any:
    configuration = Configuration(mesh)
    (client,) = [one for one in configuration.clients if one.name.startswith("db-0")]
    (port,) = [one for one in inbound_ports(configuration, client) if one.cluster == INBOUND]
    return inbound_limits(configuration, client, port)


def test_rules_that_select_workloads_do_not_count() -> None:
    selecting = {"workloadSelector": {"matchLabels": {"app": "db"}}}
    assert limits_of(with_rule(LIMITED)).rule is not None
    assert limits_of(with_rule(LIMITED, spec=selecting)).rule is None


def test_a_service_that_the_sidecar_leaves_out_has_no_rule() -> None:
    held = {"egress": [{"hosts": ["default/*"]}]}
    assert limits_of(with_rule(LIMITED, held)).rule is None


def test_the_own_workload_is_not_spoken_to_in_an_upgraded_protocol() -> None:
    policy = {"connectionPool": {"http": {"h2UpgradePolicy": "UPGRADE", "maxRetries": 2}}}
    assert inbound_facts(msgspec.convert(policy, TrafficPolicy)) == {"circuit_breakers.max_retries": "2"}
