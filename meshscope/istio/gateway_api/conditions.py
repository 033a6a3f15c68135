"""What a controller says of an object. https://gateway-api.sigs.k8s.io/reference/spec/#routestatus"""

from __future__ import annotations

from meshscope.istio.gateway_api.references import ParentReference
from meshscope.typed import Typed


class Condition(Typed, frozen=True, rename="camel"):
    """`status` is True, False or Unknown, the time RFC 3339."""

    type: str = ""
    status: str = ""
    observed_generation: int = 0
    last_transition_time: str = ""
    reason: str = ""
    message: str = ""


class RouteParentStatus(Typed, frozen=True, rename="camel"):
    """What one controller says of a route at one parent."""

    parent_ref: ParentReference = ParentReference()
    controller_name: str = ""
    conditions: tuple[Condition, ...] = ()


class RouteStatus(Typed, frozen=True):
    parents: tuple[RouteParentStatus, ...] = ()
