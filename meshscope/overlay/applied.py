"""Which objects of some manifests are new, or differ from those that the input has: the others touch nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from meshscope.effect.ages import Ages
from meshscope.istio.manifest import Object
from meshscope.istio.provenance import ObjectRef
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.objects import full_ref

NOW = "9999-12-31T00:00:00Z"
"""The age of what is applied now: of two objects the older one often wins."""
_METADATA = ("labels", "annotations")
_WRITTEN_DOWN = "kubectl.kubernetes.io/last-applied-configuration"
_NOT_WRITTEN = ("metadata", "status", "apiVersion", "kind")


class Applied(Struct, frozen=True, kw_only=True):
    """An object as it is and as it would be; None where a side has none."""

    before: Object | None
    after: Object | None

    @property
    def item(self) -> Object:
        found = self.after or self.before
        assert found is not None  # noqa: S101  # one side has it
        return found

    @property
    def kind(self) -> tuple[str, str]:
        return self.item.group, self.item.kind

    def __str__(self) -> str:
        return str(named(self.item))


def applied(mesh: Mesh, objects: Iterable[Object], without: Collection[ObjectRef] = ()) -> Iterator[Applied]:
    """Of several objects with one name the last counts, as with `kubectl apply`; one that says nothing new is left out."""
    new = {full_ref(item.ref): item for item in objects}
    ages = Ages(mesh)
    for ref, item in new.items():
        before = _known(mesh, ref)
        if before is None or not _is_same(before, item):
            yield Applied(before=before, after=_aged(item, before, ages))
    for ref in without:
        if (before := _known(mesh, full_ref(ref))) and full_ref(ref) not in new:
            yield Applied(before=before, after=None)


def named(item: Object) -> ObjectRef:
    """As proxies name their owners, in full."""
    return full_ref(item.ref)


def _known(mesh: Mesh, ref: ObjectRef) -> Object | None:
    short = replace(ref, namespace="") if ref.namespace == "default" else ref
    return mesh.objects_by.named(ref) or mesh.objects_by.named(short)


def _aged(item: Object, before: Object | None, ages: Ages) -> Object:
    """An object that is applied again stays as old as it is, also where nothing tells how old, or where only istiod has it."""
    if before is not None:
        return replace(item, created_at=before.created_at)
    return replace(item, created_at="" if ages.has(item) else NOW)


def _is_same(one: Object, other: Object) -> bool:
    """By what people write: the served versions of Istio's kinds are alike, and the API server adds the rest."""
    return bool(_written(one) == _written(other))


def _written(item: Object) -> Any:
    body = msgspec.json.decode(item.body)
    metadata = body.get("metadata") or {}
    said = {key: {**(metadata.get(key) or {})} for key in _METADATA}
    said["annotations"].pop(_WRITTEN_DOWN, None)
    rest = {key: value for key, value in body.items() if key not in _NOT_WRITTEN}
    return {**rest, "metadata": said}
