"""An object with its typed form."""

from __future__ import annotations

from typing import Generic, TypeVar

from msgspec import Struct

from meshscope.istio.manifest import Object

K = TypeVar("K", bound=Struct)


class Written(Struct, Generic[K], frozen=True, eq=False):
    item: Object
    value: K

    @property
    def namespace(self) -> str:
        return self.item.namespace or "default"

    def __str__(self) -> str:
        return str(self.item)
