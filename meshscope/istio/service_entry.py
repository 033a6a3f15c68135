"""ServiceEntry: hosts outside Kubernetes' services. https://istio.io/latest/docs/reference/config/networking/service-entry/"""

from __future__ import annotations

from msgspec import Struct

from meshscope.istio.decoding import decode_slice
from meshscope.istio.labels import Labels
from meshscope.istio.manifest import Object
from meshscope.snapshot.snapshot import Problem


class EntryPort(Struct, frozen=True, rename="camel"):
    """A `target_port` of 0 means `number`."""

    number: int = 0
    name: str = ""
    protocol: str = ""
    target_port: int = 0


class EntryEndpoint(Struct, frozen=True):
    """`address` is an IP, a host name or a socket; `ports` maps the entry's port names to numbers."""

    address: str = ""
    ports: dict[str, int] = {}


class WorkloadSelector(Struct, frozen=True):
    labels: Labels = Labels()


class ServiceEntrySpec(Struct, frozen=True, rename="camel"):
    hosts: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    ports: tuple[EntryPort, ...] = ()
    endpoints: tuple[EntryEndpoint, ...] = ()
    resolution: str = "NONE"
    location: str = "MESH_EXTERNAL"
    workload_selector: WorkloadSelector | None = None


class StatusAddress(Struct, frozen=True):
    value: str = ""


class ServiceEntryStatus(Struct, frozen=True):
    """`addresses` are allocated by Istio (since 1.25)."""

    addresses: tuple[StatusAddress, ...] = ()


class ServiceEntry(Struct, frozen=True):
    spec: ServiceEntrySpec = ServiceEntrySpec()
    status: ServiceEntryStatus = ServiceEntryStatus()


def read_service_entry(item: Object) -> ServiceEntry | Problem:
    return decode_slice(item.body, ServiceEntry, item.location.document.name, str(item))
