"""An object with its typed form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec import Struct

from meshscope.istio.kubernetes import decode
from meshscope.istio.manifest import Object
from meshscope.snapshot.snapshot import Problem

if TYPE_CHECKING:
    from meshscope.effect.ages import Ages
    from meshscope.mesh.mesh import Mesh

K = TypeVar("K", bound=Struct)
V_co = TypeVar("V_co", bound=Struct, covariant=True)


class Written(Struct, Generic[V_co], frozen=True, eq=False):
    item: Object
    value: V_co

    @property
    def namespace(self) -> str:
        return self.item.namespace or "default"

    def __str__(self) -> str:
        return str(self.item)


def typed(mesh: Mesh, ages: Ages, kind: str, type_: type[K], group: str) -> Iterator[Written[K]]:
    """Objects of a kind, oldest first; those that do not read are left out."""
    for item in ages.oldest_first(mesh.objects_of(kind, group)):
        value = decode(item, type_)
        if not isinstance(value, Problem):
            yield Written(item, value)
