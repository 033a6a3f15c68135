"""DestinationRule: how clients connect to a host, and its subsets.

https://istio.io/latest/docs/reference/config/networking/destination-rule/
"""

from __future__ import annotations

from meshscope.istio.labels import Labels
from meshscope.istio.objects.selectors import PolicySelector
from meshscope.istio.objects.status import IstioStatus
from meshscope.istio.objects.traffic_policy import TrafficPolicy
from meshscope.typed import Typed


class Subset(Typed, frozen=True, rename="camel"):
    """The endpoints with these labels. Each member of its policy replaces that of the whole host."""

    name: str = ""
    labels: Labels = Labels()
    traffic_policy: TrafficPolicy | None = None


class DestinationRuleSpec(Typed, frozen=True, rename="camel"):
    """A short `host` is of the object's own namespace."""

    host: str = ""
    traffic_policy: TrafficPolicy | None = None
    subsets: tuple[Subset, ...] = ()
    export_to: tuple[str, ...] = ()
    workload_selector: PolicySelector | None = None


class DestinationRule(Typed, frozen=True):
    spec: DestinationRuleSpec = DestinationRuleSpec()
    status: IstioStatus = IstioStatus()
