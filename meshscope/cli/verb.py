"""A verb whose `--help` lists its options under titles: filters, input, live sources, output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from meshscope.errors import ExitCode

FILTERS, INPUT, LIVE, OUTPUT = "Filters", "Input", "Live sources", "Output"
OTHERS = "Options"
_UNREACHABLE = "meshscope.unreachable"


def note_unreachable(lines: Sequence[str]) -> None:
    """Makes the verb end with exit code 3, whatever the others say: a part of what was asked for is missing."""
    context = click.get_current_context(silent=True)
    if lines and context is not None:
        context.meta[_UNREACHABLE] = True


class Option(click.Option):
    """An option with the title under which the help lists it."""

    def __init__(self, *names: Any, section: str, **attributes: Any) -> None:
        super().__init__(*names, **attributes)
        self.section = section


class Verb(click.Command):
    def sections(self, ctx: click.Context) -> dict[str, list[click.Option]]:
        """Title -> its options, in the order of their declaration."""
        sections: dict[str, list[click.Option]] = {}
        for parameter in self.get_params(ctx):
            if isinstance(parameter, click.Option) and not parameter.hidden:
                title = parameter.section if isinstance(parameter, Option) else OTHERS
                sections.setdefault(title, []).append(parameter)
        return sections

    def invoke(self, ctx: click.Context) -> Any:
        """The verb's exit code; that of an unreachable source where a part of the input is missing for it."""
        code = super().invoke(ctx)
        return (
            ExitCode.UNREACHABLE if ctx.meta.get(_UNREACHABLE) and code in (None, ExitCode.FINE, ExitCode.NO) else code
        )

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, options in self.sections(ctx).items():
            with formatter.section(title):
                formatter.write_dl([record for option in options if (record := option.get_help_record(ctx))])
