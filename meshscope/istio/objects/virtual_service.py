"""VirtualService: routes of hosts. https://istio.io/latest/docs/reference/config/networking/virtual-service/

The messages inside HTTP routes are in http_route.py.
"""

from __future__ import annotations

from meshscope.istio.labels import Labels
from meshscope.istio.objects.destination import Destination
from meshscope.istio.objects.http_route import HTTPRoute
from meshscope.istio.objects.status import IstioStatus
from meshscope.typed import Typed


class RouteDestination(Typed, frozen=True):
    """Of connections. An absent `weight` counts as 0, and as all where the destination is the only one."""

    destination: Destination = Destination()
    weight: int | None = None


class TLSMatchAttributes(Typed, frozen=True, rename="camel"):
    """All members must hold. A `port` of 0 is any port."""

    sni_hosts: tuple[str, ...] = ()
    destination_subnets: tuple[str, ...] = ()
    port: int = 0
    source_labels: Labels = Labels()
    gateways: tuple[str, ...] = ()
    source_namespace: str = ""


class TLSRoute(Typed, frozen=True):
    """Of TLS that is passed through. Any match will do."""

    match: tuple[TLSMatchAttributes, ...] = ()
    route: tuple[RouteDestination, ...] = ()


class L4MatchAttributes(Typed, frozen=True, rename="camel"):
    """All members must hold. A `port` of 0 is any port; Istio ignores `source_subnet`."""

    destination_subnets: tuple[str, ...] = ()
    port: int = 0
    source_subnet: str = ""
    source_labels: Labels = Labels()
    gateways: tuple[str, ...] = ()
    source_namespace: str = ""


class TCPRoute(Typed, frozen=True):
    """Any match will do; without one the route takes every connection."""

    match: tuple[L4MatchAttributes, ...] = ()
    route: tuple[RouteDestination, ...] = ()


class VirtualServiceSpec(Typed, frozen=True, rename="camel"):
    """Without `gateways` the object is for sidecars (`mesh`). Without `hosts` it is a delegate."""

    hosts: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    http: tuple[HTTPRoute, ...] = ()
    tls: tuple[TLSRoute, ...] = ()
    tcp: tuple[TCPRoute, ...] = ()
    export_to: tuple[str, ...] = ()


class VirtualService(Typed, frozen=True):
    spec: VirtualServiceSpec = VirtualServiceSpec()
    status: IstioStatus = IstioStatus()
