"""What an object applies to: pods by their labels, or other objects by reference.

https://istio.io/latest/docs/reference/config/type/workload-selector/
"""

from __future__ import annotations

from meshscope.istio.labels import Labels
from meshscope.typed import Typed


class PolicySelector(Typed, frozen=True, rename="camel"):
    """`type.v1beta1.WorkloadSelector` of policies, telemetry, extensions and destination rules. Empty selects all pods."""

    match_labels: Labels = Labels()


class WorkloadSelector(Typed, frozen=True):
    """`networking.WorkloadSelector` of Sidecar, ServiceEntry and EnvoyFilter."""

    labels: Labels = Labels()


class PolicyTargetReference(Typed, frozen=True):
    """A Gateway, GatewayClass, Service or ServiceEntry. `namespace` must be the object's own, or absent."""

    group: str = ""
    kind: str = ""
    name: str = ""
    namespace: str = ""
