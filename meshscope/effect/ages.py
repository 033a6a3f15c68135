"""Which of two objects is older: their own time of creation, else the one that istiod has of them.

Manifests in files rarely have one. Of objects of the same second the name decides, then the namespace
(https://github.com/istio/istio/blob/master/pilot/pkg/model/config.go, sortConfigByCreationTime).
"""

from __future__ import annotations

from collections.abc import Iterable

from meshscope.istio.manifest import Object, read_objects
from meshscope.istio.provenance import ObjectRef
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.objects import full_ref
from meshscope.once import once

NO_AGE = "0001-01-01T00:00:00Z"
"""Of what istiod gives no time: it is older than everything, and of several the name decides."""


class Ages:
    def __init__(self, mesh: Mesh) -> None:
        self._mesh = mesh

    @once
    def accepted(self) -> dict[ObjectRef, Object] | None:
        """The objects that istiod has, with their namespace; None where no /debug/configz was captured."""
        answers = self._mesh.answers_of("debug/configz")
        if not answers:
            return None
        found = (item for answer in answers for item in read_objects(answer.captured.document)[0])
        return {full_ref(item.ref): item for item in found}

    def lists(self, item: Object) -> bool:
        """Whether istiod's list has objects of the kind at all; one of an older line may leave kinds out."""
        return any((ref.group, ref.kind) == (item.group, item.kind) for ref in self.accepted or ())

    def of(self, item: Object) -> str:
        """RFC 3339, which sorts by time; "" where nothing tells."""
        known = (self.accepted or {}).get(full_ref(item.ref))
        return item.created_at or (known.created_at if known else "")

    def order(self, item: Object) -> tuple[bool, str, str, str]:
        """Sorts the oldest first: those of NO_AGE, then those of unknown age in the order of their names."""
        age = self.of(item)
        return age != NO_AGE, age, item.name, item.namespace

    def oldest_first(self, items: Iterable[Object]) -> tuple[Object, ...]:
        return tuple(sorted(items, key=self.order))

    def is_known(self, *items: Object) -> bool:
        return all(self.of(item) for item in items)

    def has(self, item: Object) -> bool:
        return full_ref(item.ref) in (self.accepted or {})
