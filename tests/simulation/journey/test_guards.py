from __future__ import annotations

import pytest

from meshscope.mesh.mesh import Mesh
from meshscope.simulation.disposition import Disposition
from meshscope.simulation.journey.guards import guards_of
from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Request

from ...mesh.ambient_meshes import CLIENT_POD, SERVER, pod
from ...mesh.meshes import captured, mesh_of

AGENT: dict[str, object] = {"binds": [], "policies": [], "backends": []}


def meshes(image: str) -> Mesh:
    return mesh_of(
        *(captured(f"{i}.json", one) for i, one in enumerate((CLIENT_POD, pod("store", "back", SERVER, image))))
    )


@pytest.mark.parametrize(("image", "guards"), [("cr.dev/agentgateway:1", 1), ("app", 0)])
def test_a_data_plane_that_is_not_modelled_guards_its_pod(image: str, guards: int) -> None:
    mesh = meshes(image)
    assert len(guards_of(mesh, mesh.network.pod_at(SERVER), 80)) == guards
    (found,) = trace(mesh, Request(source="till", dest=f"http://{SERVER}/")).paths
    assert found.disposition is (Disposition.UNKNOWN if guards else Disposition.DELIVERED)


def test_what_arrives_at_the_tunnels_port_meets_a_ztunnel_whatever_labels_say() -> None:
    mesh = meshes("app")
    assert guards_of(mesh, mesh.network.pod_at(SERVER), 15008)
    assert guards_of(mesh, None, 15008) == ()


@pytest.mark.parametrize("source", ["", "agent"])
def test_an_agentgateway_that_was_captured_is_a_proxy_and_answers_unknown(source: str) -> None:
    mesh = mesh_of(captured("agent.json", AGENT))
    (found,) = trace(mesh, Request(source=source, dest="http://a.example/")).paths
    assert found.disposition is Disposition.UNKNOWN
    assert "agentgateway is not modelled" in found.assuming[0]
