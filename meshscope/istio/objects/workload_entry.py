"""WorkloadEntry: a workload outside Kubernetes. https://istio.io/latest/docs/reference/config/networking/workload-entry/"""

from __future__ import annotations

from meshscope.istio.objects.status import IstioStatus
from meshscope.istio.objects.workload import WorkloadEntrySpec
from meshscope.typed import Typed


class WorkloadEntry(Typed, frozen=True):
    spec: WorkloadEntrySpec = WorkloadEntrySpec()
    status: IstioStatus = IstioStatus()
