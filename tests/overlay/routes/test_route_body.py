"""Routes that are made anew, against those that a real istiod made of the same rules."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from meshscope.envoy.resource import ROUTES
from meshscope.mesh.mesh import Mesh
from meshscope.overlay.what_if import WhatIf

from ..asking import item, mesh_of

TOLD_NOWHERE = ("filter_enabled", "trace_sampled")
"""A share of 100 %; no sampling of what is mirrored."""


def routes(mesh: Mesh) -> dict[tuple[str, str], Any]:
    return {
        (proxy.name, table.name): without(msgspec.json.decode(table.canonical()))
        for proxy in mesh.proxies
        for table in proxy.resources(ROUTES)
        if table.in_effect
    }


def without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without(member) for key, member in value.items() if key not in TOLD_NOWHERE}
    if isinstance(value, list):
        return [without(member) for member in value]
    return value.replace("0.500s", "0.5s") if isinstance(value, str) else value


RULES = [
    (name, str(each))
    for name in ("bookinfo", "gateways", "services")
    for each in mesh_of(name).objects
    if each.kind == "VirtualService"
]


@pytest.mark.parametrize(("name", "ref"), RULES)
def test_a_route_that_is_made_anew_is_written_as_istiod_does(name: str, ref: str) -> None:
    """All of it, with what no rule says: retries, preflights, the metadata."""
    mesh = mesh_of(name)
    one = item(mesh, ref)
    back = WhatIf(WhatIf(mesh, [], without=[one.ref]).mesh, [one])
    assert routes(back.mesh) == routes(mesh)
