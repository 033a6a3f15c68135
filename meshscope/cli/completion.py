"""`meshscope completion SHELL`: prints the script that teaches a shell to complete meshscope's words and names."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from meshscope.cli.output_options import write

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print the completion script of a SHELL.

    \b
    Examples:
      source <(meshscope completion bash)
      meshscope completion fish > ~/.config/fish/completions/meshscope.fish
    """
    from meshscope.cli.app import command as meshscope  # noqa: PLC0415  # the group imports this module

    completion = get_completion_class(shell)
    if completion is not None:
        write([completion(meshscope, {}, "meshscope", "_MESHSCOPE_COMPLETE").source() + "\n"])
