"""What is rebuilt of a changed manifest is what `effect` expects of it: field by field nothing differs."""

from __future__ import annotations

import msgspec
import pytest
from msgspec import Raw
from msgspec.structs import replace

from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import effects
from meshscope.mesh.mesh import Mesh
from meshscope.overlay.what_if import WhatIf
from tests.effect import recorded
from tests.effect.mutations import other

from .asking import item, mesh_of

KINDS = ("Gateway", "VirtualService", "DestinationRule", "AuthorizationPolicy", "PeerAuthentication",
         "RequestAuthentication", "ServiceEntry", "WorkloadEntry", "Sidecar")  # fmt: skip
OBJECTS = [
    (name, str(each))
    for name in ("gateways", "services", "security")
    for each in mesh_of(name).objects
    if each.kind in KINDS
]


IGNORED = "slow_start_config"
"""Of a load balancer that has no warm-up istiod makes none, and `effect` says that it is missing."""


def differing(mesh: Mesh, ref: str) -> list[str]:
    configuration = Configuration(mesh)
    found = effects(configuration, item(mesh, ref), configuration.clients)
    return [f"{one.rule} {one.proxy}: {each}" for one in found for each in one.differences if IGNORED not in each.field]


@pytest.mark.parametrize(("name", "ref"), OBJECTS)
def test_no_field_of_a_rebuilt_part_differs_from_what_is_expected(name: str, ref: str) -> None:
    mesh = mesh_of(name)
    old = item(mesh, ref)
    body = msgspec.json.decode(old.body)
    for path, value in recorded.leaves(body["spec"], ("spec",)):
        if path[-1] == "address":
            continue  # another text is no address, and no endpoint
        changed = msgspec.json.decode(old.body)
        recorded.at(changed, path[:-1])[path[-1]] = other(value)
        what_if = WhatIf(mesh, [replace(old, body=Raw(msgspec.json.encode(changed)))])
        if not what_if.not_rebuilt:
            assert differing(what_if.mesh, ref) == [], f"{path}: {value} -> {other(value)}"
