"""`meshscope completion SHELL`: prints the script with which a shell completes meshscope's words and names."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from meshscope.cli.shells import register
from meshscope.cli.writing import write

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS), metavar="SHELL")
def command(shell: str) -> None:
    """Print the completion script of a SHELL: bash, zsh or fish.

    kubectl completes `kubectl meshscope …` without it, by the program kubectl_complete-meshscope beside this one.

    \b
    Examples:
      source <(meshscope completion bash)
      meshscope completion fish > ~/.config/fish/completions/meshscope.fish
    """
    from meshscope.cli.app import COMPLETE  # the group imports this module
    from meshscope.cli.app import command as meshscope

    register()
    completion = get_completion_class(shell)
    if completion is not None:
        write([completion(meshscope, {}, "meshscope", COMPLETE).source().rstrip() + "\n"])
