"""ServiceEntry: hosts outside Kubernetes' services. https://istio.io/latest/docs/reference/config/networking/service-entry/"""

from __future__ import annotations

from meshscope.istio.objects.selectors import WorkloadSelector
from meshscope.istio.objects.status import IstioStatus
from meshscope.istio.objects.workload import WorkloadEntrySpec
from meshscope.typed import Typed


class ServicePort(Typed, frozen=True, rename="camel"):
    """A `target_port` of 0 means `number`."""

    number: int = 0
    protocol: str = ""
    name: str = ""
    target_port: int = 0


class ServiceEntrySpec(Typed, frozen=True, rename="camel"):
    hosts: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    ports: tuple[ServicePort, ...] = ()
    location: str = "MESH_EXTERNAL"
    resolution: str = "NONE"
    endpoints: tuple[WorkloadEntrySpec, ...] = ()
    workload_selector: WorkloadSelector | None = None
    export_to: tuple[str, ...] = ()
    subject_alt_names: tuple[str, ...] = ()


class ServiceEntryAddress(Typed, frozen=True):
    value: str = ""
    host: str = ""


class ServiceEntryStatus(IstioStatus, frozen=True, rename="camel"):
    """`addresses` are allocated by Istio (since 1.25)."""

    addresses: tuple[ServiceEntryAddress, ...] = ()


class ServiceEntry(Typed, frozen=True):
    spec: ServiceEntrySpec = ServiceEntrySpec()
    status: ServiceEntryStatus = ServiceEntryStatus()
