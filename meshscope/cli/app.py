"""The group of verbs, and the one place where failures become an exit code and a single line on stderr."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from meshscope import __version__
from meshscope.errors import ExitCode, MeshscopeError
from meshscope.render.text import safe

VERBS = {
    "get": "tables of proxies, listeners, routes, clusters, endpoints, secrets, Istio objects",
    "describe": "everything known about one object",
    "find": "everything that refers to an IP, host, cluster, object, SAN or secret",
    "pc": "`get` under istioctl's name: pc listeners, pc routes, …",
    "completion": "the completion script for a shell",
}
"""Verb -> its help in one line; `meshscope.cli.VERB` holds it and is imported when it is used."""


class Verbs(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(f"meshscope.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            from meshscope.mesh.kinds.selection import nearest  # noqa: PLC0415  # only for what was typed wrong

            raise click.UsageError(f"no verb {args[0]!r}{nearest(args[0], list(VERBS))}") from None


@click.command(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Examples:\n\n  meshscope get routes --from config_dump.json\n\n  meshscope find 10.20.0.21 --from bug-report.tar.gz",
)
@click.version_option(__version__, prog_name="meshscope")
def command() -> None:
    """What does this mesh do with this request, and why?

    Reads Envoy and Istio configuration from dumps, folders, archives and bug-reports, offline.
    Without --from (or $MESHSCOPE_FROM) it reads the bundled Bookinfo recording.
    """


def run(arguments: list[str] | None = None) -> int:
    """Run a command line; the exit code. `--debug` anywhere lets a traceback through."""
    arguments = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in arguments
    arguments = [word for word in arguments if word != "--debug"]
    try:
        result = command.main(arguments, prog_name="meshscope", standalone_mode=False)
        sys.stdout.flush()
    except (MeshscopeError, click.ClickException) as error:
        if debug:
            raise
        return _failed(error)
    except (KeyboardInterrupt, click.Abort):
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone: nothing more to say
        return ExitCode.FINE
    except Exception as error:
        if debug:
            raise
        words = f"{type(error).__name__}: {error}"
        click.echo(f"meshscope: a defect: {safe(words)[:300]} (run again with --debug and report it)", err=True)
        return ExitCode.NO
    return result if isinstance(result, int) else ExitCode.FINE


def _failed(error: MeshscopeError | click.ClickException) -> int:
    if isinstance(error, MeshscopeError):
        click.echo(f"meshscope: {safe(str(error))}", err=True)
        return error.exit_code
    words = error.format_message()
    where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "meshscope"
    click.echo(f"{where}: {safe(words)} ({where} --help)", err=True)
    return ExitCode.USAGE
