"""`meshscope find WHAT`: everything that refers to something, in all proxies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import click

from meshscope.cli import completing
from meshscope.cli.output_options import has_colour, output_options, terminal_cells, write
from meshscope.cli.source_options import opened, source_options
from meshscope.errors import ExitCode
from meshscope.mesh.bodies import collector_paused
from meshscope.mesh.find import Mention, find
from meshscope.mesh.kinds.kind import Column
from meshscope.mesh.kinds.selection import Selection
from meshscope.mesh.mesh import Mesh
from meshscope.render import machine
from meshscope.render.table import table

COLUMNS = (
    Column("PROXY", lambda mention: mention.proxy or "-"),
    Column("KIND", lambda mention: mention.kind),
    Column("NAME", lambda mention: mention.name),
    Column("FIELD", lambda mention: mention.field, rank=1),
    Column("VALUE", lambda mention: mention.value, wide=True),
)


@click.command("find")
@click.argument("what")
@click.option("--proxy", metavar="POD", default="", help="in this proxy only", shell_complete=completing.proxies)
@click.option("-n", "--namespace", metavar="NS", default="", help="in proxies of this namespace only")
@source_options
@output_options
def command(
    what: str,
    proxy: str,
    namespace: str,
    sources: tuple[str, ...],
    view: str | None,
    at: str,
    quiet: bool,
    verbose: bool,
    output: str,
    no_color: bool,
) -> int:
    """Everything that refers to WHAT, in all proxies and manifests.

    WHAT is an IP, IP:port, host, cluster, SAN, secret, any other name, or an object as kind/name.namespace. A word is found
    where it stands alone; an IP also in the ranges of filter chains.

    \b
    Examples:
      meshscope find 10.20.0.21
      meshscope find reviews.default.svc.cluster.local -o json
      meshscope find vs/reviews.default
    """
    mesh = opened(sources, view, quiet=quiet, verbose=verbose)
    counted = _Counted(find(mesh, what, Selection(proxy=proxy, namespace=namespace, at=at)))
    with collector_paused():
        if output in ("table", "wide"):
            columns = [column for column in COLUMNS if output == "wide" or not column.wide]
            lines = table(counted, columns, cells=terminal_cells(), colour=has_colour(no_color))
            write(line + "\n" for line in lines)
        else:
            write(_machine(mesh, counted, output))
    if not counted.count and not quiet:
        click.echo(f"nothing refers to {what!r} in this input", err=True)
    return ExitCode.FINE if counted.count else ExitCode.NO


class _Counted:
    """Mentions, counted as they pass."""

    def __init__(self, mentions: Iterable[Mention]) -> None:
        self._mentions = mentions
        self.count = 0

    def __iter__(self) -> Iterator[Mention]:
        for mention in self._mentions:
            self.count += 1
            yield mention


def _machine(mesh: Mesh, mentions: Iterable[Any], output: str) -> Iterator[str]:
    if output == "json":
        yield from machine.as_json(mentions, lambda: ((), mesh.problems))
    elif output == "jsonl":
        yield from machine.as_jsonl(mentions)
    elif output == "yaml":
        yield from machine.as_yaml(mentions, lambda: ((), mesh.problems))
    elif output == "name":
        yield from (f"{mention.kind}/{mention.name}\n" for mention in mentions)
    else:
        from meshscope.render.jsonpath import filled  # noqa: PLC0415  # only -o jsonpath pays for it

        items = [machine.plain(machine.shown(mention)) for mention in mentions]
        yield filled(output.removeprefix("jsonpath="), {"version": 1, "items": items}) + "\n"
