"""Kubernetes, Istio and Gateway API objects of the manifests, one kind for each entry of Istio's resource registry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, partial
from typing import Any, cast

import msgspec

from meshscope.istio.kinds.columns import ObjectCell
from meshscope.istio.kinds.resource_kind import ResourceKind
from meshscope.istio.manifest import Object
from meshscope.listing.kind import Cell, Column, Kind, Row
from meshscope.listing.selection import Selection
from meshscope.mesh.mesh import Mesh


class ObjectRow(Row, frozen=True, kw_only=True):
    """What every object has; the rows of a kind add the columns of `kubectl get` under their own names."""

    kind: str
    group: str
    name: str
    namespace: str
    created_at: str | None = None


@cache
def kind_for(entry: ResourceKind) -> Kind:
    fields = [(_field(column.name), Any, None) for column in entry.columns]
    made = msgspec.defstruct(f"{entry.kind}Row", fields, bases=(ObjectRow,), frozen=True, kw_only=True)
    row = cast("type[ObjectRow]", made)
    place = (Column("NAMESPACE", lambda r: r.namespace),) if entry.namespaced else ()
    return Kind(
        name=str(entry),
        filters="namespace labels name",
        singular=entry.kind.lower(),
        row=row,
        rows=partial(_rows, entry, row),
        of_proxies=False,
        key=lambda r: f"{r.name}.{r.namespace}" if r.namespace else r.name,
        also=lambda r: (r.name,),
        columns=(
            *place,
            Column("NAME", lambda r: r.name),
            *(Column(column.name, _cell_of(_field(column.name))) for column in entry.columns),
            Column("CREATED", lambda r: r.created_at, rank=1),
        ),
    )


def _field(title: str) -> str:
    """`CLUSTER-IP` -> `cluster_ip`, `PORT(S)` -> `ports`; the names that every object has are not taken again."""
    name = re.sub(r"\W+", "_", title.lower().replace("(s)", "s")).strip("_")
    return f"{name}_" if name in ObjectRow.__struct_fields__ else name


def _cell_of(field: str) -> Any:
    def cell(row: Row) -> Cell:
        value: ObjectCell = getattr(row, field)
        if isinstance(value, tuple):
            return ",".join(value)
        return str(value) if isinstance(value, (bool, float)) else value

    return cell


def _rows(entry: ResourceKind, row: type[ObjectRow], mesh: Mesh, selection: Selection) -> Iterator[ObjectRow]:
    for item in objects(mesh, entry, selection):
        cells: dict[str, Any] = {_field(column.name): column.cell(item) for column in entry.columns}
        yield row(
            kind=item.kind,
            group=item.group,
            name=item.name,
            namespace=namespace_of(entry, item),
            created_at=item.created_at or None,
            location=item.location,
            **cells,
        )


def objects(mesh: Mesh, entry: ResourceKind, selection: Selection) -> Iterable[Object]:
    wanted = set(selection.labels)
    for item in mesh.objects_of(entry.kind, entry.group):
        name, _, namespace = selection.name.rpartition(".")
        if selection.namespace not in ("", namespace_of(entry, item)):
            continue
        if selection.name not in ("", item.name) and (item.name, namespace_of(entry, item)) != (name, namespace):
            continue
        if wanted <= set(item.labels):
            yield item


def namespace_of(entry: ResourceKind, item: Object) -> str:
    """A namespaced object that names none is in `default`, as with kubectl."""
    return (item.namespace or "default") if entry.namespaced else ""
