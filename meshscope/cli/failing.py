"""A failure as one clear line on stderr: what happened, where, what to do."""

from __future__ import annotations

import click

from meshscope.errors import ExitCode, MeshscopeError
from meshscope.render.text import safe


def report_error(error: MeshscopeError | click.ClickException) -> ExitCode:
    """Writes the line and returns the exit code."""
    if isinstance(error, MeshscopeError):
        click.echo(f"meshscope: {safe(str(error))}", err=True)
        return error.exit_code
    context = error.ctx if isinstance(error, click.UsageError) else None
    where = context.command_path if context else "meshscope"
    click.echo(f"{where}: {safe(_words(error))} ({where} --help)", err=True)
    return ExitCode.USAGE


def _words(error: click.ClickException) -> str:
    """The message in the same words for every version of click."""
    if isinstance(error, click.NoSuchOption):
        from meshscope.nearest import near_words  # only for an unknown option

        known = [name for parameter in error.ctx.command.params for name in parameter.opts] if error.ctx else []
        near = near_words(error.option_name, known, most=2, alike=0.7)
        return f"no option {error.option_name}" + (f"; did you mean {' or '.join(near)}?" if near else "")
    if isinstance(error, click.BadOptionUsage):
        return f"{error.option_name} has no value" if "requires" in error.message else error.message.rstrip(".")
    if isinstance(error, click.MissingParameter) and error.param:
        return f"{_name(error.param)} is missing"
    if isinstance(error, click.BadParameter) and error.param:
        return f"{_name(error.param)}: {error.message.rstrip('.')}"
    return error.format_message().rstrip(".")


def _name(parameter: click.Parameter) -> str:
    if isinstance(parameter, click.Option):
        return max(parameter.opts, key=len)
    return (parameter.metavar or parameter.name or "").upper()


def report_defect(error: Exception) -> ExitCode:
    """Writes that an unexpected exception is a defect of meshscope, and returns the exit code."""
    words = safe(f"{type(error).__name__}: {error}")[:300]
    click.echo(f"meshscope: internal error: {words} (please report it with the output of --debug)", err=True)
    return ExitCode.NO
