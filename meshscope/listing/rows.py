"""Rows of a list in memory, ready for a screen: access by position, filters and orders as arrays of positions."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import compress
from typing import Any, Generic, TypeAlias, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from meshscope.listing.column import Column
from meshscope.listing.column_index import ColumnIndex
from meshscope.listing.field_columns import field_columns
from meshscope.listing.kind import Kind
from meshscope.listing.row import Row
from meshscope.listing.row_id import RowId
from meshscope.listing.selection import Selection
from meshscope.listing.steps import parts
from meshscope.mesh.bodies import collector_paused
from meshscope.mesh.mesh import Mesh
from meshscope.work import UNFOLLOWED, Work

_SLICE = 5000
_INVERSE = bytes([1, 0]).ljust(256, b"\0")
T = TypeVar("T")
R = TypeVar("R", bound=Row)

Positions: TypeAlias = "array[int]"
"""Positions of rows (`array("I")`): which rows are shown, and in which order."""


class Filter(Struct, frozen=True):
    """Keeps rows with `text` in a cell, case ignored. `column` is an index, None for any of the visible columns.

    `is_whole` compares the whole cell, or a whole line of it. `is_fuzzy` wants the characters in their order, whatever is
    between them, in one line of a cell. `is_inverse` keeps the other rows. A text that is empty is in every cell.
    """

    text: str
    column: int | None = None
    is_whole: bool = False
    is_inverse: bool = False
    is_fuzzy: bool = False


class Rows(Generic[T]):
    """The rows of a list at one moment. It never changes; threads may share it.

    Filters and orders rest on indices of the columns, which are made when first asked for (for 100,000 rows about 0.1 s
    a column). After `prepare`, which makes them all, a filter or an order of 100,000 rows takes less than 50 ms.
    """

    def __init__(
        self, rows: Iterable[T], ids: Iterable[RowId], columns: Sequence[Column[T]], *, prepared: int | None = None
    ) -> None:
        """`columns` are those to filter and sort by, all of the kind, whether they are visible or not. `prepare` makes the
        indices of the first `prepared` of them (all without it).
        """
        self.rows = tuple(rows)
        self.ids = tuple(ids)
        self.columns = tuple(columns)
        self._prepared = len(self.columns) if prepared is None else prepared
        self._indices: dict[int, ColumnIndex] = {}
        self._texts: dict[tuple[int, ...], list[str]] = {}

    @classmethod
    def of(
        cls, kind: Kind[R], mesh: Mesh, selection: Selection, work: Work = UNFOLLOWED, *, fields_too: bool = False
    ) -> Rows[R]:
        """All rows of a kind; after its columns those of its fields. Raises UsageError for an unknown proxy, CancelledError."""
        fields = field_columns(kind.row, kind.columns) if fields_too else ()
        with collector_paused():
            rows = tuple(kind.rows(mesh, selection, work))
            return Rows(rows, kind.ids(rows), (*kind.columns, *fields), prepared=len(kind.columns))

    def adding(self, columns: Sequence[Column[T]]) -> Rows[T]:
        """The same rows with further columns behind; what is prepared stays so."""
        more = Rows(self.rows, self.ids, (*self.columns, *columns), prepared=self._prepared)
        more._indices, more._texts = dict(self._indices), dict(self._texts)
        return more

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, position: int) -> T:
        return self.rows[position]

    def __iter__(self) -> Iterator[T]:
        return iter(self.rows)

    def position(self, ident: RowId) -> int | None:
        """Where the row of an id is now; None where it is gone."""
        return self._positions.get(ident)

    @cached_property
    def _positions(self) -> dict[RowId, int]:
        return {ident: position for position, ident in enumerate(self.ids)}

    def prepare(self, visible: Sequence[int], work: Work = UNFOLLOWED) -> None:
        """Makes all indices, for a worker; `visible` are the columns that are shown. Raises CancelledError."""
        for column, _ in parts(range(self._prepared), work):
            self._index(column).prepare()
        self._visible_texts(tuple(visible))

    def pieces(self) -> list[list[Any]]:
        """All that it holds of each row, for somebody who lets go of it bit by bit."""
        texts = (piece for index in tuple(self._indices.values()) for piece in index.pieces())
        return [list(self.rows), list(self.ids), *texts, *map(list, tuple(self._texts.values()))]

    def matching(self, filters: Iterable[Filter], visible: Sequence[int], among: Positions | None = None) -> Positions:
        """The rows that pass all filters, in the order of `among` (all rows, in their own order, without it)."""
        positions = among
        for filter_ in filters:
            if filter_.is_fuzzy and filter_.text:
                positions = self._fuzzy(filter_, visible, positions)
                continue
            texts = self._visible_texts(tuple(visible)) if filter_.column is None else self._index(filter_.column).texts
            positions = array("I", _passing(filter_, texts, positions))
        return self._all() if positions is None else positions

    def spelled(self, filter_: Filter) -> Filter:
        """A filter by a whole cell with the cell's own capitals."""
        if filter_.column is None or not filter_.is_whole:
            return filter_
        kept = self.matching([replace(filter_, is_inverse=False)], ())
        cell = self.columns[filter_.column].cell(self[kept[0]]) if kept else None
        return replace(filter_, text=str(cell)) if isinstance(cell, (str, int)) else filter_

    def ordered(self, column: int, *, descending: bool = False, among: Positions | None = None) -> Positions:
        """The rows (of `among`) by a column: numbers by size, then text in natural order, empty cells last either way.

        Rows with equal cells keep their own order, which is Envoy's.
        """
        order = self._index(column).order(descending=descending)
        if among is None:
            return order[:]
        chosen = bytearray(len(self))
        for position in among:
            chosen[position] = 1
        return array("I", compress(order, map(chosen.__getitem__, order)))

    def _fuzzy(self, filter_: Filter, visible: Sequence[int], among: Positions | None) -> Positions:
        """A row that one column lets pass needs no other one."""
        every = b"\1" * len(self)
        marks = 0  # a byte for each row, as one number
        for column in visible if filter_.column is None else (filter_.column,):
            found = self._index(column).fuzzy.rows(filter_.text)
            if found == every:
                break
            if found is not None:
                marks |= int.from_bytes(found, "little")
        else:
            found = marks.to_bytes(len(self), "little")
        if filter_.is_inverse:
            found = found.translate(_INVERSE)
        if among is None:
            return self._all() if found == every else array("I", compress(self._every, found))
        return array("I", compress(among, map(found.__getitem__, among)))

    def _all(self) -> Positions:
        return self._every[:]

    @cached_property
    def _every(self) -> Positions:
        return array("I", range(len(self)))

    def _index(self, column: int) -> ColumnIndex:
        index = self._indices.get(column)
        if index is None:
            index = self._indices[column] = ColumnIndex(map(self.columns[column].cell, self.rows))
        return index

    def _visible_texts(self, visible: tuple[int, ...]) -> list[str]:
        """The texts of the visible cells of each row, kept for the last columns that were asked for."""
        texts = self._texts.get(visible)
        if texts is None:
            columns = [self._index(column).texts for column in visible]
            texts = []
            for start in range(0, len(self), _SLICE):  # another thread waits for one slice at most
                cells = zip(*(column[start : start + _SLICE] for column in columns), strict=True)
                texts += map("\0".join, cells) if columns else [""] * min(_SLICE, len(self) - start)
            self._texts = {visible: texts}
        return texts


def _passing(filter_: Filter, texts: list[str], among: Positions | None) -> list[int]:
    """A text is `\\nLINE\\nLINE\\n` for each of its cells, so a whole line is found with the line ends around it."""
    text = filter_.text.casefold()
    wanted = f"\n{text}\n" if filter_.is_whole else text
    if among is None:
        if filter_.is_inverse:
            return [position for position, line in enumerate(texts) if wanted not in line]
        return [position for position, line in enumerate(texts) if wanted in line]
    if filter_.is_inverse:
        return [position for position in among if wanted not in texts[position]]
    return [position for position in among if wanted in texts[position]]
