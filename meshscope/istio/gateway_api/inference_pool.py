"""InferencePool: pods that serve a model, of which an endpoint picker chooses one for each request.

https://gateway-api-inference-extension.sigs.k8s.io/reference/spec/#inferencepool
"""

from __future__ import annotations

from meshscope.istio.gateway_api.conditions import Condition
from meshscope.istio.gateway_api.references import ParentGatewayReference
from meshscope.istio.labels import Labels
from meshscope.typed import Typed

GROUP = "inference.networking.k8s.io"


class PoolSelector(Typed, frozen=True, rename="camel"):
    match_labels: Labels = Labels()


class PoolPort(Typed, frozen=True):
    number: int = 0


class EndpointPickerRef(Typed, frozen=True, rename="camel"):
    """A Service of the same namespace. `failure_mode` is FailClose or FailOpen."""

    group: str = ""
    kind: str = "Service"
    name: str = ""
    port: PoolPort | None = None
    failure_mode: str = "FailClose"


class InferencePoolSpec(Typed, frozen=True, rename="camel"):
    selector: PoolSelector = PoolSelector()
    target_ports: tuple[PoolPort, ...] = ()
    app_protocol: str = ""
    endpoint_picker_ref: EndpointPickerRef = EndpointPickerRef()


class PoolParentStatus(Typed, frozen=True, rename="camel"):
    """What one controller says of the pool at one Gateway."""

    parent_ref: ParentGatewayReference = ParentGatewayReference()
    controller_name: str = ""
    conditions: tuple[Condition, ...] = ()


class InferencePoolStatus(Typed, frozen=True):
    parents: tuple[PoolParentStatus, ...] = ()


class InferencePool(Typed, frozen=True):
    spec: InferencePoolSpec = InferencePoolSpec()
    status: InferencePoolStatus = InferencePoolStatus()
