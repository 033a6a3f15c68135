"""`meshscope describe KIND/NAME`: everything known about one object."""

from __future__ import annotations

import click
from msgspec.structs import replace

from meshscope.cli import completing
from meshscope.cli.output_options import Output, output_options
from meshscope.cli.selection_options import selection_options
from meshscope.cli.source_options import Source, source_options
from meshscope.cli.verb import Verb
from meshscope.errors import ExitCode, UsageError
from meshscope.listing.absence import nothing_named
from meshscope.listing.describe import describe
from meshscope.listing.registry import kind_named
from meshscope.listing.selection import Selection
from meshscope.mesh.bodies import collector_paused
from meshscope.render import machine
from meshscope.render.description import description
from meshscope.render.text import safe


@click.command("describe", cls=Verb)
@click.argument("what", metavar="KIND/NAME", shell_complete=completing.objects)
@click.argument("resource", metavar="[NAME]", required=False, shell_complete=completing.names)
@selection_options
@source_options
@output_options
def command(*, what: str, resource: str | None, selection: Selection, source: Source, output: Output) -> None:
    """Everything known about one object: fields, owner, who uses it, what it reaches, sync state.

    \b
    Examples:
      meshscope describe cluster/'outbound|9080|v1|reviews.default.svc.cluster.local' --proxy productpage
      meshscope describe routes/9080 --proxy productpage -o yaml
      meshscope describe vs/reviews.default
    """
    word, slash, rest = what.partition("/")
    wanted = rest if slash else resource or selection.name
    if not wanted:
        raise UsageError(f"describe {word}: which one? name it as {word}/NAME")
    selection = replace(selection, name=wanted, at=source.at)
    mesh = source.opened()
    kind = kind_named(word, mesh)
    with collector_paused():
        found = describe(mesh, kind, selection)
    if found is None:
        raise NothingError(nothing_named(mesh, kind, selection))
    if output.is_for_people:
        lines = description(found, colour=output.colour, cells=output.cells)
        output.write_lines(lines, f"meshscope describe {safe(found.kind)}/{safe(found.name)}")
    else:
        value = {"version": 1, **machine.plain(machine.shown(found))}
        output.write_object(value, f"{kind.singular}/{found.name}")
    if more := len(found.also_in):
        others = "another proxy has" if more == 1 else f"{more} more proxies have"
        source.narrate([f"this is the one of {found.proxy}; {others} one of that name, --proxy chooses"])


class NothingError(UsageError):
    """Nothing has that name: the answer is no."""

    exit_code = ExitCode.NO
