"""What ztunnels alone know becomes pods, services and endpoints."""

from __future__ import annotations

import pytest

from ..ambient_meshes import CLIENT, SERVER, VIP, ambient_mesh, ztunnel
from ..meshes import captured, mesh_of


def test_workloads_and_services_of_a_dump_are_part_of_the_network() -> None:
    network = mesh_of(captured("ztunnel.json", ztunnel())).network
    assert [(one.full_name, one.ips, one.service_account) for one in network.pods] == [
        ("till.front", (CLIENT,), "till"),
        ("store.back", (SERVER,), "store"),
    ]
    (service,) = network.services
    assert (service.host, service.addresses, service.source) == ("store.back.svc.cluster.local", (VIP,), "ztunnel")
    assert [str(one) for one in network.backends(service, service.ports[0]) or ()] == [f"{SERVER}:8080"]
    assert service.location.path == ("services", 0)


def test_manifests_win() -> None:
    mesh = ambient_mesh(ztunnel=ztunnel())
    assert len(mesh.network.pods) == 2
    assert all(pod.location and pod.location.document.name != "ztunnel.json" for pod in mesh.network.pods)


@pytest.mark.parametrize(("uid", "known"), [("k//Pod/back/store", True), ("k//Pod/back/gone", False)])
def test_endpoints_without_an_address_of_their_own_are_unknown(uid: str, *, known: bool) -> None:
    network = mesh_of(captured("ztunnel.json", ztunnel(endpoints={"e": {"workloadUid": uid}}))).network
    assert (network.backends(network.services[0], network.services[0].ports[0]) is not None) == known


def test_a_service_without_endpoints_has_none() -> None:
    network = mesh_of(captured("ztunnel.json", ztunnel(endpoints={}))).network
    assert network.backends(network.services[0], network.services[0].ports[0]) == ()
