"""The line of a shell that shows what a screen shows."""

from __future__ import annotations

import shlex
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from meshscope.listing.column import Column
from meshscope.listing.kind import Kind
from meshscope.listing.named_columns import column_named
from meshscope.listing.rows import Filter
from meshscope.listing.selection import GLOB, Selection
from meshscope.render.formats import COLUMNS
from meshscope.render.options import option_of
from meshscope.render.text import safe, shortened
from meshscope.tui.filter_line import chip_of


def shell_line(  # noqa: PLR0913  # options of one line
    kind: str,
    selection: Selection,
    sources: tuple[str, ...],
    *,
    options: tuple[str, ...] = (),
    wide: bool = False,
    columns: tuple[str, ...] = (),
) -> str:
    """`meshscope get routes --proxy reviews --from demo`, quoted for a shell. Orders of the screen are not in it."""
    words = ["get", kind]
    for field, value in selection.filters():
        words += [option_of(field), value]
    if columns:
        words += ["-o", COLUMNS + ",".join(columns)]
    elif wide:
        words += ["-o", "wide"]
    return line_of_words(words, sources, options)


def columns_said(columns: Sequence[Column[Any]], wanted: Iterable[int]) -> tuple[str, ...] | None:
    """The words by which `-o columns=` finds the wanted ones; None where one of them has no word of its own."""
    words = []
    for index in wanted:
        spelled = (columns[index].word, columns[index].title)
        own = (word for word in spelled if "," not in word and column_named(columns, word) == index)
        word = next((word for word in own if word.strip()), "")
        if not word:
            return None
        words.append(word)
    return tuple(words)


def no_columns(kind: Kind[Any]) -> Kind[Any]:
    """For a table whose columns are not those of the kind that a shell lists for it."""
    return replace(kind, columns=())


class Said(Struct, frozen=True):
    """Filters of a table in a shell's words: a selection, and what the line is piped through.

    Of the filters in `nearest` the line keeps all rows, and may keep more; those in `left` are not in it.
    """

    selection: Selection
    pipe: str = ""
    nearest: tuple[Filter, ...] = ()
    left: tuple[Filter, ...] = ()


def said_of(kind: Kind[Any], selection: Selection, filters: Iterable[Filter], shown: Container[int]) -> Said:
    """`shown` are the columns that the line lists, as indices of the kind's columns. grep takes away the titles too.

    A whole cell is an option where the kind has one that means its column.
    """
    pipe, nearest, left = "", [], []
    for each in filters:
        option = _option(kind, selection, each)
        if option is not None:
            selection = option
        elif not each.text.isprintable() or not each.text:
            left.append(each)
        elif each.column is None and not each.is_fuzzy:
            pipe += f" | grep -{'v' if each.is_inverse else ''}iF -e {shlex.quote(each.text)}"
        elif each.is_inverse or (each.column is not None and each.column not in shown):
            left.append(each)
        else:
            nearest.append(each)
            order = ".*".join(map(_literal, each.text))
            pipe += (
                f" | grep -iE -e {shlex.quote(order)}" if each.is_fuzzy else f" | grep -iF -e {shlex.quote(each.text)}"
            )
    return Said(selection, pipe, tuple(nearest), tuple(left))


def not_said(said: Said, columns: Sequence[Column[Any]], added: Iterable[Column[Any]]) -> Iterator[str]:
    """Sentences about what the line lacks, by name; `added` are columns that it does not list."""
    if said.nearest:
        yield f"grep looks in all columns, not only for {_chips(said.nearest, columns)}: there may be more rows"
    if said.left:
        yield f"not in it: {_chips(said.left, columns)}"
    if titles := ", ".join(safe(column.title) for column in added):
        yield f"not in it: the column {titles}"


def _chips(filters: Iterable[Filter], columns: Sequence[Column[Any]]) -> str:
    return ", ".join(shortened(safe(chip_of(each, columns)), _LONGEST_CHIP) for each in filters)


_LONGEST_CHIP = 40
_FIELDS = {"service-fqdn": "fqdn"} | {
    field: field for field in ("proxy", "namespace", "name", "address", "subset", "direction", "type", "status")
}
"""Of columns, by the word that is typed for them. `cluster` and a chain's name mean more as options than as cells."""
_NO_VALUES = ("", "-", "?")
_OTHERS = {("filterchains", "name")}


def _option(kind: Kind[Any], selection: Selection, one: Filter) -> Selection | None:
    """The selection with a filter that keeps the same rows; None where there is none."""
    if (
        one.column is None
        or not one.is_whole
        or one.is_inverse
        or one.column >= len(kind.columns)
        or one.text in _NO_VALUES
    ):
        return None
    word = kind.columns[one.column].word
    field = "port" if word == "port" and one.text.isdecimal() else _FIELDS.get(word, "")
    if field not in kind.filters or (kind.name, word) in _OTHERS or GLOB.search(one.text):
        return None
    if dict(selection.filters()).get(field, one.text) != one.text:
        return None
    return replace(selection, **{field: int(one.text) if field == "port" else one.text})


def _literal(letter: str) -> str:
    return letter if letter.isalnum() or letter in "-_/ " else f"\\{letter}" if letter.isascii() else letter


def line_of_words(words: Iterable[str], sources: tuple[str, ...], options: tuple[str, ...] = ()) -> str:
    """`meshscope find 10.20.0.21 --from demo`, quoted for a shell. `options` are words that follow the sources."""
    froms = [word for source in sources for word in ("--from", source)]
    return " ".join(map(_quoted, ("meshscope", *words, *froms, *options)))


def _quoted(word: str) -> str:
    """A word with control characters is spelled `$'…'`, which bash, zsh and ksh read."""
    if word.isprintable():
        return shlex.quote(word)
    escaped = word.replace("\\", "\\\\").replace("'", "\\'")
    return f"$'{safe(escaped)}'"
