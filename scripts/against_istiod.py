"""Hold what `effect` expects against what istiod generated: its own dumps of the proxies of recorded meshes.

uv run python scripts/against_istiod.py RECORDING…

Both ways. Each route, cluster, filter chain and listener that istiod should make, of rules, of services and of its own, is
looked for in its dump, and is exact where all compared facts are equal. Each that the dump has must be made by a rule, or be
one of istiod's named defaults. A recording without istiod's dumps is held against those of Envoy, which has them from istiod.
Prints a table in Markdown, and with -v what is not exact or of neither; exit 1 where less than 98 % of the routes or clusters
are exact.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from msgspec import Struct, field

from meshscope import Mesh, open_snapshot
from meshscope.effect.answer import Made
from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.defaults.clusters import expected_clusters, whole_facts
from meshscope.effect.defaults.listeners import default_listeners
from meshscope.effect.defaults.routes import default_routes
from meshscope.effect.effects import kind_of
from meshscope.effect.http_routes.comparison import differences
from meshscope.effect.http_routes.expected import Expected
from meshscope.effect.made import FILTER_CHAIN, ROUTE, chain_name, made_of
from meshscope.effect.outcome import Outcome
from meshscope.effect.written import Written
from meshscope.envoy.resource import CLUSTER, LISTENER, ROUTES
from meshscope.istio.kubernetes import decode
from meshscope.mesh.chains import destination
from meshscope.mesh.virtual_hosts import virtual_hosts
from meshscope.snapshot.snapshot import Problem
from meshscope.xds.cluster import Cluster
from meshscope.xds.listener import Listener
from meshscope.xds.message import Undecodable
from meshscope.xds.route import VirtualHost

ENOUGH = 98.0
DOMAINS = "virtual host"
KINDS = (DOMAINS, ROUTE, CLUSTER, FILTER_CHAIN, LISTENER)
Name = tuple[str, str]
"""A kind of Envoy's objects, and a name as `describe` takes it."""


class Result(Struct):
    """Numbers by kind. `unlike` and `unclaimed` are lines for people."""

    expected: Counter[str] = field(default_factory=Counter)
    exact: Counter[str] = field(default_factory=Counter)
    present: Counter[str] = field(default_factory=Counter)
    by_rule: Counter[str] = field(default_factory=Counter)
    by_default: Counter[str] = field(default_factory=Counter)
    unlike: list[str] = []
    unclaimed: list[str] = []

    def judge(self, kind: str, where: str, wrong: str) -> None:
        self.expected[kind] += 1
        self.exact[kind] += not wrong
        if wrong:
            self.unlike.append(f"{where}: {wrong}")

    def share(self, kind: str) -> float:
        return 100 * self.exact[kind] / self.expected[kind] if self.expected[kind] else 100.0

    def add(self, other: Result) -> None:
        for name in ("expected", "exact", "present", "by_rule", "by_default"):
            getattr(self, name).update(getattr(other, name))


def opened(source: str) -> Mesh:
    """With istiod's account of the proxies where there is one."""
    snapshot = open_snapshot(source)
    has_istiods = any(Path(one.document.name).stem == "istiod_config_dump" for one in snapshot.captured)
    return Mesh(snapshot, view="istiod" if has_istiods else "")


def held(mesh: Mesh) -> Result:
    configuration = Configuration(mesh)
    result = Result()
    for client in configuration.clients:
        claimed: set[Name] = set()
        for outcome in outcomes(configuration, client):
            judge_rule(result, client, outcome)
            claimed |= {(made.kind, made.name) for made in made_of(client, (outcome,)) if outcome.is_meant}
        patched = {(made.kind, made.name) for made in patches(configuration, client)}
        named = {
            *clusters(result, configuration, client, patched),
            *routes(result, configuration, client, claimed),
            *listeners(result, configuration, client, claimed),
        }
        of_the_dump(result, client, claimed, named)
    return result


def outcomes(configuration: Configuration, client: Client, *, only: str = "") -> Iterator[Outcome]:
    """Of all rules of all objects that should have reached the proxy."""
    for item in configuration.mesh.objects:
        kind = kind_of(item)
        if kind is None or (only and item.kind != only) or (not only and item.kind == "EnvoyFilter"):
            continue
        value = decode(item, getattr(import_module(kind.type_module), item.kind))
        if not isinstance(value, Problem):
            module = import_module(f"meshscope.effect.kinds.{kind.module}")
            yield from (one for one in module.outcomes(configuration, Written(item, value), client) if one.is_meant)


def patches(configuration: Configuration, client: Client) -> Iterator[Made]:
    """What EnvoyFilters change."""
    yield from made_of(client, outcomes(configuration, client, only="EnvoyFilter"))


def judge_rule(result: Result, client: Client, outcome: Outcome) -> None:
    """What a rule makes where it should. Whether it is any use, as a route to a cluster that nothing makes, is not asked here.
    Clusters are judged below with their defaults.
    """
    kind = {ROUTES: ROUTE, LISTENER: FILTER_CHAIN}.get(outcome.kind)
    if kind is None or (
        outcome.made is None and (outcome.expected is None or outcome.is_local)
    ):  # it makes nothing there
        return
    is_moved = "stands behind" in outcome.because
    wrong = "; ".join(map(str, outcome.differences)) or (outcome.because if outcome.made is None or is_moved else "")
    result.judge(kind, f"{client.name} {outcome.kind} {outcome.name}", wrong)


