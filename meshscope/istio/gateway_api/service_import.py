"""ServiceImport: a service of several clusters, under a name that is the same in each.

https://multicluster.sigs.k8s.io/concepts/multicluster-services-api/
"""

from __future__ import annotations

from msgspec import field

from meshscope.istio.gateway_api.conditions import Condition
from meshscope.typed import Typed

GROUP = "multicluster.x-k8s.io"


class ImportedPort(Typed, frozen=True, rename="camel"):
    name: str = ""
    port: int = 0
    protocol: str = "TCP"
    app_protocol: str = ""


class ClientIPConfig(Typed, frozen=True, rename="camel"):
    timeout_seconds: int = 0


class SessionAffinityConfig(Typed, frozen=True, rename="camel"):
    client_ip: ClientIPConfig | None = field(default=None, name="clientIP")


class ServiceImportSpec(Typed, frozen=True, rename="camel"):
    """`type` is ClusterSetIP or Headless; the former has `ips`."""

    type: str = ""
    ips: tuple[str, ...] = ()
    ports: tuple[ImportedPort, ...] = ()
    session_affinity: str = ""
    session_affinity_config: SessionAffinityConfig | None = None
    ip_families: tuple[str, ...] = ()
    internal_traffic_policy: str = ""
    traffic_distribution: str = ""


class ClusterStatus(Typed, frozen=True):
    cluster: str = ""


class ServiceImportStatus(Typed, frozen=True):
    """The clusters that export the service."""

    clusters: tuple[ClusterStatus, ...] = ()
    conditions: tuple[Condition, ...] = ()


class ServiceImport(Typed, frozen=True):
    spec: ServiceImportSpec = ServiceImportSpec()
    status: ServiceImportStatus = ServiceImportStatus()
