"""Each way in which a DestinationRule may miss a proxy."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec import Raw
from msgspec.structs import replace

from meshscope.effect.answer import State
from meshscope.mesh.mesh import Mesh

from .. import recorded
from ..recorded import Json

APP = "DestinationRule default/app"


def beside(created: str, namespace: str = "default", **spec: Any) -> Mesh:
    """The mesh with a second rule; the recorded one is of 2025."""
    mesh = recorded.without_configz("services")
    old = recorded.item(mesh, APP)
    body = {"spec": {"host": "app.default.svc.cluster.local", **spec}}
    new = replace(old, name="other", namespace=namespace, created_at=created, body=Raw(msgspec.json.encode(body)))
    return mesh.overlay([new, replace(old, created_at="2025-01-01T00:00:00Z")])


@pytest.mark.parametrize(
    ("rule", "mesh", "because"),
    [
        ("default", {"subsets": [{"name": "v1", "labels": {"version": "v1"}}]}, f"{APP} has a subset v1 before it"),
        ("default", {"trafficPolicy": {"tls": {"mode": "DISABLE"}}},
         f"{APP} for the same host is older, and its trafficPolicy is taken as a whole"),
        ("istio-system", {"trafficPolicy": {"tls": {"mode": "DISABLE"}}},
         f"{APP} applies to app.default.svc.cluster.local (the client's namespace comes first)"),
        ("default", {"host": "*.default.svc.cluster.local", "trafficPolicy": {"tls": {"mode": "DISABLE"}}},
         "its host app.default.svc.cluster.local is more specific"),
        ("default", {"host": "ap", "subsets": [{"name": "v1"}]}, "no service has the host ap.default.svc.cluster.local"),
    ],
)  # fmt: skip
def test_the_losing_step_is_named(rule: str, mesh: Json, because: str) -> None:
    changed = beside("2026-01-01T00:00:00Z", rule, **mesh)
    found = recorded.of(changed, f"DestinationRule {rule}/other", "sleep")
    lost = [one for one in found if one.state is State.NOT_IN_EFFECT]
    assert any(because in one.because for one in lost), [one.because for one in found]


SUBSET: Json = {"subsets": [{"name": "v1", "labels": {"version": "v1"}}]}


@pytest.mark.parametrize(
    ("created", "export_to", "loses"),
    [
        ("2026-01-01T00:00:00Z", [], 1),
        ("2026-01-01T00:00:00Z", ["*"], 0),
        ("2026-01-01T00:00:00Z", ["."], 0),
        ("2020-01-01T00:00:00Z", ["*"], 1),
        ("2020-01-01T00:00:00Z", [], 0),
    ],
)
def test_rules_that_are_exported_elsewhere_are_not_merged_and_the_last_counts(
    created: str, export_to: list[str], loses: int
) -> None:
    """By its subset of the same name, which of two merged ones the older keeps."""
    changed = beside(created, exportTo=export_to, **SUBSET)
    both = [
        next(one for one in recorded.of(changed, name, "sleep") if one.rule == "subsets[0]")
        for name in (APP, "DestinationRule default/other")
    ]
    assert [one.state is State.NOT_IN_EFFECT for one in both] == [loses == 0, loses == 1]
    lost = both[loses].because
    assert ("istiod does not merge them, and the last one counts" in lost) is bool(export_to)


def test_the_first_rule_of_two_keeps_what_it_has() -> None:
    changed = beside("2026-01-01T00:00:00Z", subsets=[{"name": "v1", "labels": {"version": "v1"}}])
    kept = recorded.of(changed, APP, "sleep")
    assert [one.state for one in kept if one.rule == "subsets[0]"] == [State.IN_EFFECT]


def test_a_rule_of_a_third_namespace_is_for_its_own_proxies_alone() -> None:
    changed = beside("2026-01-01T00:00:00Z", "team-a", trafficPolicy={"loadBalancer": {"simple": "RANDOM"}})
    (there,) = recorded.of(changed, "DestinationRule team-a/other", "db-0")
    assert (there.state, there.differences[0].expected) == (State.PARTLY, "RANDOM")
    (here,) = recorded.of(changed, "DestinationRule team-a/other", "sleep")
    assert here.state is State.NOT_IN_EFFECT
    assert "not into team-a" in here.because


def test_settings_of_a_port_replace_the_whole_policy_for_it() -> None:
    """Port 8081 has no limit of connections, though the rule has one: its own settings say nothing of it."""

    def change(body: Json) -> None:
        body["spec"]["trafficPolicy"]["portLevelSettings"][0]["connectionPool"]["tcp"] = {"maxConnections": 50}

    mesh = recorded.rewritten(recorded.mesh("services"), APP, change)
    (found,) = [one for one in recorded.of(mesh, APP, "sleep") if one.rule == "trafficPolicy"]
    assert str(found.differences[0]) == "circuit_breakers.max_connections is absent, 50 was expected"


def test_a_subset_whose_labels_select_other_pods_is_told() -> None:
    def change(body: Json) -> None:
        body["spec"]["subsets"][0]["labels"] = {"version": "v2"}

    mesh = recorded.rewritten(recorded.mesh("services"), APP, change)
    found = next(one for one in recorded.of(mesh, APP, "sleep") if one.rule == "subsets[0]")
    assert found.state is State.PARTLY
    assert "which does not have version=v2" in found.because


def test_a_cluster_of_a_subset_that_is_gone_is_told() -> None:
    def change(body: Json) -> None:
        del body["spec"]["subsets"][1]

    found = recorded.of(recorded.rewritten(recorded.mesh("services"), APP, change), APP, "sleep")
    (left,) = [one for one in found if one.rule == "subsets"]
    assert left.state is State.PARTLY
    assert left.because.startswith(
        "cluster outbound|80|v2|app.default.svc.cluster.local is made of it, and no subset asks for it"
    )
