"""`meshscope completion SHELL`: prints the script with which a shell completes meshscope's words and names."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from meshscope.cli.writing import write

SHELLS = ("bash", "zsh", "fish")
_UNQUOTED = "COMPREPLY+=($value)"
_QUOTED = """[[ ${COMP_WORDS[COMP_CWORD]} == [\\'\\"]* ]] || printf -v value %q "$value"
            COMPREPLY+=("$value")"""
"""Istio's cluster names contain pipes: outside quotes bash needs them escaped."""


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS), metavar="SHELL")
def command(shell: str) -> None:
    """Print the completion script of a SHELL: bash, zsh or fish.

    \b
    Examples:
      source <(meshscope completion bash)
      meshscope completion fish > ~/.config/fish/completions/meshscope.fish
    """
    from meshscope.cli.app import command as meshscope  # the group imports this module

    completion = get_completion_class(shell)
    if completion is not None:
        script = completion(meshscope, {}, "meshscope", "_MESHSCOPE_COMPLETE").source()
        write([script.replace(_UNQUOTED, _QUOTED).rstrip() + "\n"])
