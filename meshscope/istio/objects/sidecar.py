"""Sidecar: what a workload's proxy knows of the mesh, and which ports it opens.

https://istio.io/latest/docs/reference/config/networking/sidecar/
"""

from __future__ import annotations

from meshscope.istio.objects.connection_pool import ConnectionPoolSettings
from meshscope.istio.objects.destination import Destination
from meshscope.istio.objects.selectors import WorkloadSelector
from meshscope.istio.objects.server_tls import ServerTLSSettings
from meshscope.istio.objects.status import IstioStatus
from meshscope.typed import Typed


class SidecarPort(Typed, frozen=True, rename="camel"):
    """Istio ignores `target_port`."""

    number: int = 0
    protocol: str = ""
    name: str = ""
    target_port: int = 0


class IstioIngressListener(Typed, frozen=True, rename="camel"):
    """`default_endpoint` is `127.0.0.1:port`, `0.0.0.0:port`, their IPv6 forms, or a socket."""

    port: SidecarPort = SidecarPort()
    bind: str = ""
    capture_mode: str = "DEFAULT"
    default_endpoint: str = ""
    tls: ServerTLSSettings | None = None
    connection_pool: ConnectionPoolSettings | None = None


class IstioEgressListener(Typed, frozen=True, rename="camel"):
    """`hosts` are `namespace/host`. Without `port` the listener is the default for all other ports."""

    port: SidecarPort | None = None
    bind: str = ""
    capture_mode: str = "DEFAULT"
    hosts: tuple[str, ...] = ()


class OutboundTrafficPolicy(Typed, frozen=True, rename="camel"):
    mode: str = "REGISTRY_ONLY"
    egress_proxy: Destination | None = None


class SidecarSpec(Typed, frozen=True, rename="camel"):
    """Without `workload_selector` it is for the whole namespace; without `egress` for all that its namespace sees."""

    workload_selector: WorkloadSelector | None = None
    ingress: tuple[IstioIngressListener, ...] = ()
    egress: tuple[IstioEgressListener, ...] = ()
    inbound_connection_pool: ConnectionPoolSettings | None = None
    outbound_traffic_policy: OutboundTrafficPolicy | None = None


class Sidecar(Typed, frozen=True):
    spec: SidecarSpec = SidecarSpec()
    status: IstioStatus = IstioStatus()
