"""The filter line `/`: words -> filters of a table. No widget in it.

reviews 9080          rows with both texts in any visible column
"two words"           one text with a blank
!canary               rows without it
~rvw1                 rows with a cell that has these characters in their order
port=9080 match:jason a column by its title: the whole cell, a part of it; name~rvw1
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from meshscope.errors import UsageError
from meshscope.listing.column import Column
from meshscope.listing.rows import Filter


class NamedFilter(Struct, frozen=True):
    """A filter that outlasts its table: by the title of its column, None for a text in any column."""

    filter: Filter
    title: str | None = None


_WORD = re.compile(r'\s*((?:[^\s"]|"[^"]*")+)')


def filters_of(line: str, columns: Sequence[Column[Any]]) -> tuple[Filter, ...]:
    """`columns` are all of the table, visible or not. Raises UsageError for a line that cannot be used, with the reason."""
    if line.count('"') % 2:
        raise UsageError('the quotation mark " is not closed')
    return tuple(_filter(word, columns) for word in _words(line))


def _words(line: str) -> Iterator[str]:
    return (match[1] for match in _WORD.finditer(line))


def _filter(word: str, columns: Sequence[Column[Any]]) -> Filter:
    is_inverse = word.startswith("!")
    text = word.removeprefix("!")
    for column, title in enumerate(_titles(columns)):
        for sign in ("=", ":", "~"):
            if title and text.casefold().startswith(title + sign):
                value = _plain(text[len(title) + 1 :])
                if not value and sign != "=":
                    raise UsageError(f"type a text after {title}{sign}")
                return Filter(value, column, is_whole=sign == "=", is_inverse=is_inverse, is_fuzzy=sign == "~")
    is_fuzzy = text.startswith("~")
    value = _plain(text.removeprefix("~"))
    if not value:
        sign = "~" if is_fuzzy else "!" if is_inverse else ""
        raise UsageError(f"type a text after {sign}" if sign else 'type a text between the quotation marks "')
    return Filter(value, is_inverse=is_inverse, is_fuzzy=is_fuzzy)


def _titles(columns: Sequence[Column[Any]]) -> Iterator[str]:
    return (column.word for column in columns)


def _plain(text: str) -> str:
    return text.replace('"', "")


def chip_of(filter_: Filter, columns: Sequence[Column[Any]]) -> str:
    """A filter as the line spells it."""
    value = f'"{filter_.text}"' if " " in filter_.text else filter_.text
    sign = "~" if filter_.is_fuzzy else "" if filter_.column is None else "=" if filter_.is_whole else ":"
    column = "" if filter_.column is None else columns[filter_.column].word
    return ("!" if filter_.is_inverse else "") + column + sign + value


def named(filters: Sequence[Filter], columns: Sequence[Column[Any]]) -> tuple[NamedFilter, ...]:
    return tuple(NamedFilter(each, None if each.column is None else columns[each.column].title) for each in filters)


def unnamed(filters: Sequence[NamedFilter], columns: Sequence[Column[Any]]) -> tuple[Filter, ...]:
    """For the columns of another table of the kind; a filter of a column that it lacks is left out."""
    places = {column.title: index for index, column in reversed(list(enumerate(columns)))}
    known = (each for each in filters if each.title is None or each.title in places)
    return tuple(replace(each.filter, column=None if each.title is None else places[each.title]) for each in known)
