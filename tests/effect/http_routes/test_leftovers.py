"""Which hosts of a VirtualService have routes in the table of port 80 by the way."""

from __future__ import annotations

import pytest

from meshscope.effect.configuration import Configuration
from meshscope.effect.http_routes.leftovers import leftover_places

from ...mesh.meshes import manifest
from ..gateway_api.small_mesh import gateway_dump, mesh, service, sidecar_dump

HIDDEN = service("hidden", 80)
HIDDEN["metadata"] |= {"namespace": "other", "annotations": {"networking.istio.io/exportTo": "."}}
TCP = manifest("Service", "tcp", spec={"ports": [{"port": 80, "name": "tcp"}], "selector": {"app": "tcp"}})


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("a", ()),
        ("two", ("two.shop.svc.cluster.local:80",)),
        ("tcp", ("tcp.shop.svc.cluster.local:80",)),
        ("a.example", ("a.example:80",)),
        ("hidden.other.svc.cluster.local", ("hidden.other.svc.cluster.local:80",)),
    ],
)
def test_each_host_without_http_on_that_port_has_a_place(host: str, expected: tuple[str, ...]) -> None:
    rules = manifest("VirtualService", "v", "networking.istio.io", spec={"hosts": [host], "http": [{}]})
    objects = [rules, HIDDEN, TCP, service("two", 9080)]
    configuration = Configuration(mesh(sidecar_dump(), gateway_dump(), objects=objects))
    (one,) = configuration.virtual_services
    found = {
        client.kind: tuple(place.virtual_host for place in leftover_places(configuration, client, one))
        for client in configuration.clients
    }
    assert found == {"sidecar": expected, "gateway": ()}
