"""`meshscope config`: a config file with every setting and its default, explained."""

from __future__ import annotations

import click

from meshscope.cli.settings import config_file
from meshscope.cli.verb import Verb
from meshscope.cli.writing import write


@click.command("config", cls=Verb)
@click.option("--path", is_flag=True, help="only where the config file is looked for")
def command(*, path: bool) -> None:
    """Print a config file with every setting, its default and what it does: sources, theme, mouse, keys, columns.

    \b
    Examples:
      meshscope config | less
      meshscope config > "$(meshscope config --path)"
      $EDITOR "$(meshscope config --path)"
    """
    if path:
        write([f"{config_file()}\n"])
        return
    from meshscope.tui.app import Browser  # the keys are those of its screens
    from meshscope.tui.preferences.sample import sample

    write(f"{line}\n" for line in sample(Browser))
