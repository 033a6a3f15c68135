"""Parts of recorded meshes with real proxies: gateways of every kind, and services of every kind, with some of the proxies.

Istio's development line after 1.31, Envoy 1.40; the manifests are what people wrote, the dumps what the proxies had.
"""

from __future__ import annotations

import tarfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from meshscope.effect.answer import RuleEffect, State
from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import effects, kind_of
from meshscope.istio.manifest import Object
from meshscope.location import Document
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.reading import open_snapshot

DATA = Path(__file__).parents[1] / "data" / "effect"
Json = Any
Worse = Counter[tuple[str, str | None, State]]


@cache
def mesh(name: str) -> Mesh:
    return Mesh(open_snapshot(str(DATA / f"{name}.tar.gz")))


def without_configz(name: str) -> Mesh:
    """The mesh where nothing says which objects istiod has, so that new ones may be among them."""
    snapshot = mesh(name).snapshot
    kept = tuple(one for one in snapshot.captured if "configz" not in one.document.name)
    return Mesh(replace(snapshot, captured=kept))


def unpacked(name: str, folder: Path) -> Path:
    with tarfile.open(DATA / f"{name}.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    return folder


def judged(mesh: Mesh) -> dict[str, tuple[RuleEffect, ...]]:
    """The effects of each object that has any, by kind, namespace and name."""
    configuration = Configuration(mesh)
    items = [item for item in mesh.objects if kind_of(item)]
    return {str(item): effects(configuration, item, configuration.clients) for item in items}


@cache
def recorded(name: str) -> dict[str, tuple[RuleEffect, ...]]:
    return judged(mesh(name))


def of(mesh: Mesh, ref: str, proxy: str = "") -> tuple[RuleEffect, ...]:
    """Of one object; with `proxy` on those of that name alone, which answer whatever the rule is for."""
    configuration = Configuration(mesh)
    clients = [client for client in configuration.clients if client.name.startswith(proxy)]
    return effects(configuration, item(mesh, ref), clients, named=bool(proxy))


def item(mesh: Mesh, ref: str) -> Object:
    return next(each for each in mesh.objects if str(each) == ref)


def rewritten(mesh: Mesh, ref: str, change: Callable[[Json], object]) -> Mesh:
    """The mesh with an object that somebody edited after the proxies were captured."""
    old = item(mesh, ref)
    body = msgspec.json.decode(old.body)
    change(body)
    return mesh.overlay([replace(old, body=Raw(msgspec.json.encode(body)))])


def reconfigured(mesh: Mesh, proxy: str, kind: str, name: str, change: Callable[[Json], object]) -> Mesh:
    """The mesh where one proxy has a `cluster` or a `listener` otherwise. `proxy` is the beginning of its pod's name."""
    document = next(
        one.document
        for one in mesh.snapshot.captured
        if one.owner and one.owner.name.startswith(proxy) and one.document.name.endswith("/config_dump.json")
    )
    dump = msgspec.json.decode(document.body)
    found = [part for part in _parts(dump, kind) if part.get("name") == name]
    assert found, f"{proxy} has no {kind} {name}"
    for part in found:
        change(part)
    changed = Document.of(document.name, msgspec.json.encode(dump))
    captured = tuple(
        replace(one, document=changed) if one.document.name == document.name else one for one in mesh.snapshot.captured
    )
    return Mesh(replace(mesh.snapshot, captured=captured))


def _parts(value: Json, kind: str) -> Iterator[Json]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        if key == kind and isinstance(member, dict):
            yield member
        yield from _parts(member, kind)


def bad(found: tuple[RuleEffect, ...]) -> Worse:
    return Counter((one.rule, one.proxy, one.state) for one in found if one.state is not State.IN_EFFECT)


def leaves(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Json]]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield from leaves(member, (*path, key))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from leaves(member, (*path, index))
    else:
        yield path, value


def at(value: Json, path: tuple[str | int, ...]) -> Json:
    for part in path:
        value = value[part]
    return value
