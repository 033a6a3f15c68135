"""Meshes of one proxy and a few policies, written on the spot, and every single change of a JSON value."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from meshscope.effect.answer import RuleEffect
from meshscope.effect.configuration import Configuration
from meshscope.effect.effects import effects
from meshscope.mesh.mesh import Mesh
from meshscope.snapshot.snapshot import Captured, ProxyId

from ...mesh.meshes import NETWORK, at, bootstrap, captured, dump, listeners, manifest, mesh_of

Json = Any
HTTP = "type.googleapis.com/envoy.extensions.filters.http"
SECURITY = "security.istio.io"
OWNER = ProxyId("", "shop", "web")


def proxy(
    *bodies: Json,
    labels: dict[str, str] | None = None,
    version: str = "1.31.0",
    kind: str = "sidecar",
    more: tuple[Json, ...] = (),
) -> Captured:
    """The pod `web.shop` with these listeners, and `more` sections of its dump."""
    head = bootstrap("web.shop", kind=kind)
    metadata = {"NAMESPACE": "shop", "LABELS": labels or {"app": "web"}, "ISTIO_VERSION": version}
    head["bootstrap"]["node"]["metadata"] = metadata
    return dump(head, listeners(*bodies), *more, kind="config_dump", owner=OWNER)


def inbound(*chains: Json, name: str = "virtualInbound") -> Json:
    return {"name": name, **at("0.0.0.0:15006"), "traffic_direction": "INBOUND", "filter_chains": list(chains)}


def outbound(*chains: Json, name: str = "0.0.0.0_80", port: int = 80) -> Json:
    address = at(f"0.0.0.0:{port}")
    return {"name": name, **address, "traffic_direction": "OUTBOUND", "filter_chains": list(chains)}


def http_chain(*filters: Json, port: int | None = 8080, manager: Json = None, **more: Json) -> Json:
    """`manager`: further fields of the connection manager."""
    kind = f"{NETWORK}.http_connection_manager.v3.HttpConnectionManager"
    config = {"@type": kind, "http_filters": list(filters), **(manager or {})}
    return _chain([{"name": "hcm", "typed_config": config}], port, "-catchall-http", more)


def tcp_chain(*filters: Json, port: int | None = 5432, **more: Json) -> Json:
    proxying = {"name": "tcp", "typed_config": {"@type": f"{NETWORK}.tcp_proxy.v3.TcpProxy", "cluster": "c"}}
    return _chain([*filters, proxying], port, "", more)


def _chain(filters: list[Json], port: int | None, suffix: str, more: Json) -> Json:
    match = {**({"destination_port": port} if port else {}), **more.pop("match", {})}
    name = f"0.0.0.0_{port}" if port else f"virtualInbound{suffix}"
    return {"name": name, "filter_chain_match": match, "filters": filters, **more}


def extension(type_url: str, **fields: Json) -> Json:
    return {"name": "f", "typed_config": {"@type": type_url, **fields}}


def policy(
    kind: str, spec: Json, name: str = "p", namespace: str = "shop", *, group: str = SECURITY, **metadata: Json
) -> Json:
    return manifest(kind, name, group, namespace, spec=spec, metadata=metadata)


def mesh(one: Captured, *objects: Json, config: Json = None) -> Mesh:
    """`config` is the mesh's settings as the control plane answers."""
    settings = [captured("mesh.json", config, kind="debug/mesh")] if config is not None else []
    return mesh_of(
        one, captured("objects.json", {"apiVersion": "v1", "kind": "List", "items": list(objects)}), *settings
    )


def judged(one: Mesh, index: int = 0, *, named: bool = True, group: str = SECURITY) -> tuple[RuleEffect, ...]:
    """Of the object of that index in its group."""
    configuration = Configuration(one)
    items = [item for item in one.objects if item.group == group]
    return effects(configuration, items[index], configuration.clients, named=named)


def changes(value: Json) -> Iterator[tuple[str, Json]]:
    """The value with one leaf changed, or one member of an object left out, each with words for it."""
    for path, leaf in _places(value):
        for word, change in (("changed", _other(leaf)), ("left out", None)):
            if word == "left out" and not isinstance(path[-1], str):
                continue
            if word == "changed" and isinstance(leaf, (dict, list)):
                continue
            new = copy.deepcopy(value)
            place = new
            for part in path[:-1]:
                place = place[part]
            if word == "changed":
                place[path[-1]] = change
            else:
                del place[path[-1]]
            yield f"{'.'.join(map(str, path))} {word}", new


def _places(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Json]]:
    if path:
        yield path, value
    if isinstance(value, (dict, list)):
        for key, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _places(member, (*path, key))


def _other(leaf: Json) -> Json:
    if isinstance(leaf, bool):
        return not leaf
    return leaf + 1 if isinstance(leaf, int) else f"{leaf}x"
