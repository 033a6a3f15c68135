"""Kubernetes, Istio and Gateway API objects of the manifests, one kind for each entry of Istio's resource registry."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, cast

import msgspec
from msgspec import UNSET

from meshscope.istio.kinds.columns import ObjectCell
from meshscope.istio.kinds.resource_kind import ResourceKind
from meshscope.istio.kinds.resources import kind_of
from meshscope.istio.manifest import Object
from meshscope.listing.column import Cell, Column
from meshscope.listing.kind import Kind, ListRows
from meshscope.listing.row import Row
from meshscope.listing.selection import Selection, fits
from meshscope.listing.steps import steps
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.redaction import shown_body
from meshscope.work import UNFOLLOWED, Work


class ObjectRow(Row, frozen=True, kw_only=True):
    """The fields that every object has; the rows of a kind add the columns of `kubectl get` under their own names. `object`
    is the manifest, without keys and passwords, where it was asked for.

    A row's class is made at run time, so it is pickled by the group and kind of its object.
    """

    kind: str
    group: str
    name: str
    namespace: str
    created_at: str | None = None
    object: Any = UNSET

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return _row_of, (self.group, self.kind, msgspec.structs.asdict(self))


class ObjectKind(Kind[ObjectRow], frozen=True, kw_only=True):
    """A kind of manifests; `entry` is its entry in Istio's resource registry. It is pickled by its group and kind."""

    entry: ResourceKind

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return _kind_of, (self.entry.group, self.entry.kind)


@cache
def kind_for(entry: ResourceKind) -> ObjectKind:
    fields = [(_field(column.name), Any, None) for column in entry.columns]
    made = msgspec.defstruct(f"{entry.kind}Row", fields, bases=(ObjectRow,), frozen=True, kw_only=True)
    row = cast("type[ObjectRow]", made)
    namespace: tuple[Column[ObjectRow], ...] = (Column("NAMESPACE", lambda row: row.namespace),)
    return ObjectKind(
        entry=entry,
        name=str(entry),
        singular=entry.kind.lower(),
        filters=("namespace", "labels", "name"),
        row=row,
        rows=_lister(entry, row),
        is_per_proxy=False,
        key=lambda row: f"{row.name}.{row.namespace}" if row.namespace else row.name,
        aliases=lambda row: (row.name,),
        columns=(
            *(namespace if entry.namespaced else ()),
            Column("NAME", lambda row: row.name),
            *(Column(column.name, _cell_of(_field(column.name))) for column in entry.columns),
            Column("CREATED", lambda row: row.created_at, rank=1),
        ),
    )


def _kind_of(group: str, kind: str) -> ObjectKind:
    entry = kind_of(group, kind)
    if entry is None:
        raise LookupError(f"no kind {kind} of group {group!r} in this version of meshscope")
    return kind_for(entry)


def _row_of(group: str, kind: str, fields: dict[str, Any]) -> ObjectRow:
    return _kind_of(group, kind).row(**fields)


def _field(title: str) -> str:
    """`CLUSTER-IP` -> `cluster_ip`, `PORT(S)` -> `ports`; `name_` where every object has a field `name` already."""
    name = re.sub(r"\W+", "_", title.lower().replace("(s)", "s")).strip("_")
    return f"{name}_" if name in ObjectRow.__struct_fields__ else name


def _cell_of(field: str) -> Callable[[ObjectRow], Cell]:
    def cell(row: ObjectRow) -> Cell:
        value: ObjectCell = getattr(row, field)
        if isinstance(value, tuple):
            return ",".join(value)
        return str(value) if isinstance(value, (bool, float)) else value

    return cell


def _lister(entry: ResourceKind, row: type[ObjectRow]) -> ListRows[ObjectRow]:
    def rows(mesh: Mesh, selection: Selection, work: Work = UNFOLLOWED) -> Iterator[ObjectRow]:
        for item in objects(mesh, entry, selection, work):
            cells: dict[str, Any] = {_field(column.name): column.cell(item) for column in entry.columns}
            yield row(
                kind=item.kind,
                group=item.group,
                name=item.name,
                namespace=namespace_of(entry, item),
                created_at=item.created_at or None,
                location=item.location,
                object=shown_body(item) if selection.with_objects else UNSET,
                **cells,
            )

    return rows


def objects(mesh: Mesh, entry: ResourceKind, selection: Selection, work: Work = UNFOLLOWED) -> Iterable[Object]:
    """The selected objects of a kind. `selection.name` is `name` or `name.namespace`."""
    labels = set(selection.labels)
    for item in steps(tuple(mesh.objects_of(entry.kind, entry.group)), work):
        name, _, namespace = selection.name.rpartition(".")
        if selection.namespace not in ("", namespace_of(entry, item)):
            continue
        if not fits(selection.name, item.name) and (item.name, namespace_of(entry, item)) != (name, namespace):
            continue
        if labels <= set(item.labels):
            yield item


def namespace_of(entry: ResourceKind, item: Object) -> str:
    """As in kubectl, a namespaced object without a namespace is in `default`."""
    return (item.namespace or "default") if entry.namespaced else ""
