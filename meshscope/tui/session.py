"""What the browser looks at: one mesh, where it came from, and the moment at which it is judged. A renewal replaces it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from meshscope.collect.rereading import Reading
from meshscope.listing.home import captured_at, title_of
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.snapshot import Snapshot
from meshscope.tui.marks import Place
from meshscope.tui.source_state import time_of
from meshscope.work import Work

ANONYMISED = "anonymised"


class Opener(Protocol):
    """How sources are read, and what is made of them. It is called in threads."""

    def read(self, source: str, work: Work) -> Reading:
        """Raises MeshscopeError."""
        ...

    def read_again(self, before: Reading, work: Work, *, whole: bool) -> Reading:
        """The same snapshot where nothing changed; `whole` reads a live source in any case. Raises CancelledError alone."""
        ...

    def link(self, snapshot: Snapshot, work: Work) -> Mesh:
        """Raises MeshscopeError."""
        ...


class Session(Struct, frozen=True):
    """`sources` as the user names them, `readings` what was read of each. `at` is the moment of judgement (RFC 3339), "" the
    time of capture. `namespace` narrows what is listed; "" is all. `options` are all that it was opened with beside its
    sources, as words of a command line (`--view`, `istiod`).

    `history` are the lines of the command line, the newest last; it grows. So do `marks`, places by their letters, and `left`,
    the places that the user went back from. `contexts`
    are those of the kubeconfig. `is_anonymous`: the names in the mesh are not those of the sources.
    """

    mesh: Mesh
    sources: tuple[str, ...]
    at: str = ""
    history: list[str] = []
    readings: tuple[Reading, ...] = ()
    namespace: str = ""
    options: tuple[str, ...] = ()
    contexts: Callable[[], list[str]] = list
    marks: dict[str, Place] = {}
    left: list[Place] = []
    is_anonymous: bool = False

    @property
    def title(self) -> str:
        """The sources in a few words, and the namespace."""
        names = ANONYMISED if self.is_anonymous else title_of(self.sources)
        return f"{names} · ns {self.namespace}" if self.namespace else names

    @property
    def read_at(self) -> str:
        """When the sources were read, `16:40:12`; "" where that is unknown."""
        answered = (reading.answered_at for reading in self.readings)
        lost = (silence.since for reading in self.readings for silence in reading.silent)
        return time_of(max((*answered, *lost), default=""))

    @property
    def captured_at(self) -> str:
        """The latest time of capture, to the minute; "" where it is unknown."""
        return captured_at(self.mesh)
