"""The part of a manifest that an object of Envoy was made from: the rule of a route, the subset of a cluster. No widget in it.

https://istio.io/latest/docs/reference/config/networking/virtual-service/
https://istio.io/latest/docs/reference/config/networking/destination-rule/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from meshscope.istio.names import parse_cluster
from meshscope.listing.describe import Description
from meshscope.listing.kinds.routes import RouteRow
from meshscope.listing.registry import kind_named
from meshscope.listing.selection import Selection
from meshscope.location import Location
from meshscope.mesh.mesh import Mesh
from meshscope.path import Path
from meshscope.tui.text.forms import Text
from meshscope.work import UNFOLLOWED, Work

Rule = tuple[str, Path]
"""The name that istiod gives to the route, and the path in the manifest."""


def rule_of(mesh: Mesh, thing: Description, manifest: Description, work: Work = UNFOLLOWED) -> Path | None:
    """None where several parts are as likely, or none is known. Raises CancelledError."""
    spec = manifest.object.get("spec") if isinstance(manifest.object, dict) else None
    if not isinstance(spec, dict) or not isinstance(thing.object, dict):
        return None
    if thing.kind == "routes" and thing.object.get("index") is not None:
        return _of_route(mesh, thing, tuple(_rules(spec)), work)
    if thing.kind == "clusters":
        return _of_cluster(thing.name, spec)
    return None


def _rules(spec: dict[str, Any]) -> Iterator[Rule]:
    """A route for each match of each rule, in their order; istiod makes none of what is behind a rule without a match."""
    for number, rule in enumerate(_dicts(spec.get("http"))):
        name, path = str(rule.get("name") or ""), ("spec", "http", number)
        matches = _dicts(rule.get("match"))
        if not matches:
            yield name, path
            return
        for place, match in enumerate(matches):
            full = ".".join(filter(None, (name, str(match.get("name") or ""))))
            yield full, path if len(matches) == 1 else (*path, "match", place)


def _of_route(mesh: Mesh, thing: Description, rules: tuple[Rule, ...], work: Work) -> Path | None:
    """By its name where only one rule has it, else by its place among the routes that the manifest made."""
    own = str(thing.object.get("name") or "")
    named = [path for name, path in rules if own and name == own]
    if len(named) == 1:
        return named[0]
    made = list(_siblings(mesh, thing, work))
    if [row.name or "" for row in made] != [name for name, _ in rules]:
        return None
    places = [place for place, row in enumerate(made) if row.index == thing.object["index"]]
    return rules[places[0]][1] if places else None


def _siblings(mesh: Mesh, thing: Description, work: Work) -> Iterator[RouteRow]:
    """The routes of the same virtual host that were made from the same manifest."""
    table, host = str(thing.object.get("route_config")), thing.object.get("virtual_host")
    for row in kind_named("routes", mesh).rows(mesh, Selection(proxy=thing.proxy or "", name=table), work):
        if isinstance(row, RouteRow) and row.virtual_host == host and row.owner == thing.owner:
            yield row


def destination_of(rule: Path, made: Description, manifest: Description, cluster: str) -> Path:
    """Within a rule the destination that became a cluster of the route; the rule where that is not certain.

    istiod makes a weighted cluster of each destination, in their order.
    """
    http = rule[:3]
    if not isinstance(manifest.object, dict) or len(http) < 3 or not isinstance(http[2], int):
        return rule
    rules = _dicts((manifest.object.get("spec") or {}).get("http"))
    destinations = _dicts(rules[http[2]].get("route")) if http[2] < len(rules) else []
    clusters = list(made.object.get("cluster") or ()) if isinstance(made.object.get("cluster"), (list, tuple)) else []
    if clusters.count(cluster) != 1 or len(clusters) != len(destinations):
        return rule
    place = clusters.index(cluster)
    parts, subset = parse_cluster(cluster), (destinations[place].get("destination") or {}).get("subset") or ""
    return (*http, "route", place) if parts and parts.subset == subset else rule


def _of_cluster(name: str, spec: dict[str, Any]) -> Path | None:
    parts = parse_cluster(name)
    for number, subset in enumerate(_dicts(spec.get("subsets"))):
        if parts and parts.subset and subset.get("name") == parts.subset:
            return "spec", "subsets", number
    return None


def _dicts(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def part_of(thing: Description, part: Path, at: Location | None) -> Path:
    """The path within an object: that of a part, else that of a place in its document; empty where it is elsewhere."""
    whole = thing.location
    if part or at is None or whole is None or whole.document.name != at.document.name:
        return part
    depth = len(whole.path)
    return at.path[depth:] if at.path[:depth] == whole.path else ()


def line_of(text: Text, manifest: Description, path: Path) -> int | None:
    """The line of a path in an object's text; None where it is not found there."""
    if not path:
        return None
    if text.value is None and not text.note and manifest.location is not None:
        top, there = manifest.location.place(), manifest.location.below(path).place()
        if top.line is None or there.line is None or there.path == top.path:
            return None
        line = there.line - top.line
        return line if 0 < line < len(text.lines) else None
    paths = ((line, text.path_at(line) or ()) for line in range(len(text.lines)))
    found = (line for line, at in paths if at[: len(path)] == path)
    return next(found, None)
