"""Other proxies of the mesh that have what a proxy would have: istiod makes the same of a service for both."""

from __future__ import annotations

import copy
from collections.abc import Iterator

from meshscope.effect.clients import Client
from meshscope.effect.configuration import Configuration
from meshscope.effect.patches.selection import patching
from meshscope.envoy.resource import CLUSTER, ENDPOINTS
from meshscope.istio.names import ClusterName, parse_cluster
from meshscope.overlay.applied import named
from meshscope.overlay.clusters.policies import Asked, asked_of
from meshscope.overlay.draft import Draft, Json
from meshscope.overlay.services.told import Told, told

_EXTENSIONS = ("WasmPlugin", "TrafficExtension")


def peers(configuration: Configuration, client: Client, kind: str) -> Iterator[Client]:
    """Of the same kind and version, of which no EnvoyFilter patches resources of the kind; none where one does so here."""
    if any(patching(configuration, client, kind)):
        return
    version = _version(client)
    for one in configuration.clients:
        is_alike = (
            one is not client and one.name != client.name and one.kind == client.kind and _version(one) == version
        )
        if is_alike and not any(patching(configuration, one, kind)):
            yield one


def has_extensions(configuration: Configuration) -> bool:
    """Whether filters of proxies may differ by what extends them."""
    return any(any(configuration.mesh.objects_of(kind)) for kind in _EXTENSIONS)


def _version(client: Client) -> str:
    return client.proxy.node.istio_version if client.proxy.node else ""


def copied_clusters(
    before: Configuration, after: Configuration, draft: Draft, one: Told
) -> dict[tuple[str, str], Json]:
    """The clusters of the port and their endpoints as another proxy has them, with the same rules; empty where none has."""
    wanted = _asked(after, draft.client, one)
    for peer in peers(before, draft.client, CLUSTER):
        has = told(before, peer, [one.service.host]).get((one.service.host, one.port.number))
        if has is None or has.key != one.key or not _is_same(_asked(before, peer, has), wanted):
            continue
        found = dict(_bodies(Draft(peer), one))
        if (CLUSTER, str(one.cluster)) in found and not any(map(_is_local, found.values())):
            return copy.deepcopy(found)
    return {}


def _asked(configuration: Configuration, client: Client, one: Told) -> dict[ClusterName, Asked]:
    found = asked_of(configuration, client, one.service)
    return {name: asked for name, asked in found.items() if name.port == one.port.number}


def _is_same(one: dict[ClusterName, Asked], other: dict[ClusterName, Asked]) -> bool:
    return one.keys() == other.keys() and all(_said(one[name]) == _said(other[name]) for name in one)


def _said(asked: Asked) -> tuple[object, ...]:
    return asked.policy, named(asked.rule.item) if asked.rule else None, asked.labels


def _bodies(draft: Draft, one: Told) -> Iterator[tuple[tuple[str, str], Json]]:
    for resource in draft.client.proxy.resources(CLUSTER):
        name = parse_cluster(resource.name)
        is_outbound = name is not None and name.direction == "outbound" and not name.sni_dnat
        if name and is_outbound and (name.host, name.port) == (one.service.host, one.port.number):
            body = draft.body(CLUSTER, resource.name)
            place = ((body or {}).get("eds_cluster_config") or {}).get("service_name") or resource.name
            yield (CLUSTER, resource.name), body
            if assignment := draft.body(ENDPOINTS, place):
                yield (ENDPOINTS, place), assignment


def _is_local(body: Json) -> bool:
    """Whether the endpoints' order is that of the proxy's own place."""
    groups = (body or {}).get("endpoints", ())
    return any(group.get("priority") for group in groups) or "locality_weighted_lb_config" in str(
        (body or {}).get("common_lb_config", "")
    )
