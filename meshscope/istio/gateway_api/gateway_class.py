"""GatewayClass: who runs Gateways. https://gateway-api.sigs.k8s.io/reference/spec/#gatewayclass"""

from __future__ import annotations

from meshscope.istio.gateway_api.conditions import Condition
from meshscope.istio.gateway_api.references import ParametersReference
from meshscope.typed import Typed


class GatewayClassSpec(Typed, frozen=True, rename="camel"):
    """Istio's controllers are `istio.io/gateway-controller`, `istio.io/mesh-controller` and the like."""

    controller_name: str = ""
    parameters_ref: ParametersReference | None = None
    description: str = ""


class SupportedFeature(Typed, frozen=True):
    name: str = ""


class GatewayClassStatus(Typed, frozen=True, rename="camel"):
    conditions: tuple[Condition, ...] = ()
    supported_features: tuple[SupportedFeature, ...] = ()


class GatewayClass(Typed, frozen=True):
    spec: GatewayClassSpec = GatewayClassSpec()
    status: GatewayClassStatus = GatewayClassStatus()
