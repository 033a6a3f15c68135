"""Objects and answers of a mesh for one reader, with a record of the kinds that it has read."""

from __future__ import annotations

from collections.abc import Iterable

from meshscope.istio.manifest import Object
from meshscope.istio.provenance import ObjectRef
from meshscope.mesh.objects import Objects
from meshscope.mesh.proxy import Answer


class Evidence:
    """A kind is that of an object ("Pod", or "Gateway.networking.istio.io" where a group is given) or of an answer
    ("debug/syncz").
    """

    def __init__(self, objects: Objects, answers: Iterable[Answer]) -> None:
        self._objects = objects
        self._answers = tuple(answers)
        self._touched: set[str] = set()

    @property
    def touched(self) -> frozenset[str]:
        """The kinds that were read, whether or not the mesh has any of them."""
        return frozenset(self._touched)

    def touch(self, *kinds: str) -> None:
        """Notes kinds that were read in another way."""
        self._touched.update(kinds)

    def objects_of(self, kind: str, group: str | None = None, namespace: str | None = None) -> tuple[Object, ...]:
        """In the order of the documents. None is any group, or any namespace."""
        self.touch(f"{kind}.{group}" if group else kind)
        return self._objects.of_kind(kind, group, namespace)

    def object_named(self, ref: ObjectRef) -> Object | None:
        self.touch(f"{ref.kind}.{ref.group}" if ref.group else ref.kind)
        return self._objects.named(ref)

    @property
    def replaced(self) -> tuple[Object, ...]:
        """Objects of which the answers are out of date."""
        return self._objects.replaced

    def answers_of(self, kind: str) -> tuple[Answer, ...]:
        self.touch(kind)
        return tuple(answer for answer in self._answers if answer.kind == kind)
