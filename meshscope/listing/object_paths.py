"""Paths into the object behind a row as columns: `spec.hosts`, `route.timeout`, `spec.http[*].route[*].weight`.

Behind a row is the manifest, or the part of Envoy's configuration, that its location names. `[*]` stands for each item of a
list, as in kubectl's jsonpath (https://kubernetes.io/docs/reference/kubectl/jsonpath/).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from meshscope.envoy.resource import Resource
from meshscope.istio.manifest import Object
from meshscope.listing.column import Cell, Column
from meshscope.listing.row import Row, RowOfProxy
from meshscope.listing.rows import Rows
from meshscope.listing.steps import steps
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.redaction import redacted, shown_body
from meshscope.path import Path, camel
from meshscope.untyped import untyped
from meshscope.work import UNFOLLOWED, Work

ABSENT = "-"
_EACH = "[*]"
_SAMPLE = 60
_MOST_PATHS = 600
_KEY = re.compile(r"[^.\[\]\"\s]+")
_Level = dict[str, msgspec.Raw] | list[msgspec.Raw]


def offered_paths(mesh: Mesh, rows: Sequence[Row], work: Work = UNFOLLOWED) -> tuple[str, ...]:
    """Those that some of the rows have, in the order of the objects. Raises CancelledError."""
    behind, found = ObjectsBehind(mesh), dict[str, None]()
    step = max(1, -(-len(rows) // _SAMPLE))
    for row in steps(rows[::step], work):
        found.update(dict.fromkeys(_paths(behind.object_of(row))))
    return tuple(found)[:_MOST_PATHS]


def path_column(mesh: Mesh, rows: Sequence[Row], path: str, work: Work = UNFOLLOWED) -> Column[Row]:
    """A column whose cells are made here, for these rows; ABSENT for a row that has no such path. Raises CancelledError."""
    behind, keys = ObjectsBehind(mesh), _keys(path)
    cells = {id(row): _cell(list(_values(behind.object_of(row), keys))) for row in steps(rows, work)}
    return Column(path, lambda row: cells.get(id(row), ABSENT), wide=True)


def with_paths(mesh: Mesh, rows: Rows[Any], paths: Iterable[str], work: Work = UNFOLLOWED) -> Rows[Any]:
    """The rows with a column of each path after their own. Raises CancelledError."""
    columns = [path_column(mesh, rows.rows, path, work) for path in paths]
    return rows.adding(columns) if columns else rows


class ObjectsBehind:
    """Of neighbouring rows of one resource only what they do not share is decoded. Not for several threads at once."""

    def __init__(self, mesh: Mesh) -> None:
        self._mesh = mesh
        self._objects: dict[int, Object] | None = None
        self._resources: dict[str, dict[tuple[str, Path], Resource]] = {}
        self._levels: dict[Path, _Level] = {}
        self._of: Resource | None = None

    def object_of(self, row: Row) -> Any:
        """Decoded, without keys and passwords; None where nothing is behind the row."""
        if row.location is None:
            return None
        if not isinstance(row, RowOfProxy):
            item = self._manifests.get(hash(row.location))
            return shown_body(item) if item is not None and item.location == row.location else None
        resources = self._of_proxy(row.proxy)
        name, path = row.location.document.name, row.location.path
        for end in range(len(path), 0, -1):
            if (resource := resources.get((name, path[:end]))) is not None:
                raw = self._below(resource, path[end:])
                return None if raw is None else redacted(untyped(raw))
        return None

    @property
    def _manifests(self) -> dict[int, Object]:
        if self._objects is None:
            self._objects = {hash(item.location): item for item in self._mesh.objects}
        return self._objects

    def _of_proxy(self, name: str) -> dict[tuple[str, Path], Resource]:
        known = self._resources.get(name)
        if known is None:
            every = (
                resource
                for proxy in self._mesh.proxies
                if proxy.name == name
                for kind in proxy.account.by_kind
                for resource in proxy.resources(kind, in_effect=False)
            )
            known = {(each.location.document.name, each.location.path): each for each in every}
            self._resources = {name: known}
        return known

    def _below(self, resource: Resource, path: Path) -> Any:
        """The slice at a path; the levels above it are kept for the next row."""
        if resource is not self._of:
            self._of, self._levels = resource, {}
        raw: Any = resource.raw
        for depth, part in enumerate(path):
            above = path[:depth]
            level = self._levels.get(above)
            if level is None:
                try:
                    level = msgspec.json.decode(raw, type=_Level)
                except msgspec.DecodeError:
                    return None
                self._levels = {known: each for known, each in self._levels.items() if above[: len(known)] == known}
                self._levels[above] = level
            raw = _member(level, part)
            if raw is None:
                return None
        return raw


def _member(level: _Level, part: str | int) -> Any:
    if isinstance(level, dict):
        return level.get(str(part), level.get(camel(str(part))))
    return level[part] if isinstance(part, int) and part < len(level) else None


# --- paths -------------------------------------------------------------------------------------------------------------


def _paths(value: Any, above: str = "") -> Iterator[str]:
    """Of what has a value that is no object, and of lists of such values; keys that a path cannot spell are left out."""
    if isinstance(value, dict):
        for key, member in value.items():
            if _KEY.fullmatch(key):
                yield from _paths(member, f"{above}.{key}" if above else key)
    elif isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
        for item in value:
            yield from _paths(item, above + _EACH)
    elif above and not above.endswith("@type"):
        yield above


def _keys(path: str) -> tuple[str | None, ...]:
    """None stands for each item of a list."""
    parts = path.replace(_EACH, f".{_EACH}").split(".")
    return tuple(None if part == _EACH else part for part in parts if part)


def _values(value: Any, keys: tuple[str | None, ...]) -> Iterator[Any]:
    if not keys:
        yield value
    elif keys[0] is None:
        for item in value if isinstance(value, list) else ():
            yield from _values(item, keys[1:])
    elif isinstance(value, dict) and keys[0] in value:
        yield from _values(value[keys[0]], keys[1:])


def _cell(values: list[Any]) -> Cell:
    if len(values) == 1 and isinstance(values[0], list):
        values = values[0]
    if not values:
        return ABSENT
    if len(values) == 1:
        one = values[0]
        return one if isinstance(one, int) and not isinstance(one, bool) else _text(one)
    return tuple(map(_text, values))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
