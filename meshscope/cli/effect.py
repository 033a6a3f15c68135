"""`meshscope effect [KIND/NAME]`: whether what people wrote is in effect, rule by rule and proxy by proxy, and why not."""

from __future__ import annotations

from collections.abc import Iterable

import click

from meshscope.cli import completing
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
from meshscope.render.effect_columns import OF_OBJECTS, OF_RULES, lines
from meshscope.render.text import safe


@click.command("effect", cls=Verb)
@click.argument("what", metavar="[KIND/NAME]", required=False, shell_complete=completing.objects)
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--proxy", metavar="POD", default="", cls=Option, section=FILTERS,
              help="on this proxy, also where a rule is not for it", shell_complete=completing.proxies)  # fmt: skip
@click.option("-n", "--namespace", metavar="NS", default="", cls=Option, section=FILTERS, help="of the object")
@source_options
@list_output_options
def command(
    *, what: str | None, name: str | None, proxy: str, namespace: str, source: Source, output: Output
) -> ExitCode:
    """Show where each rule of an Istio object is in effect, and where not, why not.

    Without an object: all of them, the worst first. A rule is in effect where the proxy has what istiod makes of it, partly
    where fields differ, not in effect where something decides against it, unknown where the input does not tell.

    \b
    Examples:
      meshscope effect virtualservice/reviews.default
      meshscope effect dr/reviews --proxy productpage -o wide
      meshscope effect --from bug-report.tar.gz
    """
    mesh = source.opened()
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


def _clients(configuration: Configuration, selection: Selection) -> tuple[Client, ...]:
    """Raises UsageError for an unknown proxy."""
    chosen = {proxy.name for proxy in selection.proxies(configuration.mesh)}
    return tuple(client for client in configuration.clients if client.name in chosen)


def _code(states: Iterable[State]) -> ExitCode:
    return ExitCode.FINE if all(state is State.IN_EFFECT for state in states) else ExitCode.NO
