"""Meshes, objects and requests for what-if questions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from meshscope.istio.kubernetes import decode
from meshscope.istio.manifest import Object, read_objects
from meshscope.istio.objects.gateway import Gateway
from meshscope.location import Document
from meshscope.mesh.mesh import Mesh
from meshscope.overlay.what_if import WhatIf
from meshscope.simulation.journey.simulator import Simulator
from meshscope.simulation.request import Request
from meshscope.simulation.trace import Trace
from meshscope.snapshot.reading import DEMO, open_snapshot
from meshscope.snapshot.snapshot import Problem
from tests.effect import recorded

HEADERS: tuple[tuple[tuple[str, str], ...], ...] = ((), (("end-user", "jason"),), (("end-user", "tester"),))
PATHS = ("/", "/healthz", "/catalog?page=2", "/v1/x", "/secret/x", "/public")


@cache
def mesh_of(name: str) -> Mesh:
    return Mesh(open_snapshot(DEMO)) if name == "bookinfo" else recorded.mesh(name)


def item(mesh: Mesh, name: str) -> Object:
    return next(each for each in mesh.objects if str(each) == name)


def written(text: str) -> tuple[Object, ...]:
    return read_objects(Document.of("applied.yaml", text.encode()))[0]


def edited(mesh: Mesh, name: str, **spec: Any) -> Object:
    """An object with other members of its spec."""
    old = item(mesh, name)
    body = msgspec.json.decode(old.body)
    body["spec"] = {**body["spec"], **spec}
    return replace(old, body=Raw(msgspec.json.encode(body)))


def requests(mesh: Mesh) -> Iterator[Request]:
    """From each proxy to each port of a service, and to each host of a Gateway from outside."""
    sources = [proxy.name for proxy in mesh.proxies if mesh.kind_of(proxy) != "gateway"]
    hosts = {f"{service.host}:{port.number}" for service in mesh.network.services for port in service.ports}
    for source in sources[:2]:
        for host in sorted(hosts)[:16]:
            for headers in HEADERS if "reviews" in host or "ratings" in host else HEADERS[:1]:
                yield Request(source=source, dest=f"http://{host}/", headers=headers)
    for proxy in mesh.proxies:
        if mesh.kind_of(proxy) == "gateway":
            yield from (
                Request(source=proxy.name, dest=f"http://{host}{path}")
                for host in sorted(_hosts(mesh))
                for path in PATHS
            )


def _hosts(mesh: Mesh) -> set[str]:
    found = (decode(each, Gateway) for each in mesh.objects_of("Gateway", "networking.istio.io"))
    servers = (server for each in found if not isinstance(each, Problem) for server in each.spec.servers)
    return {host.rpartition("/")[2].replace("*", "any") for server in servers for host in server.hosts}


def traced(mesh: Mesh, request: Request) -> Trace:
    return Simulator(mesh).trace(request)


def asked(what_if: WhatIf, source: str, dest: str, *headers: tuple[str, str]) -> tuple[Trace, Trace]:
    """Today's answer, and the one that would be."""
    request = Request(source=source, dest=dest, headers=headers)
    return traced(what_if.before, request), what_if.doubted(traced(what_if.mesh, request))
