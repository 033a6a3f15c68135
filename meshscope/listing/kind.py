"""A kind of thing that is listed: its words, its rows as data, its columns for people, and what evidence it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct

from meshscope.listing.column import Column
from meshscope.listing.row import Row, RowOfProxy
from meshscope.listing.row_id import RowId, row_ids
from meshscope.listing.selection import Selection
from meshscope.mesh.mesh import Mesh
from meshscope.mesh.proxy import Proxy
from meshscope.work import UNFOLLOWED, Work

R = TypeVar("R", bound=Row)
R_co = TypeVar("R_co", bound=Row, covariant=True)


class ListRows(Protocol[R_co]):
    """Yields lazily, in the order of the evidence. Raises UsageError for an unknown proxy, CancelledError."""

    def __call__(self, mesh: Mesh, selection: Selection, work: Work = UNFOLLOWED) -> Iterable[R_co]: ...


def _no_aliases(_row: Row) -> tuple[str, ...]:
    return ()


class Kind(Struct, Generic[R], frozen=True, kw_only=True):
    """`name` is the plural; the registry knows what else users type. A kind is pickled by its name."""

    name: str
    singular: str
    filters: tuple[str, ...]
    """The fields of a Selection that its rows honour."""
    row: type[R]
    columns: tuple[Column[R], ...]
    rows: ListRows[R]
    key: Callable[[R], str]
    """The name by which `describe` finds a row again; parts are divided by `/`."""
    aliases: Callable[[R], tuple[str, ...]] = _no_aliases
    """Further names of a row."""
    full_name: Callable[[R], str] | None = None
    """A name that is unique where `key` is not; it is one of the aliases."""
    is_per_proxy: bool = True
    """Whether its rows belong to proxies, so that a Selection of proxies applies."""
    resource: str = ""
    """The kind of Envoy resource behind it, whose absence is missing evidence."""
    has_evidence: Callable[[Proxy], bool] | None = None
    node: Callable[[R], tuple[str | int, ...]] | None = None
    """For a part of a resource: the key of its node in the graph, whose kind is `singular`."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return kind_of_name, (self.name,)

    def ids(self, rows: Iterable[R]) -> Iterator[RowId]:
        """The ids of its rows, in order."""
        name = self.full_name or self.key
        return row_ids((row.proxy if isinstance(row, RowOfProxy) else "", self.name, name(row)) for row in rows)

    def ignored_filter(self, selection: Selection) -> str | None:
        """The first field of the selection that its rows do not honour: an unfiltered list must not pass for a filtered
        one."""
        return next((field for field, _ in selection.filters() if field not in self.filters), None)

    def missing(self, mesh: Mesh, selection: Selection) -> tuple[str, ...]:
        """What was not captured, so that nothing listed does not mean nothing there."""
        if not self.is_per_proxy or not self.resource:
            return ()
        has = self.has_evidence or (lambda proxy: proxy.has_evidence(self.resource))
        chosen = selection.proxies(mesh)
        without = [proxy.name for proxy in chosen if not has(proxy)]
        noun = self.singular
        if not chosen:
            return ("no proxy in this input",)
        if len(without) == len(chosen):
            return (f"no {noun} evidence in this input",)
        return tuple(f"no {noun} evidence for {name}" for name in without)


def kind_of_name(name: str) -> Kind[Any]:
    """The kind in `meshscope.listing.kinds.NAME`, imported when asked for: `routes`, `clusters` …"""
    kind: Kind[Any] = import_module(f"meshscope.listing.kinds.{name}").KIND
    return kind
