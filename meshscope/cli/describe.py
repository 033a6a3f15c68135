"""`meshscope describe KIND/NAME`: everything known about one object."""

from __future__ import annotations

from typing import Any

import click
from msgspec.structs import replace

from meshscope.cli import completing
from meshscope.cli.get import selected, selection_options
from meshscope.cli.output_options import has_colour, output_options, terminal_cells, write
from meshscope.cli.source_options import opened, source_options
from meshscope.errors import ExitCode, UsageError
from meshscope.mesh.bodies import collector_paused
from meshscope.mesh.describe import describe
from meshscope.mesh.kinds.kind import Kind
from meshscope.mesh.kinds.registry import kind_named
from meshscope.mesh.kinds.selection import Selection, nearest
from meshscope.mesh.mesh import Mesh
from meshscope.render import machine
from meshscope.render.description import description


@click.command("describe")
@click.argument("what", metavar="KIND/NAME", shell_complete=completing.objects)
@click.argument("name", required=False)
@selection_options
@source_options
@output_options
def command(
    what: str,
    name: str | None,
    sources: tuple[str, ...],
    view: str | None,
    at: str,
    quiet: bool,
    verbose: bool,
    output: str,
    no_color: bool,
    **options: Any,
) -> int:
    """Everything known about one object: fields, owner, who uses it, what it reaches, sync state.

    \b
    Examples:
      meshscope describe cluster/'outbound|9080|v1|reviews.default.svc.cluster.local' --proxy productpage
      meshscope describe routes/9080 --proxy productpage -o yaml
      meshscope describe vs/reviews.default
    """
    word, slash, rest = what.partition("/")
    wanted = rest if slash else name or ""
    if not wanted:
        raise UsageError(f"describe {what!r}: name one, as {word}/NAME")
    mesh = opened(sources, view, quiet=quiet, verbose=verbose)
    kind = kind_named(word, mesh)
    selection = selected(options, wanted, at)
    with collector_paused():
        found = describe(mesh, kind, selection)
    if found is None:
        raise NothingError(_nothing(mesh, kind, selection))
    if found.also_in and not quiet:
        click.echo(f"shown as in {found.proxy}; {len(found.also_in)} more proxies have one, --proxy chooses", err=True)
    shown = {"version": 1, **machine.plain(machine.shown(found))}
    if output == "json":
        write([machine.indented(shown) + "\n"])
    elif output == "jsonl":
        write([machine.encoded(shown).decode() + "\n"])
    elif output == "yaml":
        write([machine.yaml_text(shown)])
    elif output == "name":
        write([f"{kind.singular}/{found.name}\n"])
    elif output.startswith("jsonpath="):
        from meshscope.render.jsonpath import filled  # noqa: PLC0415  # only -o jsonpath pays for it

        write([filled(output.removeprefix("jsonpath="), shown) + "\n"])
    else:
        write(line + "\n" for line in description(found, colour=has_colour(no_color), cells=terminal_cells()))
    return ExitCode.FINE


class NothingError(UsageError):
    """There is nothing of that name: the answer is no."""

    exit_code = ExitCode.NO


def _nothing(mesh: Mesh, kind: Kind, selection: Selection) -> str:
    known: set[str] = {kind.key(row) for row in kind.rows(mesh, replace(selection, name=""))}
    where = f" in {selection.proxy}" if selection.proxy else ""
    return f"no {kind.singular} {selection.name!r}{where}{nearest(selection.name, sorted(known))}"
