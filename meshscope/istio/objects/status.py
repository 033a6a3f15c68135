"""What Istio writes back below `status` of each of its objects.

https://istio.io/latest/docs/reference/config/meta/v1beta1/istio-status/ and
https://istio.io/latest/docs/reference/config/analysis/
"""

from __future__ import annotations

from meshscope.typed import Typed


class IstioCondition(Typed, frozen=True, rename="camel"):
    """Times are RFC 3339. `status` is True, False or Unknown."""

    type: str = ""
    status: str = ""
    last_probe_time: str = ""
    last_transition_time: str = ""
    reason: str = ""
    message: str = ""
    observed_generation: int | str = 0


class MessageType(Typed, frozen=True):
    """`code` is IST0101 and the like."""

    name: str = ""
    code: str = ""


class AnalysisMessageBase(Typed, frozen=True, rename="camel"):
    """A finding of Istio's analysis."""

    type: MessageType | None = None
    level: str = "UNKNOWN"
    documentation_url: str = ""


class IstioStatus(Typed, frozen=True, rename="camel"):
    conditions: tuple[IstioCondition, ...] = ()
    validation_messages: tuple[AnalysisMessageBase, ...] = ()
    observed_generation: int | str = 0
