"""One thing changed in recorded meshes where all is well, in manifests or in what proxies have: is it told, and of whom?

uv run python -m tests.effect.mutations [-v]

Manifests: each value of each object that is in effect, one after the other. Proxies: each value of the routes, clusters and
RBAC entries that rules made, in the fields that the rule sets, in one proxy of each namespace. Prints how many changes there
were, how many are told of the object that they are of, and how many of an object that has nothing to do with it.
"""

from __future__ import annotations

import copy
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from meshscope.effect.answer import RuleEffect, State
from meshscope.effect.clusters.expected import Facts, policy_facts
from meshscope.effect.clusters.policy import for_subset
from meshscope.effect.configuration import Configuration
from meshscope.envoy.resource import CLUSTER
from meshscope.istio.kubernetes import decode
from meshscope.istio.names import parse_cluster
from meshscope.istio.objects.destination_rule import DestinationRule
from meshscope.location import Document
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.reading import open_snapshot
from meshscope.snapshot.snapshot import Snapshot

from . import recorded
from .recorded import Json

Effects = dict[str, tuple[RuleEffect, ...]]
KeyPath = tuple[str | int, ...]
Find = Callable[[Json], Json]

UNSEEN = {
    r"http\[4\]": "the rule of the missing delegate is not in effect before and after",
    r"subsets\[2\]\.(name|labels)": "a subset that selects nothing selects nothing under another name",
    r"labels\.pool": "of endpoints that are no pods, only the control plane knows the labels",
    r"hosts\[0\]: \*$": "every name, and no name, is all that a raw connection has",
    r"hosts\[0\]: shop/cart|other\.example": "another host of the server takes it; nothing serves it",
    r"failover\[0\]\.(from|to)": "of two regions the other one is next anyway",
    r"ServiceEntry .* spec\.ports\[\d\]\.name": "it names no part of a proxy",
    r"servers\[\d\]\.port\.name": "of HTTP and TCP it names nothing",
    r"tcp\[0\]\.route\[0\]\.weight": "of a single destination it does not count",
    r"subsets\[1\]\.trafficPolicy\.portLevelSettings\[0\]\.port": "of one subset, for a port that may come",
}
"""Changes of manifests that have no consequence in these meshes, and why."""

OF_ROUTES = (
    "match", "cluster", "weighted_clusters", "timeout", "prefix_rewrite", "regex_rewrite", "host_rewrite_literal",
    "request_mirror_policies", "redirect", "direct_response", "typed_per_filter_config", "request_headers_to_add",
    "request_headers_to_remove", "response_headers_to_add", "response_headers_to_remove",
)  # fmt: skip
NOT_OF_RULES = re.compile(
    r"@type|trace_sampled|disable_shadow_host_suffix_append|filter_enabled|forward_not_matching_preflights|denominator"
    r"|track_remaining|enforcing_|max_ejection_time"
)
"""Parts of those fields that istiod sets whatever a rule says."""


class Change(Struct, frozen=True):
    """`told`: of the object itself. `wrong` are objects that have nothing to do with it and are told of."""

    where: str
    told: bool
    wrong: tuple[str, ...] = ()
    unseen: str = ""


def other(value: Json) -> Json:
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value - 1 if value in (100, 1_000_000) else value + 1
    if re.fullmatch(r"[\d.]+(ms|s|m|h)", value):
        return "7.25s"
    words = {
        "ROUND_ROBIN": "RANDOM", "RANDOM": "ROUND_ROBIN", "LEAST_REQUEST": "RANDOM", "UPGRADE": "DO_NOT_UPGRADE",
        "SIMPLE": "MUTUAL", "MUTUAL": "SIMPLE", "ISTIO_MUTUAL": "SIMPLE", "PASSTHROUGH": "SIMPLE", "TLSV1_2": "TLSV1_3",
        "HTTP": "TCP", "HTTPS": "HTTP", "TLS": "HTTP", "TCP": "HTTP", "STRICT": "DISABLE", "PERMISSIVE": "STRICT",
        "DISABLE": "STRICT", "ALLOW": "DENY", "DENY": "ALLOW", "EDS": "STATIC", "STRICT_DNS": "STATIC",
        "DNS": "STATIC", "STATIC": "DNS", "NONE": "STATIC", "MESH_EXTERNAL": "MESH_INTERNAL", "MESH_INTERNAL": "MESH_EXTERNAL",
    }  # fmt: skip
    return words.get(value, f"{value}x")


def text_of(path: KeyPath) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def new(before: Effects, after: Effects) -> set[str]:
    """The objects of which something is told that was not before."""
    return {name for name, found in after.items() if recorded.bad(found) - recorded.bad(before.get(name, ()))}


# --- manifests -----------------------------------------------------------------------------------------------------


