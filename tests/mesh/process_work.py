"""What a worker process of test_processes does: it opens the mesh of a snapshot that it was sent, and answers."""

from __future__ import annotations

from typing import Any

from meshscope.listing.registry import kind_named
from meshscope.listing.selection import Selection
from meshscope.location import Location, Place
from meshscope.mesh.mesh import Mesh
from meshscope.simulation.journey.simulator import trace
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Trace
from meshscope.snapshot.snapshot import Problem, Snapshot


def answers(snapshot: Snapshot, request: Request) -> tuple[Trace, list[Any], tuple[Problem, ...]]:
    mesh = Mesh(snapshot)
    rows = [
        row for kind in ("listeners", "routes", "clusters") for row in kind_named(kind, mesh).rows(mesh, Selection())
    ]
    return trace(mesh, request), rows, mesh.problems


def places(locations: list[Location]) -> list[Place]:
    return [location.place() for location in locations]


def failures(snapshot: Snapshot) -> list[str]:
    for captured in snapshot.captured:
        _ = captured.document.body
    return [captured.document.failure for captured in snapshot.captured]
