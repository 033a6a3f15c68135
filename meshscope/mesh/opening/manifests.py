"""A document of Kubernetes objects, read at the first question."""

from __future__ import annotations

from meshscope.istio.manifest import Object, read_objects
from meshscope.once import once
from meshscope.snapshot.snapshot import Captured, Problem


class Manifest:
    kind = "manifests"

    def __init__(self, captured: Captured) -> None:
        self.captured = captured

    @once
    def _contents(self) -> tuple[tuple[Object, ...], tuple[Problem, ...]]:
        return read_objects(self.captured.document)

    def read(self) -> None:
        """Reads the objects, unless that is done."""
        _ = self._contents

    @property
    def objects(self) -> tuple[Object, ...]:
        """In the order of the document."""
        return self._contents[0]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Problems of the reading; none before it."""
        return self._contents[1] if "_contents" in vars(self) else ()