def of_manifests(mesh: Mesh, kinds: tuple[str, ...]) -> Iterator[Change]:
    before = recorded.judged(mesh)
    for item in mesh.objects:
        name = str(item)
        if item.kind not in kinds or not any(one.state is State.IN_EFFECT for one in before.get(name, ())):
            continue
        body = msgspec.json.decode(item.body)
        for path, value in recorded.leaves(body["spec"], ("spec",)):
            text = f"{name} {text_of(path)}: {value}"
            why = next((why for pattern, why in UNSEEN.items() if re.search(pattern, text)), "")

            def change(body: Json, path: KeyPath = path, value: Json = value) -> None:
                recorded.at(body, path[:-1])[path[-1]] = other(value)

            changed = recorded.rewritten(mesh, name, change)
            found = new(before, recorded.judged(changed))
            wrong = tuple(sorted(one for one in found - {name} if not _are_related(mesh, name, one)))
            yield Change(text, name in found, wrong, why)


def _are_related(mesh: Mesh, one: str, other_one: str) -> bool:
    """Whether one of two objects, or the VirtualService that delegates to it, names the other or one of its hosts. Of policies
    for mutual TLS one inherits from the other.
    """
    if one.startswith("PeerAuthentication") and other_one.startswith("PeerAuthentication"):
        return True
    sides = [{each, *_roots(mesh, each)} for each in (one, other_one)]
    pairs = [(first, second) for first in sides[0] for second in sides[1]]
    return any(
        first == second or _names(mesh, first) & _words(mesh, second) or _names(mesh, second) & _words(mesh, first)
        for first, second in pairs
    )


def _roots(mesh: Mesh, ref: str) -> Iterator[str]:
    name = recorded.item(mesh, ref).name
    for item in mesh.objects if ref.startswith("VirtualService") else ():
        rules = (
            msgspec.json.decode(item.body).get("spec", {}).get("http") or () if item.kind == "VirtualService" else ()
        )
        if any(rule.get("delegate", {}).get("name") == name for rule in rules):
            yield str(item)


def _names(mesh: Mesh, ref: str) -> set[str]:
    """What others call an object: its name, and its hosts."""
    item = recorded.item(mesh, ref)
    spec = msgspec.json.decode(item.body).get("spec", {})
    hosts = [spec.get("host", ""), *(spec.get("hosts") or ())]
    return {item.name, *(host.rpartition("/")[2].partition(".")[0] for host in hosts)} - {"", "*"}


def _words(mesh: Mesh, ref: str) -> set[str]:
    return set(re.findall(r"[a-z0-9-]+", bytes(memoryview(recorded.item(mesh, ref).body)).decode()))


# --- proxies -------------------------------------------------------------------------------------------------------


def of_proxy(
    snapshot: Snapshot, document: str, kinds: tuple[str, ...] = ("route", "cluster", "policy")
) -> Iterator[Change]:
    """In one proxy, whose dump has that name; what is asked of the others stays as it is."""
    others = {one.owner for one in snapshot.captured if one.document.name == document}
    kept = tuple(one for one in snapshot.captured if one.owner is None or one.owner in others)
    mesh = Mesh(replace(snapshot, captured=kept))
    before = recorded.judged(mesh)
    original = json.loads(next(one for one in kept if one.document.name == document).document.body)
    for kind, owner, find in (*_made(original, before, _by_the_way(mesh)), *_policies(original, before)):
        if kind not in kinds:
            continue
        said = _said(mesh, owner, find(original)["name"]) if kind == "cluster" else {}
        for path, value in recorded.leaves(find(original)):
            text = text_of(path)
            if NOT_OF_RULES.search(text) or not _is_of_rule(kind, path, said):
                continue
            dump = copy.deepcopy(original)
            recorded.at(find(dump), path[:-1])[path[-1]] = other(value)
            body = json.dumps(dump).encode()
            captured = [
                replace(one, document=Document.of(document, body)) if one.document.name == document else one
                for one in kept
            ]
            found = new(before, recorded.judged(Mesh(replace(snapshot, captured=tuple(captured)))))
            wrong = tuple(sorted(one for one in found - {owner} if not _are_related(mesh, owner, one)))
            yield Change(f"{kind} of {owner}: {text}: {value}", owner in found, wrong)


def _is_of_rule(kind: str, path: KeyPath, said: Facts) -> bool:
    """Whether a rule of that kind sets the value."""
    if kind == "policy":
        return True
    is_one = any(part in OF_ROUTES for part in path) if kind == "route" else _is_said(said, path)
    return is_one and "metadata" not in path


def _by_the_way(mesh: Mesh) -> set[tuple[str, str]]:
    """Virtual hosts of port 80 whose services do not have the port: nobody sends there."""
    services = Configuration(mesh).services.all
    ports = {(one.host, port.number) for one in services for port in one.ports}
    return {("80", f"{one.host}:80") for one in services if (one.host, 80) not in ports}


def _said(mesh: Mesh, rule: str, cluster: str) -> Facts:
    """What a DestinationRule says of a cluster; settings of a port replace the others."""
    value = decode(recorded.item(mesh, rule), DestinationRule)
    assert isinstance(value, DestinationRule)
    spec = value.spec
    name = parse_cluster(cluster)
    assert name
    assert name.port
    subset = next((one.traffic_policy for one in spec.subsets if one.name == name.subset), None)
    return {"name": cluster} | policy_facts(for_subset(spec.traffic_policy, subset, name.port))


