"""WorkloadGroup: what WorkloadEntries of machines that register themselves are made of.

https://istio.io/latest/docs/reference/config/networking/workload-group/
"""

from __future__ import annotations

from meshscope.istio.labels import Labels
from meshscope.istio.objects.status import IstioStatus
from meshscope.istio.objects.workload import WorkloadEntrySpec
from meshscope.typed import Typed


class GroupMetadata(Typed, frozen=True):
    """`WorkloadGroup.ObjectMeta`: of the entries."""

    labels: Labels = Labels()
    annotations: Labels = Labels()


class HTTPHeader(Typed, frozen=True):
    name: str = ""
    value: str = ""


class HTTPHealthCheckConfig(Typed, frozen=True, rename="camel"):
    path: str = ""
    port: int = 0
    host: str = ""
    scheme: str = ""
    http_headers: tuple[HTTPHeader, ...] = ()


class TCPHealthCheckConfig(Typed, frozen=True):
    host: str = ""
    port: int = 0


class ExecHealthCheckConfig(Typed, frozen=True):
    command: tuple[str, ...] = ()


class GrpcHealthCheckConfig(Typed, frozen=True):
    port: int = 0
    service: str = ""


class ReadinessProbe(Typed, frozen=True, rename="camel"):
    """One of the last four. Times are in seconds; 0 is the default."""

    initial_delay_seconds: int = 0
    timeout_seconds: int = 0
    period_seconds: int = 0
    success_threshold: int = 0
    failure_threshold: int = 0
    http_get: HTTPHealthCheckConfig | None = None
    tcp_socket: TCPHealthCheckConfig | None = None
    exec: ExecHealthCheckConfig | None = None
    grpc: GrpcHealthCheckConfig | None = None


class WorkloadGroupSpec(Typed, frozen=True):
    metadata: GroupMetadata | None = None
    template: WorkloadEntrySpec = WorkloadEntrySpec()
    probe: ReadinessProbe | None = None


class WorkloadGroup(Typed, frozen=True):
    spec: WorkloadGroupSpec = WorkloadGroupSpec()
    status: IstioStatus = IstioStatus()
