"""From a captured pod through a waypoint's Envoy; past ztunnels nothing is certain."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.mesh.mesh import Mesh
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Direction, Path

from ...mesh.ambient_meshes import (
    BACK,
    CLIENT,
    FRONT,
    SERVER,
    VIP,
    ambient_mesh,
    gateway,
    namespace,
    service,
    waypoint,
    ztunnel,
)
from ...mesh.meshes import captured, mesh_of


def paths(mesh: Mesh, dest: str = f"http://{VIP}/", source: str = "till") -> tuple[Path, ...]:
    return trace(mesh, Request(source=source, dest=dest)).paths


def path(mesh: Mesh, dest: str = f"http://{VIP}/", source: str = "till") -> Path:
    (only,) = paths(mesh, dest, source)
    return only


def whole(**options: Any) -> Mesh:
    return ambient_mesh(FRONT, BACK, service(), gateway(), proxy=waypoint(**options))


def test_the_waypoints_answer_is_definite() -> None:
    found = path(whole(), f"http://{VIP}/no")
    assert (found.disposition, found.response and found.response.code) == (Disposition.DENIED, 403)
    (hop,) = found.hops
    assert (hop.proxy, hop.direction, hop.listener) == ("edge-0.back", Direction.WAYPOINT, "main_internal")
    assert any(step.chosen == "waypoint back/edge" for step in hop.steps)


def test_behind_the_waypoint_the_servers_ztunnel_decides() -> None:
    found = path(whole())
    assert (found.disposition, found.if_passed) == (Disposition.UNKNOWN, "delivered")
    assert found.assuming == ("the ztunnel of store.back lets the connection in: ztunnels are not followed",)
    assert [one.address for one in found.hops[0].endpoints or ()] == [f"{SERVER}:8080"]


@pytest.mark.parametrize(("account", "disposition"), [("till", Disposition.DENIED), ("tilt", Disposition.UNKNOWN)])
def test_the_waypoint_sees_the_clients_identity(account: str, disposition: Disposition) -> None:
    assert path(whole(principal=f"spiffe://cluster.local/ns/front/sa/{account}")).disposition is disposition


@pytest.mark.parametrize(
    ("mesh", "says"),
    [
        (
            ambient_mesh(FRONT, BACK, service(), gateway()),
            "waypoint back/edge lets the request pass: its Envoy is not in this input",
        ),
        (ambient_mesh(FRONT, BACK, service(), gateway(klass="agentgateway")), "agentgateway is not modelled"),
        (whole(listener="other"), "it has no listener main_internal"),
    ],
)
def test_a_waypoint_that_cannot_be_followed_is_named(mesh: Mesh, says: str) -> None:
    found = path(mesh)
    assert (found.disposition, found.hops) == (Disposition.UNKNOWN, ())
    assert says in found.assuming[0]


def test_without_a_waypoint_it_passes_ztunnels_alone() -> None:
    mesh = ambient_mesh(FRONT, namespace("back", **{"istio.io/dataplane-mode": "ambient"}), service(), proxy=waypoint())
    found = path(mesh)
    assert (found.disposition, found.if_passed) == (Disposition.UNKNOWN, "delivered")
    assert found.assuming == ("the ztunnel of store.back lets the connection in: ztunnels are not followed",)


def test_a_server_that_is_not_captured_leaves_the_clients_ztunnel() -> None:
    found = path(ambient_mesh(FRONT, service(), proxy=waypoint()))
    assert found.assuming == (
        f"the ztunnel of the client lets the connection to {VIP}:80 pass: ztunnels are not followed",
    )


def test_where_nothing_is_captured_nothing_changes() -> None:
    assert path(ambient_mesh(service(), proxy=waypoint())).disposition is Disposition.DELIVERED


def test_a_client_that_is_not_captured_goes_past_the_waypoint_to_the_servers_ztunnel() -> None:
    found = path(ambient_mesh(BACK, service(), gateway(), proxy=waypoint()), f"http://{VIP}/no")
    assert found.assuming == ("the ztunnel of store.back lets the connection in: ztunnels are not followed",)
    assert found.hops == ()


def test_a_pods_own_address_goes_past_a_services_waypoint() -> None:
    assert path(whole(), f"http://{SERVER}:8080/no").hops == ()


def test_a_pod_reaches_itself_without_a_ztunnel() -> None:
    assert "the client" not in str(path(whole(), f"http://{CLIENT}:8080/").assuming)


def test_the_policies_that_a_ztunnel_was_told_are_named() -> None:
    found = path(mesh_of(captured("ztunnel.json", ztunnel())))
    assert found.assuming == (
        "the ztunnel of store.back lets the connection in (policies back/no, istio-system/wide): ztunnels are not followed",
    )


def test_several_waypoints_share_the_connections_by_weight() -> None:
    both = [
        {"destination": f"back/{name}.back.svc.cluster.local", "weight": w} for name, w in (("edge", 3), ("gone", 1))
    ]
    mesh = ambient_mesh(service("edge", "10.9.0.2"), proxy=waypoint(), ztunnel=ztunnel(weightedWaypoints=both))
    assert [(one.probability, one.disposition) for one in paths(mesh, f"http://{VIP}/no")] == [
        (0.75, Disposition.DENIED),
        (0.25, Disposition.UNKNOWN),
    ]
