"""Kubernetes objects by kind, namespace and name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from meshscope.istio.manifest import Object
from meshscope.istio.provenance import ObjectRef
from meshscope.once import once


class Objects:
    """Look-ups in a fixed list of objects. All answers keep the order of the list."""

    def __init__(self, objects: tuple[Object, ...]) -> None:
        self.all = objects

    def __iter__(self) -> Iterator[Object]:
        return iter(self.all)

    @once
    def _by_kind(self) -> dict[str, tuple[Object, ...]]:
        by_kind: dict[str, list[Object]] = defaultdict(list)
        for item in self.all:
            by_kind[item.kind].append(item)
        return {kind: tuple(items) for kind, items in by_kind.items()}

    @once
    def _by_ref(self) -> dict[ObjectRef, Object]:
        return {item.ref: item for item in reversed(self.all)}

    def of_kind(self, kind: str, group: str | None = None, namespace: str | None = None) -> tuple[Object, ...]:
        """`group` None is any group: several of them share words such as Gateway. `namespace` None is any namespace."""
        return tuple(
            item
            for item in self._by_kind.get(kind, ())
            if group in (None, item.group) and namespace in (None, item.namespace)
        )

    def named(self, ref: ObjectRef) -> Object | None:
        """The first object of that kind, namespace and name."""
        return self._by_ref.get(ref)

    def overlaid(self, objects: Iterable[Object]) -> Objects:
        """These objects with some added; an object of the same kind, namespace and name is replaced."""
        new = tuple(objects)
        replaced = {item.ref for item in new}
        return Objects((*(item for item in self.all if item.ref not in replaced), *new))
