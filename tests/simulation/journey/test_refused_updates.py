from __future__ import annotations

from typing import Any

import pytest

from meshscope.mesh.mesh import Mesh
from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Request

from ...mesh.meshes import ADMIN, clusters, dump, mesh_of, static, tcp_listener

WHY = "multiple filter chains with overlapping matching rules"


def listener(port: int = 80) -> dict[str, Any]:
    return {**tcp_listener("l", "c"), "address": {"socket_address": {"address": "0.0.0.0", "port_value": port}}}  # noqa: S104


def refusing(*, name: str = "l", is_update: bool = True) -> Mesh:
    """A proxy whose listener `l` is there unless it is the refused one, which is a new one."""
    refused = {
        "failed_configuration": {**listener(), "name": name},
        "details": WHY,
        "last_update_attempt": "2026-01-02T03:04:05Z",
    }
    active = {"active_state": {"listener": listener()}} if is_update else {}
    entries = [{"name": name, **active, "error_state": refused}]
    if name != "l":
        entries.append({"name": "l", "active_state": {"listener": listener()}})
    section = {"@type": ADMIN + "ListenersConfigDump", "dynamic_listeners": entries}
    return mesh_of(dump(clusters(static("c", "10.0.0.1:80")), section))


@pytest.mark.parametrize(
    ("mesh", "to", "says"),
    [
        (refusing(), "10.9.9.9:80", "an update of listener l of dump was refused at 2026-01-02T03:04:05Z"),
        (refusing(is_update=False), "10.9.9.9:80", "listener l of dump was refused"),
        (refusing(name="other", is_update=False), "10.9.9.9:81", "listener other of dump was refused"),
        (refusing(name="other", is_update=False), "10.9.9.9:80", ""),
    ],
)
def test_a_trace_names_the_refused_update_of_what_it_went_through_or_missed(mesh: Mesh, to: str, says: str) -> None:
    problems = [one.message for one in trace(mesh, Request(to=to, protocol="tcp")).problems]
    assert len(problems) == bool(says)
    assert all(one.startswith(says) and one.endswith(WHY) for one in problems)
