"""Write docs/commands.md from the help of the commands. `--check` exits 1 if the file is out of date."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from meshscope.cli.app import VERBS, command
from meshscope.cli.verb import Verb

TARGET = Path(__file__).parents[1] / "docs" / "commands.md"


def reference() -> str:
    """The whole page."""
    with click.Context(command, info_name="meshscope", **command.context_settings) as top:
        return "\n".join(_page(top)) + "\n"


def _page(top: click.Context) -> Iterator[str]:
    yield "# Commands"
    yield ""
    yield "Written by `scripts/make_reference.py` from the commands' own help; do not edit."
    yield ""
    yield from _text(command.help or "")
    yield "| verb | does |"
    yield "|---|---|"
    yield from (f"| [`{name}`](#meshscope-{name}) | {_cell(does)} |" for name, does in VERBS.items())
    for name in VERBS:
        verb = command.get_command(top, name)
        if verb is not None:
            yield ""
            yield from _verb(click.Context(verb, info_name=name, parent=top), verb)


def _verb(context: click.Context, verb: click.Command) -> Iterator[str]:
    yield f"## {context.command_path}"
    yield ""
    yield "```"
    yield " ".join([context.command_path, *verb.collect_usage_pieces(context)])
    yield "```"
    yield ""
    yield from _text(verb.help or "")
    sections = verb.sections(context) if isinstance(verb, Verb) else {"Options": _options(context, verb)}
    rows = [(title, option) for title, options in sections.items() for option in options if "--help" not in option.opts]
    if rows:
        yield "| | option | |"
        yield "|---|---|---|"
    before = ""
    for title, option in rows:
        yield f"| {title if title != before else ''} | {_spelling(option)} | {_cell(option.help or '')} |"
        before = title


def _options(context: click.Context, verb: click.Command) -> list[click.Option]:
    return [parameter for parameter in verb.get_params(context) if isinstance(parameter, click.Option)]


def _spelling(option: click.Option) -> str:
    value = "" if option.is_flag else f" {option.metavar}"
    return ", ".join(f"`{name}{value if name == option.opts[-1] else ''}`" for name in option.opts)


def _text(help_text: str) -> Iterator[str]:
    """Paragraphs unchanged; one that click does not wrap is a title and a block of code."""
    for paragraph in inspect.cleandoc(help_text).split("\n\n"):
        if paragraph.startswith("\b"):
            title, *lines = paragraph.removeprefix("\b\n").split("\n")
            yield from (title, "", "```", *(line.strip() for line in lines), "```", "")
        else:
            yield from (paragraph, "")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> int:
    if "--check" in sys.argv[1:]:
        return int(not TARGET.exists() or TARGET.read_text(encoding="utf-8") != reference())
    TARGET.write_text(reference(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
