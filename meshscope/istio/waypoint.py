"""Which waypoint an object of ambient mode names, and whom a waypoint's Gateway serves.

https://istio.io/latest/docs/ambient/usage/waypoint/ and https://istio.io/latest/docs/reference/config/labels/
"""

from __future__ import annotations

from msgspec import Struct

from meshscope.istio.gateway_api.gateway import Gateway
from meshscope.istio.labels import Labels

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


def admits(gateway: Gateway, own: str, namespace: str, labels: Labels) -> bool:
    """Whether objects of a namespace, which has these labels, may use the waypoint in the namespace `own`."""
    if namespace == own:
        return True
    for listener in gateway.spec.listeners:
        allowed = listener.allowed_routes.namespaces
        if allowed.from_ == "All":
            return True
        if allowed.from_ == "Selector" and allowed.selector is not None and allowed.selector.selects(labels):
            return True
    return False


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
