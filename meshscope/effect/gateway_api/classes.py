"""Which Gateways istiod serves, and by which Services their pods are found.

https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#automated-deployment and
https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/gatewaycommon/classinfo.go
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from meshscope.effect.gateway_api.sources import Sources
from meshscope.effect.written import Written
from meshscope.istio.gateway_api.gateway import Gateway
from meshscope.istio.hosts import full_host

NAME_OVERRIDE = "gateway.istio.io/name-override"


class Role(StrEnum):
    """What a Gateway's pods do, by the controller of its class."""

    GATEWAY = "istio.io/gateway-controller"
    WAYPOINT = "istio.io/mesh-controller"
    EAST_WEST = "istio.io/eastwest-controller"
    REMOTE = "istio.io/unmanaged-gateway"


_BUILT_IN = {
    "istio": Role.GATEWAY,
    "istio-waypoint": Role.WAYPOINT,
    "istio-east-west": Role.EAST_WEST,
    "istio-remote": Role.REMOTE,
}


class Served(Struct, frozen=True):
    """`role` is None for a class of somebody else, of whom nothing is known here. `services` are hosts; `problem` says why
    istiod makes nothing of the Gateway.
    """

    role: Role | None
    services: tuple[str, ...] = ()
    is_managed: bool = False
    problem: str = ""


def served(sources: Sources, gateway: Written[Gateway]) -> Served:
    name = gateway.value.spec.gateway_class_name
    controller = sources.classes.get(name) or _BUILT_IN.get(name, "")
    role = next((role for role in Role if role.value == controller), None)
    if role is None:
        whose = (
            f"served by controller {controller}, not by istiod" if controller else "none of istiod's, nor in this input"
        )
        return Served(None, problem=f"its class {name or '(none)'} is {whose}")
    if role is Role.REMOTE:
        return Served(role, problem=f"class {name} is of a gateway elsewhere, which istiod does not configure")
    if is_managed(gateway.value):
        has_class = role is Role.GATEWAY and sources.is_since(1, 17)
        default = f"{gateway.item.name}-{name}" if has_class else gateway.item.name
        service = gateway.item.annotations.get(NAME_OVERRIDE) or default
        return Served(role, (full_host(service, gateway.namespace),), is_managed=True)
    named = [one.value for one in gateway.value.spec.addresses if one.type == "Hostname"]
    if not named:
        return Served(role, problem="none of its addresses is a Hostname, the only type that istiod takes")
    return Served(role, tuple(full_host(one, gateway.namespace) for one in named))


def is_managed(gateway: Gateway) -> bool:
    """Whether istiod makes the pods of the Gateway itself."""
    addresses = gateway.spec.addresses
    return not addresses or (len(addresses) == 1 and addresses[0].type == "IPAddress")
