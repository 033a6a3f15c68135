"""How an answer is written: the formats that every verb has, colour, and where it goes."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
FORMATS = ("table", "wide", "json", "jsonl", "yaml", "name")


class Format(click.ParamType[str]):
    """One of FORMATS, or `jsonpath=TEMPLATE`."""

    name = "format"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value in FORMATS or value.startswith("jsonpath="):
            return value
        self.fail(f"{value!r} is none of {', '.join(FORMATS)}, jsonpath=TEMPLATE", param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:  # noqa: ARG002
        from click.shell_completion import CompletionItem  # noqa: PLC0415  # only when a shell asks

        return [CompletionItem(word) for word in (*FORMATS, "jsonpath=") if word.startswith(incomplete)]


def output_options(function: F) -> F:
    for option in reversed((
        click.option("-o", "--output", type=Format(), default="table", show_default=True, metavar="FORMAT",
                     help="table, wide, json, jsonl, yaml, name, jsonpath=TEMPLATE"),
        click.option("--no-color", is_flag=True, help="no colour; so does $NO_COLOR"),
    )):  # fmt: skip
        function = option(function)
    return function


def has_colour(no_color: bool) -> bool:  # noqa: FBT001  # the flag itself
    return not no_color and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and sys.stdout.isatty()


def terminal_cells() -> int | None:
    """The width to fit a table to; None for a pipe or a file, where nothing is cut."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def write(pieces: Iterable[str]) -> None:
    """Text of any encoding, streamed: names may hold what the terminal's encoding does not."""
    out = sys.stdout
    for piece in pieces:
        try:
            out.write(piece)
        except UnicodeEncodeError:
            out.write(piece.encode(out.encoding or "ascii", "backslashreplace").decode(out.encoding or "ascii"))
