"""`meshscope get KIND [NAME]`: tables, filtered as in `istioctl proxy-config`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

import click
from msgspec.structs import replace

from meshscope.cli import completing
from meshscope.cli.counted import Counted
from meshscope.cli.output_options import Output, list_output_options
from meshscope.cli.selection_options import selection_options, written
from meshscope.cli.source_options import Source, source_options
from meshscope.cli.verb import OUTPUT, Option, Verb
from meshscope.errors import UsageError
from meshscope.listing.kind import Column, Kind, Row
from meshscope.listing.registry import kind_named
from meshscope.listing.selection import Selection
from meshscope.mesh.bodies import collector_paused
from meshscope.mesh.mesh import Mesh


@click.command("get", cls=Verb)
@click.argument("kind", shell_complete=completing.kinds)
@click.argument("resource", metavar="[NAME]", required=False, shell_complete=completing.names)
@selection_options
@source_options
@list_output_options
@click.option(
    "-w",
    "--watch",
    is_flag=True,
    cls=Option,
    section=OUTPUT,
    help="list again when something changes, show the difference",
)
def command(
    *,
    kind: str,
    resource: str | None = None,
    watch: bool = False,
    selection: Selection,
    source: Source,
    output: Output,
) -> None:
    """List what the input holds of a KIND, with istioctl's columns and more.

    KIND is proxies, listeners, filterchains, routes, clusters, endpoints, secrets, ecds, bootstrap, services, or a
    kind of Kubernetes, Istio or the Gateway API (virtualservices, vs, gateways.networking.istio.io, pods, …).

    A narrow terminal leaves out what names share, then the columns that matter least; -o wide shows everything.

    \b
    Examples:
      meshscope get routes --proxy productpage --name 9080
      meshscope get clusters --fqdn reviews.default.svc.cluster.local -o json
      meshscope get endpoints --status unhealthy --from bug-report.tar.gz
      meshscope get listeners -o jsonpath='{.items[*].name}'
    """
    selection = replace(selection, name=resource or selection.name, at=source.at, counted=output.shows_all)
    if watch:
        _watch(kind, selection, source, output)
    mesh = source.opened()
    known = len(mesh.problems)
    chosen = kind_named(kind, mesh)
    chosen.accept(selection)
    with collector_paused():
        rows = Counted(output.sorted(chosen.rows(mesh, selection), chosen.row))
        if output.is_for_people:
            output.write_table(rows, _columns(mesh, chosen, selection, wide=output.is_wide))
        else:
            output.write_rows(
                rows,
                tail=lambda: (chosen.missing(mesh, selection), mesh.problems),
                name=lambda row: f"{chosen.singular}/{chosen.key(row)}",
            )
        source.narrate(_notes(mesh, chosen, selection, rows))
    source.tell_problems(mesh, before=known)


def _watch(kind: str, selection: Selection, source: Source, output: Output) -> NoReturn:
    """The table, then whatever goes and comes. A row is another one where a cell of it is."""
    from meshscope.cli.watching import meshes  # few watch

    if not output.is_for_people:
        raise UsageError("-w writes tables: -o table or -o wide")
    before: dict[tuple[str, ...], Row] | None = None
    for mesh in meshes(source):
        chosen = kind_named(kind, mesh)
        chosen.accept(selection)
        columns = _columns(mesh, chosen, selection, wide=output.is_wide)
        rows = output.sorted(chosen.rows(mesh, selection), chosen.row)
        now = {tuple(str(column.cell(row)) for column in columns): row for row in rows}
        if before is None:
            output.write_table(now.values(), columns)
        else:
            gone = [row for cells, row in before.items() if cells not in now]
            came = [row for cells, row in now.items() if cells not in before]
            output.write_difference(gone, came, columns)
        before = now
    raise AssertionError("watching has no end")


def _columns(mesh: Mesh, kind: Kind, selection: Selection, *, wide: bool) -> list[Column]:
    """All if `wide`; else neither the wide ones nor the proxy where there is only one. `--state` shows the state."""
    if wide:
        return list(kind.columns)
    alone = kind.of_proxies and len(selection.proxies(mesh)) == 1
    return [
        column
        for column in kind.columns
        if (not column.wide and not (alone and column.title == "PROXY"))
        or (selection.state and column.title == "STATE")
    ]


def _notes(mesh: Mesh, kind: Kind, selection: Selection, rows: Counted[Row]) -> Iterator[str]:
    """That there is nothing, what was not captured, and whose view it is where it is not Envoy's own."""
    missing = kind.missing(mesh, selection)
    if not rows.count and not missing:
        filters = written(selection)
        yield f"no {kind.name} match {filters}" if filters else f"no {kind.name} in this input"
    yield from missing
    if kind.of_proxies and {proxy.view for proxy in selection.proxies(mesh)} == {"istiod"}:
        yield "view: istiod (no Envoy was asked)"
