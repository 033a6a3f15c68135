"""What a reader of a list has to know beside its rows; a face spells it."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from meshscope.listing.kind import Kind
from meshscope.listing.selection import Selection
from meshscope.mesh.account import ISTIOD
from meshscope.mesh.mesh import Mesh


class Notes(Struct, frozen=True):
    """`missing` says what was not captured. `is_istiods_view` is true where only istiod's account of the proxies was
    captured, not Envoy's own.

    `is_empty` is true where nothing is listed though the evidence is complete: no resource passes the `filters` (fields
    of a Selection with their values), or without filters the input has none of the kind.
    """

    kind: str
    is_empty: bool
    filters: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    is_istiods_view: bool


def notes(mesh: Mesh, kind: Kind[Any], selection: Selection, count: int) -> Notes:
    """The notes of a list with `count` rows. Raises UsageError for an unknown proxy."""
    missing = kind.missing(mesh, selection)
    views = {proxy.view for proxy in selection.proxies(mesh)} if kind.is_per_proxy else set()
    return Notes(kind.name, not count and not missing, selection.filters(), missing, views == {ISTIOD})