def clusters(result: Result, configuration: Configuration, client: Client, patched: set[Name]) -> Iterator[Name]:
    """With all facts that are compared, those of istiod's defaults among them."""
    for one in expected_clusters(configuration, client):
        resource = client.proxy.resource(CLUSTER, one.name)
        cluster = client.proxy.read(resource, Cluster) if resource else None
        wrong = "" if isinstance(cluster, Cluster) else "is not in the dump"
        if isinstance(cluster, Cluster) and one.facts is not None and (CLUSTER, one.name) not in patched:
            mine, theirs = one.facts, whole_facts(cluster)
            fields = [each for each in {**mine, **theirs} if each in mine or not each.startswith("tls")]
            unlike = [each for each in fields if mine.get(each) != theirs.get(each)]
            wrong = "; ".join(f"{each} is {theirs.get(each)}, not {mine.get(each)}" for each in unlike)
        result.judge(CLUSTER, f"{client.name} cluster {one.name}", wrong)
        yield CLUSTER, one.name


def routes(result: Result, configuration: Configuration, client: Client, claimed: set[Name]) -> Iterator[Name]:
    """Of virtual hosts that no VirtualService has; and the domains of all whose hosts are services."""
    for one in default_routes(configuration, client):
        name = f"{one.table}/{one.virtual_host}/0"
        table = client.tables.get(one.table)
        known = {each.name: each for each in (virtual_hosts(table) if table else ()) if isinstance(each, VirtualHost)}
        host = known.get(one.virtual_host)
        if one.domains is not None:
            actual = set(host.domains) if host else set()
            unlike = ", ".join(sorted(actual ^ one.domains))
            result.judge(DOMAINS, f"{client.name} virtual host {name}", unlike and f"domains differ: {unlike}")
        if (ROUTE, name) not in claimed:
            route = host.routes[0] if host and host.routes else None
            expected = Expected((), one.route, unsaid=one.unsaid)
            wrong = "; ".join(map(str, differences(expected, route))) if route else "is not in the dump"
            result.judge(ROUTE, f"{client.name} route {name}", wrong)
            yield ROUTE, name


def listeners(result: Result, configuration: Configuration, client: Client, claimed: set[Name]) -> Iterator[Name]:
    """With what they lead to, unless a rule has filter chains of its own among theirs."""
    for one in default_listeners(configuration, client):
        resource = client.proxy.resource(LISTENER, one.name)
        listener = client.proxy.read(resource, Listener) if resource else None
        wrong = "" if isinstance(listener, Listener) else "is not in the dump"
        if isinstance(listener, Listener):
            chains = [(chain_name(one.name, index), destination(chain)) for index, chain in listener.chains()]
            ends = {end for _, to in chains for end in (*to.route_configs, *to.clusters)}
            has_rules = any((FILTER_CHAIN, name) in claimed for name, _ in chains) and one.leads_to - ends
            if ends != one.leads_to and not has_rules:
                wrong = f"leads to {', '.join(sorted(ends))}, not to {', '.join(sorted(one.leads_to))}"
            yield from ((FILTER_CHAIN, name) for name, _ in chains)
        result.judge(LISTENER, f"{client.name} listener {one.name}", wrong)
        yield LISTENER, one.name


def of_the_dump(result: Result, client: Client, claimed: set[Name], named: set[Name]) -> None:
    for kind, name in in_dump(client):
        result.present[kind] += 1
        inner = (
            any(of == FILTER_CHAIN and one.startswith(f"{name}/") for of, one in claimed) if kind == LISTENER else False
        )
        if (kind, name) in claimed or inner:
            result.by_rule[kind] += 1
        elif (kind, name) in named:
            result.by_default[kind] += 1
        else:
            result.unclaimed.append(f"{client.name} {kind} {name}")


def in_dump(client: Client) -> Iterator[Name]:
    for resource in client.proxy.resources(CLUSTER):
        if resource.state != "static":  # of the bootstrap, which istiod does not send
            yield CLUSTER, resource.name
    for resource in client.proxy.resources(LISTENER):
        if resource.state != "static":
            listener = client.proxy.read(resource, Listener)
            yield LISTENER, resource.name
            for index, _ in listener.chains() if isinstance(listener, Listener) else ():
                yield FILTER_CHAIN, chain_name(resource.name, index)
    for name, table in client.tables.items():
        for host in virtual_hosts(table) if name else ():  # without a name it is of the bootstrap
            if not isinstance(host, Undecodable):
                yield from ((ROUTE, f"{name}/{host.name}/{index}") for index in range(len(host.routes)))


def row(name: str, result: Result) -> str:
    cells = [f"{result.exact[kind]}/{result.expected[kind]}" for kind in KINDS]
    sums = [sum(each.values()) for each in (result.present, result.by_rule, result.by_default)]
    return "| " + " | ".join((name, *cells, *map(str, sums), str(sums[0] - sums[1] - sums[2]))) + " |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recordings", nargs="+", metavar="RECORDING")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    total, lines = Result(), []
    titles = ("recording", "virtual hosts", "routes", "clusters", "filter chains", "listeners", "in the dump", "of rules",
              "of defaults", "of neither")  # fmt: skip
    print(f"| {' | '.join(titles)} |")
    print("|---" * len(titles) + "|")
    for source in options.recordings:
        result = held(opened(source))
        print(row(Path(source).name.removesuffix(".tar.gz"), result), flush=True)
        total.add(result)
        lines += [
            *(f"{source}: {one}" for one in result.unlike),
            *(f"{source}: {one} is of neither" for one in result.unclaimed),
        ]
    print(row("together", total))
    print("\n" + ", ".join(f"{kind} {total.share(kind):.2f} %" for kind in KINDS))
    if options.verbose:
        print("\n".join(lines))
    return 0 if min(total.share(ROUTE), total.share(CLUSTER)) >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())
