"""Which waypoint an object of ambient mode names, and whom a waypoint's Gateway serves.

https://istio.io/latest/docs/ambient/usage/waypoint/ and https://istio.io/latest/docs/reference/config/labels/
"""

from __future__ import annotations

from msgspec import Struct

from meshscope.istio.decoding import decode_slice
from meshscope.istio.labels import Labels
from meshscope.istio.manifest import Object
from meshscope.snapshot.snapshot import Problem

USE_WAYPOINT = "istio.io/use-waypoint"
USE_WAYPOINT_NAMESPACE = "istio.io/use-waypoint-namespace"
WAYPOINT_FOR = "istio.io/waypoint-for"
GATEWAY_NAME = "gateway.networking.k8s.io/gateway-name"
"""On the pods that a Gateway of the Gateway API runs, and on their Service."""
GATEWAY_API = "gateway.networking.k8s.io"
DATAPLANE_MODE = "istio.io/dataplane-mode"
REDIRECTION = "ambient.istio.io/redirection"
NONE = "none"

SERVICE, WORKLOAD = "service", "workload"
"""What a waypoint may be for; `all` is both."""


class NamedWaypoint(Struct, frozen=True):
    """A Gateway by namespace and name; `label_of` is the object whose label names it."""

    namespace: str
    name: str
    label_of: str


class _From(Struct, frozen=True, rename={"from_": "from"}):
    from_: str = "Same"
    selector: dict[str, Labels] = {}


class _AllowedRoutes(Struct, frozen=True):
    namespaces: _From = _From()


class _Listener(Struct, frozen=True, rename="camel"):
    allowed_routes: _AllowedRoutes = _AllowedRoutes()


class _Spec(Struct, frozen=True, rename="camel"):
    gateway_class_name: str = ""
    listeners: tuple[_Listener, ...] = ()


class WaypointGateway(Struct, frozen=True):
    spec: _Spec = _Spec()

    def admits(self, own: str, namespace: str, labels: Labels) -> bool:
        """Whether objects of a namespace, which has these labels, may use the waypoint in the namespace `own`."""
        if namespace == own:
            return True
        for listener in self.spec.listeners:
            allowed = listener.allowed_routes.namespaces
            if allowed.from_ == "All":
                return True
            if allowed.from_ == "Selector" and labels.match(allowed.selector.get("matchLabels", Labels())):
                return True
        return False


def read_waypoint(item: Object) -> WaypointGateway | Problem:
    return decode_slice(item.body, WaypointGateway, item.location.document.name, str(item))


def named_waypoint(kind: str, name: str, namespace: str, own: Labels, around: Labels) -> NamedWaypoint | None:
    """The waypoint that an object's own labels name, else those of its namespace; None for no waypoint.

    The value `none` opts out. Source: istio/istio, pilot/pkg/serviceregistry/ambient/waypoints.go.
    """
    for labels, label_of in ((own, f"{kind} {namespace}/{name}"), (around, f"Namespace {namespace}")):
        waypoint = labels.get(USE_WAYPOINT)
        if waypoint:
            where = labels.get(USE_WAYPOINT_NAMESPACE) or namespace
            return None if waypoint == NONE else NamedWaypoint(where, waypoint, label_of)
    return None


def serves(waypoint_for: str, what: str) -> bool:
    """Whether a waypoint for `service` (the default), `workload`, `all` or `none` is used for one of the first two."""
    return (waypoint_for or SERVICE) in (what, "all")
