"""What does this mesh do with this request, and why?

The library in three lines::

    from meshscope import Mesh, Request, open_snapshot, trace
    mesh = Mesh(open_snapshot("bug-report.tar.gz"))
    trace(mesh, Request(source="productpage", dest="reviews"))

Names are loaded at their first use, so that `import meshscope` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from meshscope.version import __version__

if TYPE_CHECKING:
    from meshscope.collect.opening import open_snapshot
    from meshscope.mesh.mesh import Mesh
    from meshscope.simulation.journey.simulator import trace
    from meshscope.simulation.request import Request

__all__ = ["Mesh", "Request", "__version__", "open_snapshot", "trace"]

_HOMES = {
    "Mesh": "meshscope.mesh.mesh",
    "Request": "meshscope.simulation.request",
    "open_snapshot": "meshscope.collect.opening",
    "trace": "meshscope.simulation.journey.simulator",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'meshscope' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
