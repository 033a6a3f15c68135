"""Gateway: the ports and hosts that gateway pods open. https://istio.io/latest/docs/reference/config/networking/gateway/"""

from __future__ import annotations

from meshscope.istio.labels import Labels
from meshscope.istio.objects.server_tls import ServerTLSSettings
from meshscope.istio.objects.status import IstioStatus
from meshscope.typed import Typed


class Port(Typed, frozen=True, rename="camel"):
    """Istio ignores `target_port`, the old way to name the pod's own port."""

    number: int = 0
    protocol: str = ""
    name: str = ""
    target_port: int = 0


class Server(Typed, frozen=True, rename="camel"):
    """`hosts` are `namespace/host` or `host`. `bind` is an address, or empty for all."""

    port: Port = Port()
    bind: str = ""
    hosts: tuple[str, ...] = ()
    tls: ServerTLSSettings | None = None
    default_endpoint: str = ""
    name: str = ""


class GatewaySpec(Typed, frozen=True):
    """An empty selector selects the pods of all gateways in the mesh."""

    servers: tuple[Server, ...] = ()
    selector: Labels = Labels()


class Gateway(Typed, frozen=True):
    spec: GatewaySpec = GatewaySpec()
    status: IstioStatus = IstioStatus()
