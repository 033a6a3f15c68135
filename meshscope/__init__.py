"""What does this mesh do with this request, and why?

The library in two lines::

    from meshscope import open_snapshot, Mesh
    mesh = Mesh(open_snapshot("bug-report.tar.gz"))

Names are loaded when they are first asked for, so that `import meshscope` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meshscope.mesh.mesh import Mesh
    from meshscope.snapshot.reading import open_snapshot

__all__ = ["Mesh", "open_snapshot"]
__version__ = "0.1.0"

_HOMES = {"Mesh": "meshscope.mesh.mesh", "open_snapshot": "meshscope.snapshot.reading"}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'meshscope' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
