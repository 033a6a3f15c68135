"""Conditions of a match that istiod decides itself: a proxy for which they do not hold gets nothing of it."""

from __future__ import annotations

from typing import Protocol

from meshscope.effect.clients import Client
from meshscope.istio.labels import Labels

MESH = "mesh"
"""The name of all sidecars in a list of gateways."""


class Match(Protocol):
    """What matches of HTTP, TLS and TCP share. `port` 0 is any port."""

    @property
    def port(self) -> int: ...
    @property
    def gateways(self) -> tuple[str, ...]: ...
    @property
    def source_labels(self) -> Labels: ...
    @property
    def source_namespace(self) -> str: ...


def not_here(asked: Match, client: Client, port: int, gateway: str, namespace: str) -> str:
    """Why a match of an object in `namespace` is not for a port of a proxy, "" where it is.

    `gateway` is `mesh`, or `namespace/name`. With `gateways` given, labels and namespace of the source are not asked.
    """
    if asked.port and asked.port != port:
        return f"it asks for port {asked.port}; this is port {port}"
    gateways = [full_gateway(name, namespace) for name in asked.gateways]
    if gateways and gateway not in gateways:
        return f"it is for {', '.join(gateways)}; this is {gateway}"
    if gateways:
        return ""
    if not client.labels.match(asked.source_labels):
        return f"it is for proxies with {', '.join(f'{key}={value}' for key, value in asked.source_labels)}"
    if asked.source_namespace and asked.source_namespace != client.namespace:
        return f"it is for proxies of namespace {asked.source_namespace}"
    return ""


def full_gateway(name: str, namespace: str) -> str:
    """`public` in a namespace as `namespace/public`. An old form is a host: `public.default.svc.cluster.local`."""
    if name == MESH or "/" in name:
        return name
    first, dot, rest = name.partition(".")
    return f"{rest.partition('.')[0]}/{first}" if dot else f"{namespace}/{name}"
