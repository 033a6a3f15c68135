"""What the browser looks at: one mesh, where it came from, and the moment at which it is judged."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from meshscope.mesh.mesh import Mesh
from meshscope.tui.marks import Place
from meshscope.work import Work

OpenMesh = Callable[[Work], Mesh]
"""Opens the sources, again for each refresh. Raises MeshscopeError."""


class Session(Struct, frozen=True):
    """`sources` as the user names them. `at` is the moment of judgement (RFC 3339), "" the time of capture.

    `history` are the lines of the command line, the newest last; it grows. So do `marks`, places by their letters.
    """

    mesh: Mesh
    sources: tuple[str, ...]
    at: str = ""
    history: list[str] = []
    marks: dict[str, Place] = {}

    @property
    def title(self) -> str:
        """The sources in a few words."""
        return " + ".join(source.rstrip("/").rpartition("/")[2] or source for source in self.sources)

    @property
    def captured_at(self) -> str:
        """The latest time of capture, to the minute; "" where it is unknown."""
        latest = max((captured.captured_at for captured in self.mesh.snapshot.captured), default="")
        return latest[:16].replace("T", " ")
