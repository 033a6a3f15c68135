"""`meshscope get KIND [NAME]`: tables, filtered as in `istioctl proxy-config`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

import click
from msgspec.structs import replace

from meshscope.cli import completing
from meshscope.cli.options.output import Output, table_output_options
from meshscope.cli.options.selection import selection_options
from meshscope.cli.options.source import Source, source_options
from meshscope.cli.row_counter import RowCounter
from meshscope.cli.verb import OUTPUT, Option, Verb
from meshscope.errors import UsageError
from meshscope.listing.column import Column
from meshscope.listing.column_choice import chosen_columns
from meshscope.listing.kind import Kind
from meshscope.listing.notes import Notes, notes
from meshscope.listing.registry import kind_named
from meshscope.listing.selection import Selection
from meshscope.mesh.bodies import collector_paused
from meshscope.mesh.mesh import Mesh
from meshscope.render.options import option_of, options_text

ALL = "all"
OF_ALL = ("clusters", "listeners", "routes", "endpoints", "secrets")


@click.command("get", cls=Verb)
@click.argument("kind", shell_complete=completing.kinds_or_objects)
@click.argument("resource", metavar="[NAME]", required=False, shell_complete=completing.names)
@selection_options
@source_options
@table_output_options
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
    """List the resources of a KIND, with istioctl's columns and more.

    KIND is proxies, listeners, filterchains, routes, clusters, endpoints, secrets, ecds, bootstrap, services, or a
    kind of Kubernetes, Istio or the Gateway API (virtualservices, vs, gateways.networking.istio.io, pods, …); of ztunnels
    also workloads and policies. KIND/NAME is a kind and a name. The word all lists clusters, listeners, routes, endpoints
    and secrets.

    A narrow terminal leaves out what names share, then the columns that matter least; -o wide shows everything.

    \b
    Examples:
      meshscope get routes --proxy productpage --name 9080
      meshscope get clusters --fqdn reviews.default.svc.cluster.local -o json
      meshscope get endpoints --status unhealthy --from bug-report.tar.gz
      meshscope get listeners -o jsonpath='{.items[*].name}'
      meshscope get vs/reviews -o jsonpath='{.items[0].object.spec.http}'
      meshscope get routes -o columns=name,match,route.timeout
    """
    kind, _, named = kind.partition("/")
    selection = replace(
        selection,
        name=resource or named or selection.name,
        at=source.at,
        with_counters=output.shows_all,
        with_objects=output.is_for_programs,
    )
    if kind == ALL:
        _all(selection, source, output)
        return
    if watch:
        _watch(kind, selection, source, output)
    mesh = source.opened()
    known = len(mesh.problems)
    _list(mesh, _kind(kind, mesh, selection), selection, source, output)
    source.tell_problems(mesh, before=known)


def _list(mesh: Mesh, chosen: Kind[Any], selection: Selection, source: Source, output: Output) -> None:
    with collector_paused():
        if output.columns:
            rows, columns = _with_named(mesh, chosen, selection, source, output)
        else:
            with source.reading() as work:
                rows = RowCounter(output.sorted(chosen.rows(mesh, selection, work), chosen.row))
                rows.start()
            columns = chosen_columns(mesh, chosen, selection, wide=output.is_wide) if output.is_for_people else ()
        if output.is_for_people:
            output.write_table(rows, columns, f"meshscope get {chosen.name}")
        else:
            output.write_rows(
                rows,
                tail=lambda: (chosen.missing(mesh, selection), mesh.problems),
                name=lambda row: f"{chosen.singular}/{chosen.key(row)}",
            )
        source.narrate(_note_lines(notes(mesh, chosen, selection, rows.count)))


def _with_named(
    mesh: Mesh, chosen: Kind[Any], selection: Selection, source: Source, output: Output
) -> tuple[RowCounter[Any], tuple[Column[Any], ...]]:
    """All rows, and the columns that are asked for."""
    from meshscope.listing.named_columns import named_columns  # only for -o columns=
    from meshscope.listing.rows import Rows

    with source.reading() as work:
        rows = Rows.of(chosen, mesh, selection, work, fields_too=True)
        columns = named_columns(mesh, rows, output.columns, work)
    counted = RowCounter(output.sorted(rows, chosen.row))
    counted.start()
    return counted, columns


def _all(selection: Selection, source: Source, output: Output) -> None:
    """A table for each kind of a proxy's configuration, as `istioctl proxy-config all` writes them."""
    if not output.is_table:
        raise UsageError(f"{ALL} writes tables: name one kind for -o {output.format}")
    mesh = source.opened()
    known = len(mesh.problems)
    for number, word in enumerate(OF_ALL):
        if number:
            output.write_lines([""], "")
        output.write_lines([word.upper()], "")
        _list(mesh, _kind(word, mesh, selection), selection, source, output)
    source.tell_problems(mesh, before=known)


def _kind(word: str, mesh: Mesh, selection: Selection) -> Kind[Any]:
    """Raises UsageError for an unknown kind, and for a filter that it does not have."""
    kind = kind_named(word, mesh)
    if field := kind.ignored_filter(selection):
        known = ", ".join(map(option_of, kind.filters))
        raise UsageError(f"{option_of(field)} does not apply to {kind.name}; it takes {known}")
    return kind


def _watch(word: str, selection: Selection, source: Source, output: Output) -> NoReturn:
    """The table, then the rows that are gone, new or changed, each time the sources change."""
    from meshscope.cli.watching import meshes  # only for -w
    from meshscope.listing.difference import difference
    from meshscope.listing.rows import Rows

    if not output.is_table:
        raise UsageError("-w writes tables: -o table or -o wide")
    before: Rows[Any] | None = None
    for mesh in meshes(source):
        kind = _kind(word, mesh, selection)
        columns = chosen_columns(mesh, kind, selection, wide=output.is_wide)
        with source.reading() as work:
            rows = Rows.of(kind, mesh, selection, work)
        if before is None:
            output.write_table(output.sorted(rows, kind.row), columns, "")
        else:
            output.write_difference(difference(before, rows, columns), columns)
        before = rows
    raise AssertionError("watching has no end")


def _note_lines(facts: Notes) -> Iterator[str]:
    if facts.is_empty:
        options = options_text(facts.filters)
        yield f"no {facts.kind} match {options}{facts.near}" if options else f"no {facts.kind} in this input"
    if facts.is_a_proxys_name:
        name = dict(facts.filters)["name"]
        yield f"a proxy has that name: meshscope get {facts.kind} --proxy {name}, or meshscope pc {facts.kind} {name}"
    yield from facts.missing
    yield from facts.refused
    yield from facts.wrong_fields
    if facts.without_time:
        whose = "the proxy" if facts.without_time == 1 else f"{facts.without_time} proxies"
        yield f"VALID CERT -: the time of capture of {whose} is not known; --at TIME judges certificates at that time"
    if facts.is_istiods_view:
        yield "view: istiod (Envoy's own configuration was not captured)"
