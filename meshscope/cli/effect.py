"""`meshscope effect [KIND/NAME]`: whether what people wrote is in effect, rule by rule and proxy by proxy, and why not."""

from __future__ import annotations

from collections.abc import Iterable

import click

from meshscope.cli import completing
from meshscope.cli.options.applying import what_if_of, with_option
from meshscope.cli.options.output import Output, list_output_options
from meshscope.cli.options.source import Source, source_options
from meshscope.cli.verb import FILTERS, Option, Verb
from meshscope.effect.answer import ObjectEffect, RuleEffect, State
from meshscope.effect.asked import object_asked
from meshscope.effect.clients import Client
from meshscope.effect.configuration import NEWEST, Configuration
from meshscope.effect.effects import KIND_NAMES, effects
from meshscope.effect.overview import worst_first
from meshscope.errors import ExitCode
from meshscope.listing.selection import Selection
from meshscope.mesh.bodies import collector_paused
from meshscope.mesh.mesh import Mesh
from meshscope.render.effect_columns import OF_OBJECTS, OF_RULES, lines
from meshscope.render.text import safe


@click.command("effect", cls=Verb)
@click.argument("what", metavar="[KIND/NAME]", required=False, shell_complete=completing.objects)
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--proxy", metavar="POD", default="", cls=Option, section=FILTERS,
              help="on this proxy, also where a rule is not for it", shell_complete=completing.proxies)  # fmt: skip
@click.option("-n", "--namespace", metavar="NS", default="", cls=Option, section=FILTERS, help="of the object")
@source_options
@with_option
@list_output_options
def command(
    *,
    what: str | None,
    name: str | None,
    proxy: str,
    namespace: str,
    source: Source,
    files: tuple[str, ...],
    output: Output,
) -> ExitCode:
    """Show where each rule of an Istio object is in effect, and where not, why not.

    Without an object: all of them, the worst first. A rule is in effect where the proxy has what istiod makes of it, partly
    where fields differ, not in effect where something decides against it, unknown where the input does not tell.
    With --with: what would be different in the proxies if those manifests were applied.

    \b
    Examples:
      meshscope effect virtualservice/reviews.default
      meshscope effect dr/reviews --proxy productpage -o wide
      meshscope effect --from bug-report.tar.gz
      meshscope effect --with canary.yaml
    """
    mesh = source.opened()
    if files:
        return _applied(mesh, what, name, Selection(proxy=proxy, namespace=namespace), files, source, output)
    configuration = Configuration(mesh)
    clients = _clients(configuration, Selection(proxy=proxy))
    if configuration.is_newer_than_rules:
        known = ".".join(map(str, NEWEST))
        source.narrate(
            [f"this control plane is newer than the rules of this version of meshscope, which end at Istio {known}"]
        )
    with collector_paused():
        if what is None:
            return _all(configuration, clients, namespace, source, output)
        item = object_asked(mesh, what, name or "", namespace)
        with source.reading() as work:
            found = effects(configuration, item, clients, named=bool(proxy), work=work)
    if output.is_for_people:
        columns = (column for column in OF_RULES if output.is_wide or not column.wide)
        output.write_table(lines(output.sorted(found, RuleEffect)), columns, f"meshscope effect {safe(str(item))}")
    else:
        output.write_rows(
            output.sorted(found, RuleEffect),
            lambda: ((), mesh.problems),
            lambda row: f"{row.rule or 'all'}/{row.proxy}",
        )
    return _code(one.state for one in found)


def _all(
    configuration: Configuration, clients: tuple[Client, ...], namespace: str, source: Source, output: Output
) -> ExitCode:
    mesh = configuration.mesh
    with source.reading() as work:
        found = worst_first(configuration, clients, namespace, work)
    rows = output.sorted(found, ObjectEffect)
    if output.is_for_people:
        output.write_table(rows, OF_OBJECTS, "meshscope effect")
    else:
        output.write_rows(rows, lambda: ((), mesh.problems), lambda row: row.object)
    if not found:
        source.narrate([f"this input has no object whose effect is known: {', '.join(KIND_NAMES)}"])
    return _code(one.state for one in found)


def _applied(
    mesh: Mesh,
    what: str | None,
    name: str | None,
    selection: Selection,
    files: tuple[str, ...],
    source: Source,
    output: Output,
) -> ExitCode:
    """What would be different; only of the object that is asked about, and on the chosen proxies."""
    from meshscope.overlay.applied import named  # only for --with
    from meshscope.overlay.change import Change, Reach
    from meshscope.render.change_columns import OF_CHANGES, change_lines, not_rebuilt_lines

    proxies = {one.name for one in selection.proxies(mesh)}
    what_if = what_if_of(source, mesh, files)
    item = object_asked(what_if.mesh, what, name or "", selection.namespace) if what else None
    wanted = str(named(item)) if item else ""

    def is_asked(about: str, proxy: str | None) -> bool:
        own = f" {selection.namespace}/" in about or not selection.namespace
        return (wanted in ("", about) and own) and (proxy is None or proxy in proxies)

    changes = [one for one in what_if.changes if is_asked(one.object, one.proxy)]
    notes = (*what_if.not_rebuilt, *what_if.idle)
    unknown = [one for one in notes if one.proxy is None or one.proxy in proxies]
    if output.is_for_people:
        lines = change_lines(output.sorted(changes, Change))
        output.write_table(
            lines, (one for one in OF_CHANGES if output.is_wide or not one.wide), "meshscope effect --with"
        )
        source.narrate(not_rebuilt_lines(unknown))
        if what_if.applied and not changes and not unknown:
            source.narrate(["nothing would be different in the proxies of this input"])
    else:
        missing = tuple(not_rebuilt_lines(unknown))
        output.write_rows(
            output.sorted(changes, Change), lambda: (missing, mesh.problems), lambda row: f"{row.what}/{row.name}"
        )
    is_same = not changes and all(one.decides is Reach.NOWHERE for one in unknown)
    return ExitCode.FINE if is_same else ExitCode.NO


def _clients(configuration: Configuration, selection: Selection) -> tuple[Client, ...]:
    """Raises UsageError for an unknown proxy."""
    chosen = {proxy.name for proxy in selection.proxies(configuration.mesh)}
    return tuple(client for client in configuration.clients if client.name in chosen)


def _code(states: Iterable[State]) -> ExitCode:
    return ExitCode.FINE if all(state is State.IN_EFFECT for state in states) else ExitCode.NO
