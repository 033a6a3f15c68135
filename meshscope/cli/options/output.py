"""How an answer is written: the format that every verb has, and colour. A verb gets them as one `Output`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click
from msgspec import Struct

from meshscope.cli import completing
from meshscope.cli.terminal_glyphs import has_glyphs
from meshscope.cli.verb import OUTPUT, Option
from meshscope.cli.writing import clock, has_colour, is_terminal, terminal_cells, write
from meshscope.errors import UsageError
from meshscope.render.formats import COLUMNS, FORMATS, HIGHLIGHTED, JSONPATH, PEOPLE, SVG, TABLES, object_as, rows_as
from meshscope.render.text import ASCII

if TYPE_CHECKING:
    from meshscope.listing.column import Column
    from meshscope.listing.difference import Difference
    from meshscope.render.machine import Tail

T = TypeVar("T")


class Output(Struct, frozen=True):
    """`format` is one of FORMATS, `jsonpath=TEMPLATE` or `columns=LIST`."""

    format: str = "table"
    no_color: bool = False
    sort_by: str = ""
    headers: bool = True

    @property
    def is_for_people(self) -> bool:
        return self.format in PEOPLE or bool(self.columns)

    @property
    def columns(self) -> tuple[str, ...]:
        """Those that are asked for by name; () for the usual ones."""
        asked = self.format.removeprefix(COLUMNS).split(",") if self.format.startswith(COLUMNS) else ()
        return tuple(name.strip() for name in asked if name.strip())

    @property
    def is_table(self) -> bool:
        """Whether lines are written one by one, so that more may follow."""
        return self.format in TABLES

    @property
    def is_summary(self) -> bool:
        """Whether people see it and asked for no more."""
        return self.format in ("table", SVG)

    @property
    def is_wide(self) -> bool:
        return self.format == "wide"

    @property
    def shows_all(self) -> bool:
        """Whether an answer shows, or is sorted by, fields that a narrow table leaves out."""
        return self.format not in ("table", "name", SVG) or bool(self.sort_by)

    @property
    def is_for_programs(self) -> bool:
        return not self.is_for_people and self.format != "name"

    @property
    def colour(self) -> bool:
        """A picture has its colours wherever it is written to."""
        return not self.no_color if self.format == SVG else has_colour(no_color=self.no_color)

    @property
    def cells(self) -> int | None:
        """The width to fit to; None where nothing may be cut."""
        return None if self.is_wide or self.columns else terminal_cells()

    def sorted(self, rows: Iterable[T], row: type[Struct]) -> Iterable[T]:
        """Rows in the order of `--sort-by`; without it as they are, a stream. Raises UsageError for an unknown field."""
        if not self.sort_by:
            return rows
        from meshscope.listing.sorting import sorted_by  # only for --sort-by

        try:
            return sorted_by(rows, self.sort_by, row)
        except UsageError as error:
            raise UsageError(f"--sort-by: {error}") from None

    def write_lines(self, lines: Iterable[str], title: str) -> None:
        """Lines for people; `title` is what a picture of them is called."""
        if self.format == SVG:
            from meshscope.render.picture import svg  # only for -o svg

            write([svg(lines, title)])
        else:
            lines = lines if has_glyphs() else (line.translate(ASCII) for line in lines)
            write(line + "\n" for line in lines)

    def write_table(self, rows: Iterable[T], columns: Iterable[Column[T]], title: str) -> None:
        from meshscope.render.table import table  # only for tables

        lines = table(
            rows, tuple(columns), cells=self.cells, colour=self.colour, headers=self.headers, whole=not is_terminal()
        )
        self.write_lines(lines, title)

    def write_difference(self, difference: Difference[T], columns: Sequence[Column[T]]) -> None:
        """The time and the rows that are different; nothing without a difference."""
        if not difference:
            return
        from meshscope.render.difference import difference_lines

        write([clock() + "\n"])
        self.write_lines(difference_lines(difference, columns, cells=self.cells, colour=self.colour), "")

    def write_rows(self, rows: Iterable[Any], tail: Tail, name: Callable[[Any], str]) -> None:
        """A list in a format for programs; `name` writes a row as `kind/name`."""
        self._write(rows_as(self.format, rows, tail, name, on_terminal=is_terminal()))

    def write_object(self, value: Any, name: str) -> None:
        """An object of JSON's own types in a format for programs."""
        self._write([object_as(self.format, value, name, on_terminal=is_terminal())])

    def _write(self, pieces: Iterable[str]) -> None:
        if self.colour and self.format in HIGHLIGHTED:
            from meshscope.render.highlighting import highlighted  # only for terminals

            pieces = highlighted(pieces, self.format)
        write(pieces)