def _is_said(said: Facts, path: KeyPath) -> bool:
    """By the last word of a fact, which is that of Envoy's field."""
    words = {fact.rpartition(".")[2] for fact in said} - {"tls", "name"}
    if path == ("name",):
        return len(said) > 1
    return path[-1] in words or (path[-1] == "value" and path[-2] in words)


def _made(dump: Json, before: Effects, by_the_way: set[tuple[str, str]]) -> Iterator[tuple[str, str, Find]]:
    """Each route and cluster that was made of an object in effect: its kind, the object, and how to find it in a dump."""
    effects = [one for found in before.values() for one in found if one.state is State.IN_EFFECT]
    in_effect = {made.name for one in effects for made in one.makes if made.kind == CLUSTER}
    for number, section in enumerate(dump["configs"]):
        for index, config in enumerate(section.get("dynamic_route_configs", ())):
            for at_host, host in enumerate(config["route_config"].get("virtual_hosts", ())):
                for at_route, route in enumerate(host.get("routes", ())):
                    where: KeyPath = ("configs", number, "dynamic_route_configs", index, "route_config", "virtual_hosts",
                                      at_host, "routes", at_route)  # fmt: skip
                    is_by_the_way = (config["route_config"]["name"], host["name"]) in by_the_way
                    if not is_by_the_way and (owner := _owner(route, "virtual-service", "VirtualService", before)):
                        yield "route", owner, partial(_at, where)
        for index, held in enumerate(section.get("dynamic_active_clusters", ())):
            where = ("configs", number, "dynamic_active_clusters", index, "cluster")
            owner = _owner(held["cluster"], "destination-rule", "DestinationRule", before)
            if owner and held["cluster"]["name"] in in_effect:
                yield "cluster", owner, partial(_at, where)


def _at(path: KeyPath, dump: Json) -> Json:
    return recorded.at(dump, path)


def _policies(value: Json, before: Effects, where: KeyPath = ()) -> Iterator[tuple[str, str, Find]]:
    """Each entry of an RBAC filter that was made of a policy in effect, by its name."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        here: KeyPath = (*where, key)
        if named := re.fullmatch(r"ns\[(.+)\]-policy\[(.+)\]-rule\[\d+\]", str(key)):
            owner = f"AuthorizationPolicy {named[1]}/{named[2]}"
            if any(one.state is State.IN_EFFECT for one in before.get(owner, ())):
                yield "policy", owner, partial(_at, here)
        else:
            yield from _policies(member, before, here)


def _owner(made: Json, word: str, kind: str, before: Effects) -> str:
    config = made.get("metadata", {}).get("filter_metadata", {}).get("istio", {}).get("config", "")
    parts = config.split("/")
    name = f"{kind} {parts[5]}/{parts[7]}" if f"/{word}/" in config else ""
    return name if any(one.state is State.IN_EFFECT for one in before.get(name, ())) else ""


# --- the figure ----------------------------------------------------------------------------------------------------

KINDS = ("VirtualService", "DestinationRule", "Gateway", "ServiceEntry", "AuthorizationPolicy", "PeerAuthentication",
         "RequestAuthentication")  # fmt: skip
ROOT = Path(__file__).parents[2]
MESHES = ("gateways", "services", "security")


def main() -> int:
    counts: dict[str, Counter[str]] = {}
    lines: list[str] = []
    say("| changed | changes | told of the object | of an unrelated one | without consequence |\n|---|---|---|---|---|")
    for title, changes in _all():
        count = counts.setdefault(title, Counter())
        for one in changes:
            count["without"] += bool(one.unseen)
            count["all"] += not one.unseen
            count["told"] += one.told and not one.unseen
            count["wrong"] += bool(one.wrong)
            if one.wrong or not (one.told or one.unseen):
                lines.append(f"{title}: {one.where} → {', '.join(one.wrong) or 'not told'}")
        share = f"{count['told']} ({100 * count['told'] / max(1, count['all']):.1f} %)"
        say(f"| {title} | {count['all']} | {share} | {count['wrong']} | {count['without']} |")
    if "-v" in sys.argv:
        say("\n".join(lines))
    return 0


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _all() -> Iterator[tuple[str, Iterator[Change]]]:
    meshes = [(name, recorded.mesh(name)) for name in MESHES]
    meshes += [
        (f"{name} (recording)", Mesh(open_snapshot(str(ROOT / "recordings" / name))))
        for name in ("bookinfo", "website")
    ]
    for name, mesh in meshes:
        yield f"manifests of {name}", of_manifests(mesh, KINDS)
    for name, mesh in meshes:
        yield f"proxies of {name}", _of_proxies(mesh)


def _of_proxies(mesh: Mesh) -> Iterator[Change]:
    """One of each kind and namespace: they have the same of the others."""
    seen: set[tuple[str, str]] = set()
    for one in mesh.snapshot.captured:
        name = one.document.name
        if one.owner and name.endswith("/config_dump.json"):
            key = (one.owner.namespace, "" if one.owner.namespace == "default" else one.owner.name)
            if key not in seen:
                seen.add(key)
                yield from of_proxy(mesh.snapshot, name)


if __name__ == "__main__":
    sys.exit(main())
