"""`meshscope describe KIND/NAME`: all fields of one object, its owner, its users and what it reaches."""

from __future__ import annotations

import click
from msgspec.structs import replace

from meshscope.cli import completing
from meshscope.cli.options.output import Output, output_options
from meshscope.cli.options.selection import selection_options
from meshscope.cli.options.source import Source, source_options
from meshscope.cli.verb import Verb
from meshscope.effect.described import NONE, attribution
from meshscope.errors import ExitCode, UsageError
from meshscope.listing.absence import nothing_named
from meshscope.listing.describe import describe
from meshscope.listing.registry import kind_named
from meshscope.listing.selection import Selection
from meshscope.mesh.bodies import collector_paused
from meshscope.render import machine
from meshscope.render.attribution import sections
from meshscope.render.description import description
from meshscope.render.text import safe


@click.command("describe", cls=Verb)
@click.argument("what", metavar="KIND/NAME", shell_complete=completing.objects)
@click.argument("resource", metavar="[NAME]", required=False, shell_complete=completing.names)
@selection_options
@source_options
@output_options
def command(*, what: str, resource: str | None, selection: Selection, source: Source, output: Output) -> None:
    """Show all fields of one object, its owner, its users, what it reaches, and its sync state.

    Of an Istio object also what each of its rules made in which proxies, and whether it is in effect; of Envoy's which rules
    made it, with file and line.

    \b
    Examples:
      meshscope describe cluster/'outbound|9080|v1|reviews.default.svc.cluster.local' --proxy productpage
      meshscope describe routes/9080 --proxy productpage -o yaml
      meshscope describe vs/reviews.default
    """
    word, slash, rest = what.partition("/")
    name = rest if slash else resource or selection.name
    mesh = source.opened()
    try:
        kind = kind_named(word, mesh)
    except UsageError as error:
        raise error if name else UsageError(f"{error}; an object is named as KIND/NAME") from None
    if not name:
        raise UsageError(f"describe {word}: the name is missing, as in {word}/NAME")
    selection = replace(selection, name=name, at=source.at)
    with collector_paused(), source.reading() as work:
        thing = describe(mesh, kind, selection, work)
        found = attribution(mesh, thing, work) if thing else NONE
    if thing is None:
        raise NothingError(nothing_named(mesh, kind, selection))
    if output.is_for_people:
        rules = sections(found, colour=output.colour, cells=output.cells)
        lines = description(thing, colour=output.colour, cells=output.cells, attribution=rules)
        output.write_lines(lines, f"meshscope describe {safe(thing.title)}")
    else:
        value = {"version": 1, **machine.plain(machine.resolved(thing)), **machine.plain(machine.resolved(found))}
        output.write_object(value, f"{kind.singular}/{thing.name}")
    if more := len(thing.also_in):
        others = "another proxy has" if more == 1 else f"{more} more proxies have"
        source.narrate([f"this is the {kind.singular} of {thing.proxy}; {others} one with this name, --proxy chooses"])


class NothingError(UsageError):
    """Nothing has that name: the answer is no."""

    exit_code = ExitCode.NO
