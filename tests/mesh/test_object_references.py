"""What objects refer to, what is missing, and who refers to them."""

from __future__ import annotations

from typing import Any

import pytest

from meshscope.mesh.mesh import Mesh
from meshscope.mesh.object_references import references_of, users_of

from .ambient_meshes import GATEWAY_API, SERVER_POD, gateway, service
from .meshes import captured, manifest, mesh_of

ISTIO = "networking.istio.io"


def mesh(*objects: dict[str, Any]) -> Mesh:
    return mesh_of(*(captured(f"{index}.json", one) for index, one in enumerate(objects)))


def references(first: dict[str, Any], *others: dict[str, Any]) -> list[tuple[str, str, bool]]:
    found = mesh(first, *others)
    return [(one.kind, one.name, one.exists) for one in references_of(found, found.objects[0])]


def virtual_service(host: str, subset: str = "", gateways: tuple[str, ...] = ()) -> dict[str, Any]:
    destination = {"host": host, **({"subset": subset} if subset else {})}
    spec = {"hosts": ["a.example"], "gateways": list(gateways), "http": [{"route": [{"destination": destination}]}]}
    return manifest("VirtualService", "v", ISTIO, "back", spec=spec)


RULE = manifest("DestinationRule", "d", ISTIO, "back", spec={"host": "store", "subsets": [{"name": "v1"}]})
HOST = "store.back.svc.cluster.local"


@pytest.mark.parametrize(
    ("given", "others", "expected"),
    [
        (virtual_service("store"), [service()], [("Service", HOST, True)]),
        (virtual_service(HOST), [service()], [("Service", HOST, True)]),
        (virtual_service("stove"), [service()], [("Service", "stove", False)]),
        (virtual_service("stove"), [], []),
        (
            virtual_service("store", "v1"),
            [service(), RULE],
            [("Service", HOST, True), ("DestinationRule", f"{HOST} subset v1", True)],
        ),
        (
            virtual_service("store", "v2"),
            [service(), RULE],
            [("Service", HOST, True), ("DestinationRule", f"{HOST} subset v2", False)],
        ),
        (virtual_service("*.example", gateways=("g", "mesh")), [], [("Gateway", "back/g", False)]),
        (
            virtual_service("*.example", gateways=("front/g",)),
            [manifest("Gateway", "g", ISTIO, "front", spec={})],
            [("Gateway", "front/g", True)],
        ),
        (service(), [SERVER_POD], [("Pod", "back/store", True)]),
        (service("other"), [SERVER_POD], [("Pod", "app=other", False)]),
        (service("other"), [], []),
        (
            manifest("Gateway", "g", ISTIO, "front", spec={"selector": {"app": "store"}}),
            [SERVER_POD],
            [("Pod", "back/store", True)],
        ),
        (
            manifest(
                "AuthorizationPolicy",
                "p",
                "security.istio.io",
                "back",
                spec={"selector": {"matchLabels": {"app": "x"}}},
            ),
            [SERVER_POD],
            [("Pod", "app=x", False)],
        ),
        (
            manifest(
                "HTTPRoute",
                "r",
                GATEWAY_API,
                "back",
                spec={
                    "parentRefs": [{"name": "edge"}],
                    "rules": [{"backendRefs": [{"name": "store"}, {"name": "gone"}]}],
                },
            ),
            [gateway(), service()],
            [("Gateway", "back/edge", True), ("Service", "back/store", True), ("Service", "back/gone", False)],
        ),
    ],
)
def test_references_exist_or_are_missing(
    given: dict[str, Any], others: list[dict[str, Any]], expected: list[tuple[str, str, bool]]
) -> None:
    assert references(given, *others) == expected


def test_the_users_of_a_service_and_of_a_gateway_are_found() -> None:
    route = virtual_service("store", gateways=("g",))
    found = mesh(service(), manifest("Gateway", "g", ISTIO, "back", spec={}), route, RULE)
    of_service, of_gateway = ({other.kind for other, _ in users_of(found, one)} for one in found.objects[:2])
    assert of_service == {"VirtualService", "DestinationRule"}
    assert of_gateway == {"VirtualService"}
