"""Rows of a list as data; their fields are the JSON of `get`."""

from __future__ import annotations

from msgspec import Struct

from meshscope.location import Location

NO_VALUES = ("location", "object")
"""Fields that no cell shows, and nothing is sorted by: where a row is written, and the whole that it is of."""


class Row(Struct, frozen=True, kw_only=True):
    """A row of `get … -o json`; field names are a public contract.

    `owner` is the Istio object behind it, as `VirtualService default/reviews`.
    """

    state: str | None = None
    owner: str | None = None
    location: Location | None = None


class RowOfProxy(Row, frozen=True, kw_only=True):
    """A row that belongs to one proxy, named as `pod.namespace`."""

    proxy: str
