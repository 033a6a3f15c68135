from __future__ import annotations

from typing import Any

import pytest

from meshscope.simulation.disposition import Disposition
from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Request

from ...mesh.meshes import captured, mesh_of, static, tcp_listener


def bootstrap(**more: Any) -> dict[str, Any]:
    listener = {**tcp_listener("l", "c"), "address": {"socket_address": {"address": "0.0.0.0", "port_value": 80}}}  # noqa: S104
    return {"static_resources": {"listeners": [{**listener, **more}], "clusters": [static("c", "10.0.0.1:80")]}}


@pytest.mark.parametrize(("field", "is_known"), [("stat_prefix", True), ("stat_prefiks", False)])
def test_a_file_that_envoy_refuses_delivers_nothing_for_certain(field: str, *, is_known: bool) -> None:
    mesh = mesh_of(captured("envoy.json", bootstrap(**{field: "x"})))
    (found,) = trace(mesh, Request(to="10.9.9.9:80", protocol="tcp")).paths
    assert found.disposition is (Disposition.DELIVERED if is_known else Disposition.UNKNOWN)
    if not is_known:
        assert found.if_passed == "delivered"
        assert "Listener has no field stat_prefiks: static_resources.listeners[0].stat_prefiks" in found.assuming[0]
