"""Gateway: the ports that it opens, and the pods that open them. https://istio.io/latest/docs/reference/config/networking/gateway/"""

from __future__ import annotations

from msgspec import Struct

from meshscope.istio.decoding import decode_slice
from meshscope.istio.labels import Labels
from meshscope.istio.manifest import Object
from meshscope.snapshot.snapshot import Problem


class GatewayPort(Struct, frozen=True):
    number: int = 0


class GatewayServer(Struct, frozen=True):
    port: GatewayPort = GatewayPort()


class GatewaySpec(Struct, frozen=True):
    """An empty selector selects the pods of all gateways in the mesh."""

    selector: Labels = Labels()
    servers: tuple[GatewayServer, ...] = ()


class Gateway(Struct, frozen=True):
    spec: GatewaySpec = GatewaySpec()


def read_gateway(item: Object) -> Gateway | Problem:
    return decode_slice(item.body, Gateway, item.location.document.name, str(item))
