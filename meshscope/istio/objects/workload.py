"""One workload outside Kubernetes: an object of its own, an endpoint of a ServiceEntry, or a WorkloadGroup's template.

https://istio.io/latest/docs/reference/config/networking/workload-entry/#WorkloadEntry
"""

from __future__ import annotations

from meshscope.istio.labels import Labels
from meshscope.typed import Typed


class WorkloadEntrySpec(Typed, frozen=True, rename="camel"):
    """`address` is an IP, a host name or a socket (`unix://…`); `ports` maps names of ports to numbers. A weight of 0 is 1."""

    address: str = ""
    ports: dict[str, int] = {}
    labels: Labels = Labels()
    network: str = ""
    locality: str = ""
    weight: int = 0
    service_account: str = ""
