"""The bootstrap, as far as it is evidence.

https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/bootstrap/v3/bootstrap.proto
"""

from __future__ import annotations

from typing import Any

from msgspec import Raw

from meshscope.xds.address import Address
from meshscope.xds.message import Message
from meshscope.xds.node import Node


class StaticResources(Message, frozen=True):
    listeners: tuple[Raw, ...] = ()
    clusters: tuple[Raw, ...] = ()
    secrets: tuple[Raw, ...] = ()


class Admin(Message, frozen=True):
    address: Address | None = None


class RuntimeLayer(Message, frozen=True):
    name: str = ""
    static_layer: dict[str, Any] = {}
    disk_layer: Raw = Raw()
    admin_layer: Raw = Raw()
    rtds_layer: Raw = Raw()


class LayeredRuntime(Message, frozen=True):
    layers: tuple[RuntimeLayer, ...] = ()


class Bootstrap(Message, frozen=True):
    node: Node | None = None
    static_resources: StaticResources = StaticResources()
    dynamic_resources: Raw = Raw()
    admin: Admin | None = None
    layered_runtime: LayeredRuntime = LayeredRuntime()
    cluster_manager: Raw = Raw()
