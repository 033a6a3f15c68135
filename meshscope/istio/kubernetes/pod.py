"""Pod: its node, its addresses, its containers and their ports.

https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
"""

from __future__ import annotations

from msgspec import field

from meshscope.istio.kubernetes.metadata import Condition, ObjectMetadata
from meshscope.typed import Typed


class ContainerPort(Typed, frozen=True, rename="camel"):
    name: str = ""
    container_port: int = 0
    host_port: int = 0
    protocol: str = "TCP"


class EnvVar(Typed, frozen=True):
    """`value` is "" for a variable with `valueFrom`."""

    name: str = ""
    value: str = ""


class Container(Typed, frozen=True, rename="camel"):
    """An init container with `restart_policy` Always is a native sidecar."""

    name: str = ""
    image: str = ""
    ports: tuple[ContainerPort, ...] = ()
    env: tuple[EnvVar, ...] = ()
    restart_policy: str = ""

    @property
    def istio_metadata(self) -> tuple[EnvVar, ...]:
        """The variables that become the proxy's node metadata (ISTIO_META_…)."""
        return tuple(var for var in self.env if var.name.startswith("ISTIO_META_"))


class PodSpec(Typed, frozen=True, rename="camel"):
    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    host_network: bool = False
    service_account_name: str = "default"
    node_name: str = ""
    hostname: str = ""
    subdomain: str = ""


class PodIp(Typed, frozen=True):
    ip: str = ""


class StateDetail(Typed, frozen=True, rename="camel"):
    reason: str = ""
    exit_code: int = 0
    signal: int = 0


class ContainerState(Typed, frozen=True):
    waiting: StateDetail | None = None
    running: StateDetail | None = None
    terminated: StateDetail | None = None


class ContainerStatus(Typed, frozen=True, rename="camel"):
    name: str = ""
    ready: bool = False
    started: bool = False
    restart_count: int = 0
    state: ContainerState = ContainerState()


class PodStatus(Typed, frozen=True, rename="camel"):
    phase: str = ""
    reason: str = ""
    pod_ip: str = field(default="", name="podIP")
    pod_ips: tuple[PodIp, ...] = field(default=(), name="podIPs")
    host_ip: str = field(default="", name="hostIP")
    conditions: tuple[Condition, ...] = ()
    container_statuses: tuple[ContainerStatus, ...] = ()
    init_container_statuses: tuple[ContainerStatus, ...] = ()


class Pod(Typed, frozen=True):
    metadata: ObjectMetadata = ObjectMetadata()
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()

    @property
    def addresses(self) -> tuple[str, ...]:
        status = self.status
        return tuple(entry.ip for entry in status.pod_ips if entry.ip) or ((status.pod_ip,) if status.pod_ip else ())

    @property
    def ready(self) -> bool | None:
        """The Ready condition; None if the manifest has none."""
        return next((c.status == "True" for c in self.status.conditions if c.type == "Ready"), None)
