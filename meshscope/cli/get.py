"""`meshscope get KIND [NAME]`: tables, filtered as in `istioctl proxy-config`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import click

from meshscope.cli import completing
from meshscope.cli.output_options import has_colour, output_options, terminal_cells, write
from meshscope.cli.source_options import opened, source_options, tell_problems
from meshscope.errors import UsageError
from meshscope.mesh.bodies import collector_paused
from meshscope.mesh.kinds.kind import Column, Kind, Row
from meshscope.mesh.kinds.registry import kind_named
from meshscope.mesh.kinds.selection import Selection
from meshscope.mesh.mesh import Mesh
from meshscope.render import machine
from meshscope.render.table import table

F = TypeVar("F", bound=Callable[..., Any])
STATES = ("active", "static", "warming", "draining", "error", "all")


def selection_options(function: F) -> F:
    """The filters, as in `istioctl proxy-config`."""
    for option in reversed((
        click.option("--proxy", metavar="POD", default="", help="a pod, pod.namespace, workload or app",
                     shell_complete=completing.proxies),
        click.option("-n", "--namespace", metavar="NS", default="", help="of the proxy or object"),
        click.option("-A", "--all-namespaces", is_flag=True, help="all namespaces (the default)"),
        click.option("-l", "--selector", "labels", metavar="LABELS", default="", help="key=value,… of the pod or object"),
        click.option("--port", type=int, metavar="PORT", help="of the listener, cluster or endpoint"),
        click.option("--address", metavar="IP", default="", help="of the listener or endpoint"),
        click.option("--fqdn", metavar="HOST", default="", help="the service's full name"),
        click.option("--subset", metavar="SUBSET", default="", help="of the cluster"),
        click.option("--direction", type=click.Choice(["inbound", "outbound", "inbound-vip"]), help="of the traffic"),
        click.option("--type", "type_", metavar="TYPE", default="", help="of the cluster (EDS, …) or listener (ROUTE, …)"),
        click.option("--cluster", metavar="CLUSTER", default="", help="the cluster that it is of, or leads to"),
        click.option("--status", metavar="STATUS", default="", help="health of the endpoint, status of the secret"),
        click.option("--name", "resource_name", metavar="NAME", default="", help="the resource's name"),
        click.option("--state", type=click.Choice(STATES), help="default: what is in effect (active and static)"),
    )):  # fmt: skip
        function = option(function)
    return function


def selected(options: dict[str, Any], name: str | None, at: str) -> Selection:
    """The filters of a command line as a Selection."""
    return Selection(
        proxy=options["proxy"],
        namespace="" if options["all_namespaces"] else options["namespace"],
        labels=tuple(_labels(options["labels"])),
        port=options["port"],
        address=options["address"],
        fqdn=options["fqdn"],
        subset=options["subset"],
        direction=options["direction"] or "",
        type=options["type_"],
        cluster=options["cluster"],
        status=options["status"],
        name=name or options["resource_name"],
        state=options["state"] or "",
        at=at,
    )


def _labels(text: str) -> Iterator[tuple[str, str]]:
    for part in filter(None, text.split(",")):
        key, equals, value = part.partition("=")
        if not equals or not key:
            raise UsageError(f"-l {text!r}: labels are key=value, several with commas between")
        yield key.strip(), value.removeprefix("=").strip()


@click.command("get")
@click.argument("kind", shell_complete=completing.kinds)
@click.argument("name", required=False, shell_complete=completing.names)
@selection_options
@source_options
@output_options
@click.option("--sort-by", metavar="FIELD", default="", help="a field of the JSON rows")
@click.option("--no-headers", is_flag=True, help="no line of titles")
def command(
    kind: str,
    sources: tuple[str, ...],
    view: str | None,
    at: str,
    quiet: bool,
    verbose: bool,
    output: str,
    no_color: bool,
    sort_by: str,
    no_headers: bool,
    name: str | None = None,
    **options: Any,
) -> None:
    """List what the input holds of a KIND, with istioctl's columns and more.

    KIND is proxies, listeners, filterchains, routes, clusters, endpoints, secrets, ecds, bootstrap, services, or a kind of
    Kubernetes, Istio or the Gateway API (virtualservices, vs, gateways.networking.istio.io, pods, …).

    \b
    Examples:
      meshscope get routes --proxy productpage --name 9080
      meshscope get clusters --fqdn reviews.default.svc.cluster.local -o json
      meshscope get endpoints --status unhealthy --from bug-report.tar.gz
      meshscope get listeners -o jsonpath='{.items[*].name}'
    """
    mesh = opened(sources, view, quiet=quiet, verbose=verbose)
    known = len(mesh.problems)
    chosen = kind_named(kind, mesh)
    selection = selected(options, name, at)
    with collector_paused():
        rows = _sorted(chosen.rows(mesh, selection), sort_by)
        if output in ("table", "wide"):
            _table(mesh, chosen, selection, rows, wide=output == "wide", colour=has_colour(no_color), headers=not no_headers)
            _notes(mesh, chosen, selection, quiet=quiet)
        else:
            write(_machine(mesh, chosen, selection, rows, output))
    tell_problems(mesh, quiet=quiet, verbose=verbose, before=known)


def _sorted(rows: Iterable[Row], field: str) -> Iterable[Row]:
    if not field:
        return rows
    name = field.strip("{}").lstrip(".").removeprefix("items[*].")
    everything = list(rows)
    if everything and name not in everything[0].__struct_fields__:
        raise UsageError(f"--sort-by: no field {name!r}; there are {', '.join(everything[0].__struct_fields__)}")
    return sorted(everything, key=lambda row: _key(getattr(row, name)))


def _key(value: Any) -> tuple[int, Any]:
    """Numbers by size, text by letters, nothing first."""
    if value is None:
        return (0, 0)
    return (1, value) if isinstance(value, (int, float)) else (2, str(value))


def _table(
    mesh: Mesh, kind: Kind, selection: Selection, rows: Iterable[Row], *, wide: bool, colour: bool, headers: bool
) -> None:
    columns = [column for column in kind.columns if wide or not column.wide]
    if kind.of_proxies and not wide and len(selection.proxies(mesh)) == 1:
        columns = [column for column in columns if column.title != "PROXY"]
    if selection.state and not wide:
        columns += [column for column in kind.columns if column.title == "STATE"]
    lines = table(rows, _distinct(columns), cells=terminal_cells(), colour=colour, headers=headers)
    write(line + "\n" for line in lines)


def _distinct(columns: list[Column]) -> list[Column]:
    return list(dict.fromkeys(columns))


def _notes(mesh: Mesh, kind: Kind, selection: Selection, *, quiet: bool) -> None:
    """What was not captured, and whose view it is where it is not Envoy's own."""
    if quiet:
        return
    for note in kind.missing(mesh, selection):
        click.echo(note, err=True)
    if kind.of_proxies and (views := {proxy.view for proxy in selection.proxies(mesh)}) == {"istiod"}:
        click.echo(f"view: {views.pop()} (no Envoy was asked)", err=True)


def _machine(mesh: Mesh, kind: Kind, selection: Selection, rows: Iterable[Row], output: str) -> Iterator[str]:
    def tail() -> tuple[Any, Any]:
        return kind.missing(mesh, selection), mesh.problems

    if output == "json":
        yield from machine.as_json(rows, tail)
    elif output == "jsonl":
        yield from machine.as_jsonl(rows)
    elif output == "yaml":
        yield from machine.as_yaml(rows, tail)
    elif output == "name":
        yield from (f"{kind.singular}/{kind.key(row)}\n" for row in rows)
    else:
        from meshscope.render.jsonpath import filled  # noqa: PLC0415  # only -o jsonpath pays for it

        items = [machine.plain(machine.shown(row)) for row in rows]
        yield filled(output.removeprefix("jsonpath="), {"version": 1, "items": items}) + "\n"