_ARGUMENTS = {JSONPATH: "TEMPLATE", COLUMNS: "NAME,…"}
"""What follows a format that takes more."""


class Format(click.ParamType[str]):
    """One of the formats, or what follows one that ends with `=`."""

    name = "format"

    def __init__(self, formats: Sequence[str] = FORMATS) -> None:
        self._formats = formats

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        beginnings = tuple(word for word in (*self._formats, JSONPATH) if word in _ARGUMENTS)
        if value not in self._formats and not value.startswith(beginnings):
            known = ", ".join(word + _ARGUMENTS.get(word, "") for word in (*self._formats, JSONPATH))
            self.fail(f"{value!r} is not one of {known}", param, ctx)
        if value == COLUMNS:
            self.fail("columns= takes titles, fields or paths with commas between them: columns=name,spec.hosts")
        return value

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:  # noqa: ARG002
        from click.shell_completion import CompletionItem  # only when a shell asks

        return [CompletionItem(word) for word in (*self._formats, JSONPATH) if word.startswith(incomplete)]


_output = partial(click.option, cls=Option, section=OUTPUT)


_FORMATS_HELP = (
    "table (the default), wide (all columns, nothing cut), json, jsonl, yaml, name, svg (a picture), jsonpath=TEMPLATE"
)


def output_options(
    function: Callable[..., Any],
    *,
    formats: Sequence[str] = FORMATS,
    default: str = "table",
    words: str = _FORMATS_HELP,
) -> Callable[..., Any]:
    """Adds the options about the answer's form; the verb's parameter is `output`. `words` is the help of its formats."""

    @wraps(function)
    def with_output(*, output: str, no_color: bool, sort_by: str = "", no_headers: bool = False, **others: Any) -> Any:
        return function(output=Output(output, no_color, sort_by, not no_headers), **others)

    wrapped: Callable[..., Any] = with_output
    for option in reversed((
        _output("-o", "--output", type=Format(formats), default=default, metavar="FORMAT", help=words),
        _output("--no-color", is_flag=True, help="no colour; so does $NO_COLOR"),
    )):  # fmt: skip
        wrapped = option(wrapped)
    return wrapped


def list_output_options(
    function: Callable[..., Any], formats: Sequence[str] = FORMATS, words: str = _FORMATS_HELP
) -> Callable[..., Any]:
    """As `output_options`, with those about lists."""
    wrapped = function
    for option in reversed((
        _output("--sort-by", metavar="FIELD", default="", help="a field of the JSON rows",
                shell_complete=completing.fields),
        _output("--no-headers", is_flag=True, help="no line of titles"),
    )):  # fmt: skip
        wrapped = option(wrapped)
    return output_options(wrapped, formats=formats, words=words)


def table_output_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """As `list_output_options`, for a list of which the user chooses the columns."""
    words = f"{_FORMATS_HELP}, {COLUMNS}{_ARGUMENTS[COLUMNS]} (titles, fields of the JSON rows, paths into the objects)"
    return list_output_options(function, (*FORMATS, COLUMNS), words)
