"""What controllers say of a policy. https://gateway-api.sigs.k8s.io/reference/spec/#policystatus"""

from __future__ import annotations

from meshscope.istio.gateway_api.conditions import Condition
from meshscope.istio.gateway_api.references import ParentReference
from meshscope.typed import Typed


class PolicyAncestorStatus(Typed, frozen=True, rename="camel"):
    """What one controller says of the policy at one Gateway."""

    ancestor_ref: ParentReference = ParentReference()
    controller_name: str = ""
    conditions: tuple[Condition, ...] = ()


class PolicyStatus(Typed, frozen=True):
    ancestors: tuple[PolicyAncestorStatus, ...] = ()
