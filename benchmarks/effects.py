"""The effect of one object and of all, on meshes that grow: a tenth of the services has rules, every proxy knows them all."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import make_dump
from measure import Result, processes, seconds

from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import effects, kind_of
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.reading import open_snapshot

MESHSCOPE = (sys.executable, "-m", "meshscope")
PROXIES = 8


def results(folder: Path, runs: int) -> Iterator[Result]:
    small, large = mesh_of(folder / "effects-1", 250), mesh_of(folder / "effects-4", 1000)
    one = (*MESHSCOPE, "effect", f"vs/svc-0.{namespace(0)}", "--from", str(large))
    ours, bare = processes(
        [one, (*MESHSCOPE, "get", "clusters", "-o", "name", "--from", str(large))], max(1, runs // 3)
    )
    yield Result(
        f"`effect` of one object among 200, {PROXIES} proxies that know 1,000 services",
        f"{ours:.2f} s = {ours / bare:.2f} × `get clusters` of the same ({bare:.2f} s)",
        "1.5 × get",
        ours <= 1.5 * bare,
    )
    once, four = (each(folder, max(1, runs // 3)) for folder in (small, large))
    yield Result(
        "each effect of all objects on all proxies, in a mesh four times as large",
        f"{four * 1e6:.0f} µs = {four / once:.2f} × one of the smaller mesh ({once * 1e6:.0f} µs)",
        "1.5 × the smaller",
        four <= 1.5 * once,
    )


def each(folder: Path, runs: int) -> float:
    """Seconds for one rule on one proxy, where all are asked for."""
    mesh = Mesh(open_snapshot(str(folder)))
    mesh.index()
    count = 0

    def ask() -> None:
        nonlocal count
        configuration = Configuration(mesh)
        clients = configuration.clients
        count = sum(len(effects(configuration, item, clients)) for item in mesh.objects if kind_of(item))

    return seconds(ask, runs) / count


def mesh_of(folder: Path, services: int) -> Path:
    """Manifests and dumps of proxies, one in each of the first namespaces."""
    if folder.exists():
        return folder
    (folder / "manifests").mkdir(parents=True)
    objects = [service(i) for i in range(services)]
    for i in range(services // 10):
        objects += [virtual_service(i), destination_rule(i)]
    (folder / "manifests" / "all.json").write_text("\n".join(map(json.dumps, objects)))
    dump = json.dumps(make_dump.sidecar(services), indent=1)
    for number in range(PROXIES):
        place = folder / "proxies" / namespace(number) / f"pod-{number}"
        place.mkdir(parents=True)
        mine = dump.replace("client-0.ns-0~ns-0", f"pod-{number}.{namespace(number)}~{namespace(number)}")
        (place / "config_dump.json").write_text(
            mine.replace('"NAMESPACE": "ns-0"', f'"NAMESPACE": "{namespace(number)}"')
        )
    return folder


def namespace(i: int) -> str:
    return f"ns-{i % 50}"


def service(i: int) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": f"svc-{i}", "namespace": namespace(i)},
            "spec": {"clusterIP": make_dump.address(i), "ports": [{"name": "http", "port": 8080}]}}  # fmt: skip


def virtual_service(i: int) -> dict[str, Any]:
    return {"apiVersion": "networking.istio.io/v1", "kind": "VirtualService",
            "metadata": {"name": f"svc-{i}", "namespace": namespace(i)},
            "spec": {"hosts": [f"svc-{i}"], "http": [{"route": [{"destination": {"host": f"svc-{i}"}}]}]}}  # fmt: skip


def destination_rule(i: int) -> dict[str, Any]:
    return {"apiVersion": "networking.istio.io/v1", "kind": "DestinationRule",
            "metadata": {"name": f"svc-{i}", "namespace": namespace(i)},
            "spec": {"host": f"svc-{i}", "trafficPolicy": {"loadBalancer": {"simple": "LEAST_REQUEST"}},
                     "subsets": [{"name": "v1", "labels": {"version": "v1"}}]}}  # fmt: skip
