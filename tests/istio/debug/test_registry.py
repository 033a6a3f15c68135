from __future__ import annotations

import json

import pytest
from msgspec import Raw

from meshscope.istio.debug.registry import RegisteredService, read_registry

from ..documents import LINES, value


def services(line: str) -> dict[str, RegisteredService]:
    found, problems = read_registry(value(line, "registryz.json"), "registryz")
    assert problems == ()
    return {service.hostname: service for service in found}


@pytest.mark.parametrize(("line", "count"), [("1.4", 2), ("1.14", 2), ("1.32", 18)])
def test_every_release_lists_its_services(line: str, count: int) -> None:
    assert len(services(line)) == count


@pytest.mark.parametrize("line", LINES[:2])
def test_a_service_reads_alike_in_old_releases(line: str) -> None:
    nginx = services(line)["nginx-service.default.svc.cluster.local"]
    assert nginx.addresses == ("10.96.1.10",)
    assert nginx.cluster_addresses == (("Kubernetes", ("10.96.1.10",)),)
    assert [(port.name, port.port, port.protocol) for port in nginx.ports] == [("http", 80, "HTTP")]
    assert (nginx.name, nginx.namespace, nginx.registry) == ("nginx-service", "default", "Kubernetes")
    assert (nginx.resolution, nginx.mesh_external) == ("ClientSide", False)


def test_resolutions_have_istios_words() -> None:
    found = services("1.32")
    words = {host: found[host].resolution for host in ("alias.default.svc.cluster.local", "gone.vendor.example")}
    assert words == {"alias.default.svc.cluster.local": "Alias", "gone.vendor.example": "DNS"}
    assert found["rest-headless.team-a.svc.cluster.local"].resolution == "Passthrough"


def test_the_mark_of_no_address_is_not_an_address() -> None:
    found = services("1.32")
    assert found["rest-headless.team-a.svc.cluster.local"].addresses == ()
    assert found["www.vendor.example"].addresses == ()
    assert found["queues.corp"].addresses == ("10.98.0.0/24",)
    assert found["vm.static.example"].addresses == ("10.97.0.1",)


def test_a_service_says_who_may_see_it_and_whom_it_selects() -> None:
    found = services("1.32")
    assert {service.export_to for service in found.values()} == {(), (".",)}
    assert found["app.default.svc.cluster.local"].selector == (("app", "app"),)
    assert found["alias.default.svc.cluster.local"].external_name == "rest.team-a.svc.cluster.local"


def test_addresses_differ_by_cluster_and_automatic_ones_are_apart() -> None:
    row = {
        "hostname": "a.example",
        "clusterVIPs": {"Addresses": {"west": ["10.1.0.1"], "east": ["10.2.0.1", "fd00::1"]}},
        "defaultAddress": "10.1.0.1",
        "autoAllocatedIPv4Address": "240.240.0.1",
        "Resolution": 9,
    }
    (service,), _ = read_registry(Raw(json.dumps([row]).encode()), "registryz")
    assert service.addresses == ("10.1.0.1", "10.2.0.1", "fd00::1")
    assert service.cluster_addresses == (("east", ("10.2.0.1", "fd00::1")), ("west", ("10.1.0.1",)))
    assert service.auto_addresses == ("240.240.0.1",)
    assert service.resolution == ""
