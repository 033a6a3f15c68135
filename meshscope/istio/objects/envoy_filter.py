"""EnvoyFilter: patches of the configuration that istiod makes.

https://istio.io/latest/docs/reference/config/networking/envoy-filter/
"""

from __future__ import annotations

from msgspec import Raw

from meshscope.istio.labels import Labels
from meshscope.istio.objects.selectors import PolicyTargetReference, WorkloadSelector
from meshscope.istio.objects.status import IstioStatus
from meshscope.typed import Typed


class ProxyMatch(Typed, frozen=True, rename="camel"):
    """`proxy_version` is a regular expression."""

    proxy_version: str = ""
    metadata: Labels = Labels()


class ClusterMatch(Typed, frozen=True, rename="camel"):
    port_number: int = 0
    service: str = ""
    subset: str = ""
    name: str = ""


class RouteMatch(Typed, frozen=True):
    name: str = ""
    action: str = "ANY"


class VirtualHostMatch(Typed, frozen=True, rename="camel"):
    name: str = ""
    domain_name: str = ""
    route: RouteMatch | None = None


class RouteConfigurationMatch(Typed, frozen=True, rename="camel"):
    port_number: int = 0
    port_name: str = ""
    gateway: str = ""
    vhost: VirtualHostMatch | None = None
    name: str = ""


class SubFilterMatch(Typed, frozen=True):
    name: str = ""


class FilterMatch(Typed, frozen=True, rename="camel"):
    name: str = ""
    sub_filter: SubFilterMatch | None = None


class FilterChainMatch(Typed, frozen=True, rename="camel"):
    name: str = ""
    sni: str = ""
    transport_protocol: str = ""
    application_protocols: str = ""
    filter: FilterMatch | None = None
    destination_port: int = 0
    transport_socket: str = ""


class ListenerMatch(Typed, frozen=True, rename="camel"):
    """Istio ignores `port_name`."""

    port_number: int = 0
    port_name: str = ""
    filter_chain: FilterChainMatch | None = None
    listener_filter: str = ""
    name: str = ""


class WaypointRouteMatch(Typed, frozen=True):
    name: str = ""


class WaypointMatch(Typed, frozen=True, rename="camel"):
    port_number: int = 0
    filter: FilterMatch | None = None
    route: WaypointRouteMatch | None = None


class EnvoyConfigObjectMatch(Typed, frozen=True, rename="camel"):
    """One of the last four."""

    context: str = "ANY"
    proxy: ProxyMatch | None = None
    listener: ListenerMatch | None = None
    route_configuration: RouteConfigurationMatch | None = None
    cluster: ClusterMatch | None = None
    waypoint: WaypointMatch | None = None


class Patch(Typed, frozen=True, rename="camel"):
    """`value` is Envoy's own message; an empty slice where it is absent."""

    operation: str = "INVALID"
    value: Raw = Raw()
    filter_class: str = "UNSPECIFIED"


class EnvoyConfigObjectPatch(Typed, frozen=True, rename="camel"):
    apply_to: str = "INVALID"
    match: EnvoyConfigObjectMatch | None = None
    patch: Patch | None = None


class EnvoyFilterSpec(Typed, frozen=True, rename="camel"):
    """Filters of a lower `priority` are applied first."""

    workload_selector: WorkloadSelector | None = None
    target_refs: tuple[PolicyTargetReference, ...] = ()
    config_patches: tuple[EnvoyConfigObjectPatch, ...] = ()
    priority: int = 0


class EnvoyFilter(Typed, frozen=True):
    spec: EnvoyFilterSpec = EnvoyFilterSpec()
    status: IstioStatus = IstioStatus()
