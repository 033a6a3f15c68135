"""`meshscope find WHAT`: everything that refers to something, in all proxies."""

from __future__ import annotations

import click

from meshscope.cli import completing
from meshscope.cli.options.output import Output, list_output_options
from meshscope.cli.options.source import Source, source_options
from meshscope.cli.row_counter import RowCounter
from meshscope.cli.verb import FILTERS, Option, Verb
from meshscope.errors import ExitCode, UsageError
from meshscope.listing.find import find
from meshscope.listing.mention import COLUMNS, Mention
from meshscope.listing.mentioning import COLUMNS as OBJECT_COLUMNS
from meshscope.listing.mentioning import by_object
from meshscope.listing.selection import Selection
from meshscope.mesh.bodies import collector_paused
from meshscope.render.text import safe


@click.command("find", cls=Verb)
@click.argument("what", shell_complete=completing.mentioned)
@click.option("--proxy", metavar="POD", default="", cls=Option, section=FILTERS, help="in this proxy only",
              shell_complete=completing.proxies)  # fmt: skip
@click.option("-n", "--namespace", metavar="NS", default="", cls=Option, section=FILTERS,
              help="in proxies of this namespace only")  # fmt: skip
@source_options
@list_output_options
def command(*, what: str, proxy: str, namespace: str, source: Source, output: Output) -> int:
    """Find everything that refers to WHAT, in all proxies and manifests.

    WHAT is an IP, IP:port, host, cluster, SAN, secret, any other name, or an object as kind/name.namespace. A word is
    found where it stands alone; an IP also in the ranges of filter chains. Each object that refers to it is a line, with
    the number of proxies that have it; -o wide, and the formats for programs, list each place in it.

    \b
    Examples:
      meshscope find 10.20.0.21
      meshscope find reviews.default.svc.cluster.local -o json
      meshscope find vs/reviews.default
    """
    if not what.strip():
        raise UsageError("find: WHAT is empty; it is an IP, a host, a cluster, an object …")
    mesh = source.opened()
    selection = Selection(proxy=proxy, namespace=namespace, at=source.at)
    with collector_paused():
        with source.reading() as work:
            mentions = RowCounter(output.sorted(find(mesh, what, selection, work), Mention))
            mentions.start()
            objects = by_object(mentions) if output.is_summary else ()
        title = f"meshscope find {safe(what)}"
        if output.is_summary:
            output.write_table(objects, OBJECT_COLUMNS, title)
        elif output.is_for_people:
            output.write_table(mentions, (column for column in COLUMNS if output.is_wide or not column.wide), title)
        else:
            output.write_rows(mentions, lambda: ((), mesh.problems), lambda mention: f"{mention.kind}/{mention.name}")
    if output.is_summary and mentions.count > len(objects):
        source.narrate([f"{mentions.count} places in all; -o wide lists them"])
    if not mentions.count:
        source.narrate([f"nothing refers to {what!r} in this input"])
    return ExitCode.FINE if mentions.count else ExitCode.NO
