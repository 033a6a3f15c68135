"""The group of verbs. Here alone a failure becomes an exit code and a single line on stderr."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from meshscope import __version__
from meshscope.cli.failing import report_defect, report_error
from meshscope.cli.writing import ReaderGoneError, flush
from meshscope.errors import ExitCode, MeshscopeError, UnreadableError, UsageError

VERBS = {
    "ui": "browse the mesh in the terminal",
    "trace": "follow one request hop by hop, and say why each other candidate lost",
    "effect": "where the rules of an Istio object are in effect, and where not, why not",
    "get": "tables of proxies, listeners, routes, clusters, endpoints, secrets, Istio objects",
    "describe": "all fields of one object, its owner, its users and what it reaches",
    "find": "everything that refers to an IP, host, cluster, object, SAN or secret",
    "pc": "`get` under istioctl's name: pc listeners, pc routes, …",
    "record": "write a live source into a recording",
    "report": "one HTML page to share: the mesh at a glance, traces, and scopes to click through",
    "config": "a config file with every setting and its default: source, theme, mouse, keys, columns",
    "completion": "the completion script for a shell",
}
"""Verb -> its help in one line; the verb is in `meshscope.cli.VERB`, imported when it is used."""


ISTIOCTLS = {"ps": ("get", "proxies"), "proxy-status": ("get", "proxies"), "proxy-config": ("pc",)}
"""istioctl's verbs -> ours, for fingers that know them. They are not listed."""


COMPLETE = "_MESHSCOPE_COMPLETE"
"""The variable by which a shell asks for completions."""


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
        if args[0] == "help":
            args = [*args[1:2], "--help"]
        if args[0] in ("--help", "version"):
            click.echo(ctx.get_help() if args[0] == "--help" else f"meshscope {__version__}")
            ctx.exit()
        args = [*ISTIOCTLS.get(args[0], (args[0],)), *args[1:]]
        if args[0] in VERBS or args[0].startswith("-"):
            return super().resolve_command(ctx, args)
        from meshscope.nearest import nearest  # only for an unknown verb

        raise click.UsageError(f"no verb {args[0]!r}{nearest(args[0], list(VERBS))}")


@click.command(
    cls=Verbs,
    invoke_without_command=True,
    options_metavar="[--version | --help | --debug]",
    subcommand_metavar="VERB …",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
    Examples:
      meshscope get routes --from config_dump.json
      meshscope find 10.20.0.21 --from bug-report.tar.gz""",
)
@click.version_option(__version__, message="meshscope %(version)s")
@click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error; allowed anywhere.")
@click.pass_context
def command(ctx: click.Context) -> None:
    """What does this mesh do with this request, and why?

    Reads Envoy and Istio configuration from dumps, folders, archives and bug-reports, offline, and from live proxies, control
    planes and clusters. Without --from (or $MESHSCOPE_FROM): the current kubeconfig context, a bundled recording where there is
    none. Without a verb, on a terminal: the browser of `meshscope ui`.
    """
    if ctx.invoked_subcommand is None:
        if not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()):
            click.echo(ctx.get_help())
            return
        from meshscope.cli import ui  # only where the browser opens

        with ui.command.make_context("ui", [], parent=ctx) as browser:
            ui.command.invoke(browser)


def run(arguments: list[str] | None = None) -> int:
    """Runs a command line and returns its exit code. `--debug`, anywhere in it, lets a traceback through."""
    arguments = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in arguments
    arguments = [word for word in arguments if word != "--debug"]
    try:
        return _run(arguments)
    except (MeshscopeError, click.ClickException) as error:
        if debug:
            raise
        return report_error(error)
    except MemoryError:
        if debug:
            raise
        return report_error(UnreadableError("out of memory: the input takes more than there is; name a part of it"))
    except (KeyboardInterrupt, click.Abort):
        return ExitCode.INTERRUPTED
    except Exception as error:
        if isinstance(error.__cause__, KeyboardInterrupt):  # Python 3.11 wraps what happens while a class is being made
            return ExitCode.INTERRUPTED
        if debug:
            raise
        return report_defect(error)


def _run(arguments: list[str]) -> int:
    if sys.stdout is None:
        raise UsageError("stdout is closed, so the answer cannot be written")
    try:
        name = "kubectl meshscope" if sys.argv[0].removesuffix(".exe").endswith("kubectl-meshscope") else "meshscope"
        if os.environ.get(COMPLETE):
            from meshscope.cli.shells import register  # only when a shell asks

            register()
        result = command.main(arguments, name, complete_var=COMPLETE, standalone_mode=False)
        flush()
    except ReaderGoneError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the rest of the buffer has no reader
        return ExitCode.FINE
    return result if isinstance(result, int) else ExitCode.FINE
