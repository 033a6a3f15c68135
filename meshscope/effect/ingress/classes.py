"""Which Ingresses istiod takes.

https://istio.io/latest/docs/tasks/traffic-management/ingress/kubernetes-ingress/#specifying-ingressclass and
https://github.com/istio/istio/blob/master/pilot/pkg/config/kube/ingress/virtualservices.go (shouldProcessIngressWithClass)
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from meshscope.effect.written import Written
from meshscope.istio.kubernetes.ingress import Ingress
from meshscope.istio.mesh_config import MeshConfig

CLASS = "kubernetes.io/ingress.class"
CONTROLLER = "istio.io/ingress-controller"


class Refusal(Struct, frozen=True):
    """Why istiod does not take an Ingress, "" where it does; `is_known` is False where the input leaves that open."""

    because: str = ""
    is_known: bool = True


def refusal(one: Written[Ingress], settings: MeshConfig, controllers: Mapping[str, str]) -> Refusal:
    """`controllers` are those of the IngressClasses, by their names."""
    mode = settings.ingress_controller_mode
    if one.item.annotations.has(CLASS):
        named = one.item.annotations.get(CLASS)
        if mode == "OFF":
            return Refusal("the mesh reads no Ingresses (ingressControllerMode is OFF)")
        mine = settings.ingress_class
        return Refusal("" if named == mine else f"its class is {named}; the mesh takes {mine} (ingressClass)")
    if name := one.value.spec.ingress_class_name:
        controller = controllers.get(name)
        if controller is None:
            return Refusal(f"IngressClass {name} is not in this input", is_known=False)
        return Refusal("" if controller == CONTROLLER else f"its class {name} is served by {controller}, not by istiod")
    if mode == "DEFAULT":
        return Refusal()
    return Refusal(f"it has no class, and the mesh takes none without (ingressControllerMode is {mode})")
