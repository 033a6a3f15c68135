"""Kubernetes objects by kind, namespace and name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from msgspec.structs import replace

from meshscope.istio.manifest import Object
from meshscope.istio.provenance import ObjectRef
from meshscope.once import once


class Objects:
    """Look-ups in a fixed list of objects. All answers keep the order of the list.

    `replaced` are those that are not there, or otherwise, while a control plane's answers still speak of them.
    """

    def __init__(self, objects: tuple[Object, ...], replaced: tuple[Object, ...] = ()) -> None:
        self.all, self.replaced = objects, replaced

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

    def overlaid(self, objects: Iterable[Object], without: Collection[ObjectRef] = ()) -> Objects:
        """These objects with some added and some taken out; an object of the same kind, namespace and name is replaced. One
        without a namespace is of namespace `default`.
        """
        new = tuple(objects)
        gone = {full_ref(item.ref) for item in new} | set(map(full_ref, without))
        replaced = tuple(item for item in self.all if full_ref(item.ref) in gone)
        kept = (item for item in self.all if full_ref(item.ref) not in gone)
        return Objects((*kept, *new), (*self.replaced, *replaced))


def full_ref(ref: ObjectRef) -> ObjectRef:
    """With the namespace that an object gets which names none; it does no harm to cluster-scoped ones."""
    return ref if ref.namespace else replace(ref, namespace="default")
